---Findings where Neovim's own commands see them: diagnostics, one namespace for each kind, and one
---quickfix list of everything.
local M = {}

local api = vim.api

local SEVERITY = {
  error = vim.diagnostic.severity.ERROR,
  warning = vim.diagnostic.severity.WARN,
  info = vim.diagnostic.severity.INFO,
  hint = vim.diagnostic.severity.HINT,
}
local TYPE = { error = "E", warning = "W", info = "I", hint = "N" }
local TITLE = "Zeke findings"

local list ---@type integer? the id of our quickfix list

---@param looked zeke.Looked
---@param kind string
local function diagnose_kind(looked, kind)
  local findings = require("zeke.analyze.findings")
  local last = api.nvim_buf_is_loaded(looked.buffer) and api.nvim_buf_line_count(looked.buffer)
  local set = vim.tbl_map(function(finding)
    local line = findings.line(looked, finding)
    local advice = finding.suggestion ~= "" and "\n" .. finding.suggestion or ""
    return {
      lnum = (last and math.min(line, last) or line) - 1,
      col = 0,
      severity = SEVERITY[finding.severity] or SEVERITY.info,
      message = finding.message .. advice,
      source = "zeke " .. kind,
      code = kind,
    }
  end, findings.standing(looked, kind))
  vim.diagnostic.set(api.nvim_create_namespace("zeke-analyze-" .. kind), looked.buffer, set)
end

---@param looked zeke.Looked whose diagnostics are made anew
function M.diagnose(looked)
  for _, kind in ipairs(looked.kinds) do
    diagnose_kind(looked, kind)
  end
end

---@param looked zeke.Looked
---@return table[] items of a quickfix list, by line
local function items(looked)
  local findings = require("zeke.analyze.findings")
  local found = vim.tbl_map(function(finding)
    local text = finding.suggestion ~= "" and finding.message .. " " .. finding.suggestion
      or finding.message
    return {
      bufnr = looked.buffer,
      lnum = findings.line(looked, finding),
      col = 1,
      type = TYPE[finding.severity] or TYPE.info,
      text = ("%s: %s"):format(finding.kind, (text:gsub("%s+", " "))),
    }
  end, findings.standing(looked))
  table.sort(found, function(one, other)
    return one.lnum < other.lnum
  end)
  return found
end

---@return integer count of all findings that stand
local function fill()
  local all = {}
  for _, looked in ipairs(require("zeke.analyze.findings").files()) do
    vim.list_extend(all, items(looked))
  end
  local what = { title = TITLE, items = all }
  if list and vim.fn.getqflist({ id = list, title = 1 }).title == TITLE then
    what.id = list
    vim.fn.setqflist({}, "r", what)
  else
    vim.fn.setqflist({}, " ", what)
    list = vim.fn.getqflist({ id = 0 }).id
  end
  return #all
end

---@param buffers integer[] whose findings have changed; their diagnostics are made anew
---@return integer count of all findings that stand
function M.run(buffers)
  for _, looked in ipairs(require("zeke.analyze.findings").files()) do
    if vim.tbl_contains(buffers, looked.buffer) then
      M.diagnose(looked)
    end
  end
  return fill()
end

---@param dropped zeke.Looked[] whose findings stand nowhere any more
function M.clear(dropped)
  for _, looked in ipairs(dropped) do
    for _, kind in ipairs(looked.kinds) do
      vim.diagnostic.reset(api.nvim_create_namespace("zeke-analyze-" .. kind), looked.buffer)
    end
  end
  fill()
end

return M
