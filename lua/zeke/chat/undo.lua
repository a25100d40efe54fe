---The undo steps of a chat: what Zeke puts there for the person is one, and what they type another.
local M = {}

local api = vim.api

---What is done from here on is a step of its own.
---@param buffer integer
function M.step(buffer)
  vim.bo[buffer].undolevels = vim.bo[buffer].undolevels -- `:help undo-break`
  local typing = api.nvim_get_current_buf() == buffer and api.nvim_get_mode().mode:find("^[iR]")
  if typing then
    -- What is typed next as well; by keys, because nothing else tells Insert mode.
    api.nvim_feedkeys(vim.keycode("<C-g>u"), "ni", false)
  end
end

---What is done next belongs to the step before it, where it can.
---@param buffer integer
function M.join(buffer)
  api.nvim_buf_call(buffer, function()
    pcall(vim.cmd.undojoin) -- not after an undo
  end)
end

return M
