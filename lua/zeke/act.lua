---Whether a key was typed since the person last told Zeke to do something.
---A window may take the focus only as long as none was: then nobody is typing elsewhere.
local M = {}

local keys = 0
local marked = -1
local listening

---The person just acted through Zeke.
function M.mark()
  if not listening then
    listening = vim.on_key(function(_, typed)
      if typed ~= "" then
        keys = keys + 1
      end
    end)
  end
  marked = keys
end

---@return boolean fresh no key since the last act, no macro is recorded, and Neovim waits for a
---plain command
function M.fresh()
  return keys == marked
    and vim.fn.reg_recording() == ""
    and vim.api.nvim_get_mode().mode == "n"
    and vim.fn.state("mo") == ""
    and vim.fn.getcmdwintype() == ""
end

---@return fun(): boolean alone whether the person did nothing since now, so that a list may open
function M.since()
  M.mark()
  local at, window = keys, vim.api.nvim_get_current_win()
  return function()
    return keys == at and window == vim.api.nvim_get_current_win() and M.fresh()
  end
end

return M
