---Why the person did not take code of a chat: the next question in it, as they would write it.
local M = {}

---@param chat zeke.Chat
---@param words string
local function ask(chat, words)
  local notice = require("zeke.notice")
  if require("zeke.chat.input").get(chat.buffer) ~= "" then
    chat:ask(words, false)
    return notice.info("Your reason stands in the chat, below what you have begun to write there.")
  end
  local busy = chat:busy()
  chat:ask(words, true)
  if chat:busy() and not busy then
    notice.info("Your reason goes to the chat: it is the next question there.")
  end
end

---@param buffer integer of the chat
---@param name string of the file
---@param reason string
---@param partly boolean some of it was taken
function M.tell(buffer, name, reason, partly)
  local chat = require("zeke.chat.session").of(buffer)
  if not chat then
    local said = "The chat is closed that has this code: nobody hears why it is not taken."
    return require("zeke.notice").warn(said)
  end
  local said = partly and "I have taken only some of your code for %s: %s"
    or "I have not taken your code for %s: %s"
  ask(chat, said:format(require("zeke.columns").visible(name), reason))
end

return M
