---Rows of a buffer that are marked and stay so while text moves; a mark goes with its line. Does
---not know what a mark is for.
local M = {}

local api = vim.api

---@param buffer integer
---@param namespace integer
---@param row integer from 0
function M.mark(buffer, namespace, row)
  local line = api.nvim_buf_get_lines(buffer, row, row + 1, false)[1]
  api.nvim_buf_set_extmark(buffer, namespace, row, 0, { end_col = #line, invalidate = true })
end

---@param buffer integer
---@param namespace integer
---@return table<integer, true> rows from 1
function M.marked(buffer, namespace)
  local rows = {}
  for _, at in ipairs(api.nvim_buf_get_extmarks(buffer, namespace, 0, -1, { details = true })) do
    if not at[4].invalid then
      rows[at[2] + 1] = true
    end
  end
  return rows
end

return M
