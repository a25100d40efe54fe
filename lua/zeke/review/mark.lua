---A word at the first line of a range while something works on it.
local M = {}

local namespace = vim.api.nvim_create_namespace("zeke-mark")

---@param range zeke.Range
---@param text string
function M.set(range, text)
  require("zeke.highlight")
  vim.api.nvim_buf_set_extmark(range.buffer, namespace, range.first - 1, 0, {
    virt_text = { { text, "ZekeHint" } },
    virt_text_pos = "eol",
  })
end

---@param buffer integer
function M.clear(buffer)
  if vim.api.nvim_buf_is_valid(buffer) then
    vim.api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  end
end

return M
