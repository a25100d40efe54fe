---Text that grows at one place of a buffer, whatever else happens there.
---Each delta is one `nvim_buf_set_text`: nothing is redrawn by force, and a cursor moves only when
---it stood on the last line and its owner is not typing.
local api = vim.api

local namespace = api.nvim_create_namespace("zeke-stream")

---@class zeke.Stream
---@field buffer integer
---@field mark integer
---@field empty boolean nothing came yet
local Stream = {}
Stream.__index = Stream

---@param buffer integer
---@return zeke.Stream at the end of the buffer
function Stream.new(buffer)
  local last = api.nvim_buf_line_count(buffer) - 1
  local text = api.nvim_buf_get_lines(buffer, last, last + 1, false)[1]
  local mark = api.nvim_buf_set_extmark(buffer, namespace, last, #text, {})
  return setmetatable({ buffer = buffer, mark = mark, empty = true }, Stream)
end

---@param buffer integer
---@return integer[] windows whose cursor follows the text
function Stream.followers(buffer)
  local found = {}
  local count = api.nvim_buf_line_count(buffer)
  local typing = api.nvim_get_mode().mode:match("^[^n]") and api.nvim_get_current_win()
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    if window ~= typing and api.nvim_win_get_cursor(window)[1] == count then
      found[#found + 1] = window
    end
  end
  return found
end

---The next change belongs to what was streamed so far: one `u` takes all of it back.
function Stream:join()
  if not self.empty and api.nvim_get_current_buf() == self.buffer then
    pcall(vim.cmd.undojoin) -- refused after an undo: then it is a step of its own
  end
end

---@param text string
---@return boolean still_there
function Stream:append(text)
  local buffer = self.buffer
  if not api.nvim_buf_is_loaded(buffer) then
    return false
  end
  local at = api.nvim_buf_get_extmark_by_id(buffer, namespace, self.mark, {})
  if not at[1] then
    return false
  end
  self:join()
  self.empty = self.empty and text == ""
  local follow = Stream.followers(buffer)
  local lines = vim.split(text, "\n", { plain = true })
  if not pcall(api.nvim_buf_set_text, buffer, at[1], at[2], at[1], at[2], lines) then
    vim.bo[buffer].modifiable = true
    api.nvim_buf_set_text(buffer, at[1], at[2], at[1], at[2], lines)
    vim.bo[buffer].modifiable = false
  end
  -- At its end, because a paragraph can be longer than the window is high.
  local last = api.nvim_buf_line_count(buffer)
  for _, window in ipairs(follow) do
    api.nvim_win_set_cursor(window, { last, vim.v.maxcol })
  end
  return true
end

---@return integer? row from 0, of the end of the text
function Stream:row()
  return api.nvim_buf_get_extmark_by_id(self.buffer, namespace, self.mark, {})[1]
end

---Put a sentence where the text ended early.
---@param message string
function Stream:stopped(message)
  local gap = self.empty and "" or "\n\n"
  self:append(gap .. Stream.NOTE .. message)
end

---How a note that is not part of the answer begins.
Stream.NOTE = "> **Stopped:** "

return Stream
