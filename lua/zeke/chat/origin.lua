---Where the person was before they went to a chat: what `@buffer` and `@selection` mean there.
local M = {}

local api = vim.api

local before ---@type {buffer: integer, cursor: integer[]}?

---@param buffer integer
---@return boolean a text of the person's own, and no window of a plugin
local function ordinary(buffer)
  return api.nvim_buf_is_loaded(buffer)
    and vim.bo[buffer].buftype == ""
    and vim.fn.win_gettype() == ""
end

---Take the current window's place, if it is one to ask about.
function M.mark()
  local buffer = api.nvim_get_current_buf()
  if ordinary(buffer) then
    before = { buffer = buffer, cursor = api.nvim_win_get_cursor(0) }
  end
end

---From now on every buffer that is left is remembered.
function M.track()
  M.mark()
  api.nvim_create_autocmd({ "BufLeave", "WinLeave" }, {
    group = api.nvim_create_augroup("zeke-chat-origin", {}),
    callback = M.mark,
  })
end

---@class zeke.Origin
---@field buffer integer
---@field cursor integer[] as `nvim_win_get_cursor()` has it
---@field range zeke.Range? what was last selected there

---@return zeke.Origin?
function M.get()
  if not before or not api.nvim_buf_is_loaded(before.buffer) then
    return nil
  end
  local buffer = before.buffer
  local first = api.nvim_buf_get_mark(buffer, "<")[1]
  local last = api.nvim_buf_get_mark(buffer, ">")[1]
  local range = first > 0 and last >= first and { buffer = buffer, first = first, last = last }
  return { buffer = buffer, cursor = before.cursor, range = range or nil }
end

return M
