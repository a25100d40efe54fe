---Which questions of a chat have not reached its agent: it was not started, or something that was
---asked first was denied. They go with the next question. One that did reach it does not go a
---second time, whatever became of its answer: who stops an order does not want to give it again.
local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("zeke-chat-heard")

---The last question is sent: until its agent has it, it counts as not heard.
---@param buffer integer
function M.sent(buffer)
  local heading = require("zeke.chat.headings").last(buffer)
  local row = heading.row - 1
  require("zeke.chat.rows").mark(buffer, namespace, row)
end

---The agent has what was sent, with everything that it had not heard before.
---@param buffer integer
function M.reached(buffer)
  if api.nvim_buf_is_valid(buffer) then
    api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  end
end

---@param buffer integer
---@return table<integer, true> rows from 1, of their headings
function M.missed(buffer)
  return require("zeke.chat.rows").marked(buffer, namespace)
end

return M
