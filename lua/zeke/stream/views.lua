---The windows and marks of a buffer, kept while its text is taken away and put there again.
local M = {}

local api = vim.api

---@param buffer integer
---@param row integer from 0: rows are added below that one
---@param added integer how many
---@return fun(moved: boolean?) back as they were; moved: undo has put the cursor where it should be
function M.keep(buffer, row, added)
  ---@param lnum integer
  ---@return integer
  local function shifted(lnum)
    return lnum + (lnum > row + 1 and added or 0)
  end
  local current = api.nvim_get_current_win()
  local views = {} ---@type table<integer, vim.fn.winsaveview.ret>
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local view = api.nvim_win_call(window, vim.fn.winsaveview)
    view.lnum, view.topline = shifted(view.lnum), shifted(view.topline)
    views[window] = view
  end
  local marks = vim.fn.getmarklist(buffer)
  return function(moved)
    for _, mark in ipairs(moved and {} or marks) do
      local name = mark.mark:match("^'([%l<>])$")
      if name then
        local at = mark.pos --[[@as integer[] ]]
        pcall(api.nvim_buf_set_mark, buffer, name, shifted(at[2]), at[3] - 1, {})
      end
    end
    for window, view in pairs(views) do
      local own = moved and window == current
      api.nvim_win_call(window, function()
        vim.fn.winrestview(own and { topline = view.topline } or view)
      end)
      if window ~= current then
        -- Only so is a window scrolled that is not current.
        api.nvim_win_set_cursor(window, api.nvim_win_get_cursor(window))
      end
    end
  end
end

return M
