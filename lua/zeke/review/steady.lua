---While the cursor is at a hunk, 'scrolloff' does not push its end, or its keys, out of the window.
local M = {}

local api = vim.api

---The last line with which some of a hunk can be seen: the one that follows it.
---@param view zeke.View
---@param index integer
---@return integer row from 0
function M.last(view, index)
  local past = view:row(index) + math.max(#view.file.hunks[index].old, 1)
  return math.min(past, api.nvim_buf_line_count(view.buffer) - 1)
end

---@param view zeke.View
---@param index integer
---@param window integer
---@return boolean
function M.at(view, index, window)
  local row = api.nvim_win_get_cursor(window)[1] - 1
  local there = view.file.hunks[index] ~= nil -- none fits the text as it is now
  return there and row >= view:row(index) and row <= M.last(view, index)
end

---@param view zeke.View
---@param index integer
---@param window integer that shows it
function M.hold(view, index, window)
  require("zeke.steady").hold(window, function()
    return M.at(view, index, window)
  end)
end

return M
