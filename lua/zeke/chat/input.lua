---The end of a chat's buffer, where the next question is written.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local headings = require("zeke.chat.headings")
local stream = require("zeke.stream")

---@param buffer integer
---@return boolean a heading of the person's stands last
function M.ready(buffer)
  local last = headings.last(buffer)
  return last ~= nil and last.role == "user"
end

---@param buffer integer
---@return integer? row from 0, of its first line; nil: an answer stands last
function M.first(buffer)
  local last = headings.last(buffer)
  if not last then
    return 0 -- Whatever stands there was written by the person.
  end
  return last.role == "user" and last.row or nil
end

---@param buffer integer
---@return string the draft, without empty lines around it
function M.get(buffer)
  local first = M.first(buffer)
  local lines = first and api.nvim_buf_get_lines(buffer, first, -1, false) or {}
  return vim.trim(table.concat(lines, "\n"))
end

---Make room for a question where there is none. A text without any heading is one: it gets its own.
---@param buffer integer
function M.ensure(buffer)
  if M.ready(buffer) then
    return
  end
  local row, room = 0, { conversation.YOU, "" }
  if headings.last(buffer) then
    row, room = api.nvim_buf_line_count(buffer), { "", conversation.YOU, "", "" }
  end
  stream.change(buffer, function()
    api.nvim_buf_set_lines(buffer, row, row, false, room)
  end)
  headings.set(buffer, row == 0 and 0 or row + 1)
end

---@param buffer integer
---@param text string instead of the draft
function M.set(buffer, text)
  M.ensure(buffer)
  local first = M.first(buffer) --[[@as integer]]
  local lines = vim.list_extend({ "" }, vim.split(text, "\n", { plain = true }))
  stream.change(buffer, function()
    api.nvim_buf_set_lines(buffer, first, -1, false, lines)
  end)
end

---@param buffer integer
---@param text string after the draft
function M.add(buffer, text)
  local draft = M.get(buffer)
  M.set(buffer, draft == "" and text or draft .. "\n" .. text)
end

---@param buffer integer
---@param windows integer[]? default: the current one, if it shows the buffer
function M.enter(buffer, windows)
  if not windows then
    local here = api.nvim_get_current_win()
    windows = api.nvim_win_get_buf(here) == buffer and { here } or {}
  end
  local count = api.nvim_buf_line_count(buffer)
  for _, window in ipairs(windows) do
    local last = api.nvim_buf_get_lines(buffer, count - 1, count, false)[1]
    api.nvim_win_set_cursor(window, { count, #last })
  end
end

---@param buffer integer
---@return integer[] windows whose cursor stands in the input
function M.windows(buffer)
  local first = M.first(buffer)
  return vim.tbl_filter(function(window)
    return first ~= nil and api.nvim_win_get_cursor(window)[1] > first
  end, vim.fn.win_findbuf(buffer))
end

return M
