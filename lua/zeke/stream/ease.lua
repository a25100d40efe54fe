---Buffers with a line that is far longer than any window: what makes Neovim look at all of it each
---time it draws a part is turned off there.
local M = {}

local api = vim.api

M.LONG = 4096 -- bytes
local eased = {} ---@type table<integer, true> by buffer

---@param window integer
local function relieve(window)
  vim.wo[window][0].linebreak = false
end

---@param buffer integer
---@return boolean
function M.is(buffer)
  return eased[buffer] == true
end

---@param buffer integer with a long line in it
function M.buffer(buffer)
  if eased[buffer] then
    return
  end
  eased[buffer] = true
  pcall(vim.treesitter.stop, buffer)
  vim.bo[buffer].syntax = ""
  vim.tbl_map(relieve, vim.fn.win_findbuf(buffer))
  api.nvim_create_autocmd("BufWipeout", {
    buffer = buffer,
    once = true,
    callback = function()
      eased[buffer] = nil
    end,
  })
end

---@param buffer integer
---@param lines string[] of it
function M.lines(buffer, lines)
  for _, line in ipairs(lines) do
    if #line > M.LONG then
      return M.buffer(buffer)
    end
  end
end

return M
