---While text grows below what is read in a chat, the views of its windows stay.
local M = {}

local api = vim.api

local growing = {} ---@type table<integer, boolean> by buffer

---Call before text grows in a buffer.
---@param buffer integer
function M.hold(buffer)
  growing[buffer] = true
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    require("zeke.steady").hold(window, function()
      return growing[buffer] or window ~= api.nvim_get_current_win()
    end)
  end
end

---Nothing grows there any more: each window scrolls as before as soon as its cursor moves.
---@param buffer integer
function M.release(buffer)
  growing[buffer] = nil
end

return M
