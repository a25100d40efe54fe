---A chat of which nothing was sent yet: it is worth keeping as soon as something is written there.
local M = {}

local conversation = require("zeke.chat.conversation")

---@param lines string[] of a chat
---@param own table<integer, true> rows of its headings
---@return string? question that is not sent yet; nil: nothing is written
function M.question(lines, own)
  if #conversation.headings(lines, own) == 0 then -- It gets one when it is sent.
    local text = vim.trim(table.concat(lines, "\n"))
    return text ~= "" and text or nil
  end
  return conversation.questions(conversation.parse(lines, own))[1]
end

---@param lines string[]
---@param own table<integer, true>
---@return string? question that was the first to be sent, whatever became of it
function M.sent(lines, own)
  local answered = vim.iter(conversation.headings(lines, own)):any(function(heading)
    return heading.role == "assistant"
  end)
  return answered and M.question(lines, own) or nil
end

---What is kept of it besides the text. Its agent has heard nothing, so there is nothing to go on
---with there.
---@param file zeke.ChatFile
---@param chat zeke.Chat
---@return zeke.ChatFile
function M.only(file, chat)
  for _, place in ipairs({ vim.fn.getcwd(), require("zeke.chat.home").of(chat) }) do
    if not vim.list_contains(file.places, place) then
      table.insert(file.places, place)
    end
  end
  file.agent = file.agent and { name = file.agent.name, command = file.agent.command }
  return file
end

return M
