---The highlight groups, each a link that a colour scheme or a person may override.
local M = {}

M.links = {
  ZekeAdd = "DiffAdd",
  ZekeDelete = "DiffDelete",
  ZekeAddWord = "DiffText",
  ZekeDeleteWord = "DiffText",
  ZekeAccepted = "DiagnosticOk",
  ZekeRejected = "DiagnosticError",
  ZekeHint = "Comment",
  ZekeTitle = "Title",
  ZekeKey = "Special",
  ZekeRiskLow = "DiagnosticOk",
  ZekeRiskMedium = "DiagnosticWarn",
  ZekeRiskHigh = "DiagnosticError",
  ZekeInfo = "Normal",
  ZekeWarn = "DiagnosticWarn",
  ZekeError = "DiagnosticError",
  ZekePrompt = "NormalFloat",
  ZekeBorder = "FloatBorder",
  ZekeNote = "Comment",
  ZekeAdded = "Added",
  ZekeRemoved = "Removed",
  ZekeGhost = "NonText",
}

M.namespace = vim.api.nvim_create_namespace("zeke")

for group, target in pairs(M.links) do
  vim.api.nvim_set_hl(0, group, { link = target, default = true })
end

return M
