---Which lines of a chat's buffer are headings. Those that Zeke has set are marked, and stay
---headings whatever stands around them; others are told by the text.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")

local namespace = api.nvim_create_namespace("zeke-chat-headings")

---@param buffer integer
---@param row integer from 0
function M.set(buffer, row)
  require("zeke.chat.rows").mark(buffer, namespace, row)
end

---@param buffer integer
---@return table<integer, true> rows from 1
function M.own(buffer)
  return require("zeke.chat.rows").marked(buffer, namespace)
end

---@param buffer integer
---@return zeke.Heading[]
function M.all(buffer)
  return conversation.headings(api.nvim_buf_get_lines(buffer, 0, -1, false), M.own(buffer))
end

---@param buffer integer
---@param row integer from 1
---@return zeke.Heading? at or above that line
---@return zeke.Heading? following
function M.around(buffer, row)
  local here
  for _, heading in ipairs(M.all(buffer)) do
    if heading.row > row then
      return here, heading
    end
    here = heading
  end
  return here
end

---@param buffer integer
---@return zeke.Heading?
function M.last(buffer)
  local found = M.all(buffer)
  return found[#found]
end

---A text that was saved: those lines of it are headings.
---@param buffer integer
---@param rows any of the file, from 1
function M.restore(buffer, rows)
  local lines = api.nvim_buf_get_lines(buffer, 0, -1, false)
  for row in pairs(conversation.own(rows, lines)) do
    M.set(buffer, row - 1)
  end
end

return M
