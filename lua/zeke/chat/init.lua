---`:ZekeChat`: conversations in markdown buffers, several at once, saved as they grow.
local M = {}

local session = require("zeke.chat.session")

require("zeke.chat.origin").track()

---@param chat zeke.Chat
local function show(chat)
  require("zeke.chat.window").show(chat.buffer, chat:heading())
  chat:used()
end

---Show the chat of this project that was used last, or a new one; with text, ask it.
---@param options {text: string, range: zeke.Range?, fresh: boolean?}
function M.run(options)
  local notice = require("zeke.notice")
  local snippet, problem
  if options.range then
    snippet, problem = require("zeke.context").excerpt(options.range)
    if not snippet then
      return notice.error(problem --[[@as string]])
    end
  end
  require("zeke.chat.origin").mark()
  local chat = not options.fresh and require("zeke.chat.home").latest() or session.new()
  local named = options.range and vim.api.nvim_buf_get_name(options.range.buffer) or ""
  if vim.startswith(named, "/") then
    chat.places[named] = true
  end
  local there = #vim.fn.win_findbuf(chat.buffer) > 0
  show(chat)
  local text = require("zeke.context").instruction(options.text)
  local send = text ~= ""
  if not there or send or snippet then
    require("zeke.chat.input").enter(chat.buffer)
  end
  if snippet then
    -- In its window, the working directory of which is what names are from.
    local lines
    local standpoint = require("zeke.chat.home").standpoint(chat.buffer)
    local from = options.range.buffer
    lines, problem = require("zeke.chat.lines").words(snippet, from, standpoint)
    if not lines then
      return notice.error(problem --[[@as string]])
    end
    text = lines .. "\n" .. text
  end
  chat:ask(text, send)
end

---`:ZekeChat history [words]`
---@param words string
function M.history(words)
  require("zeke.chat.history").run(words, function(chat)
    show(chat)
    require("zeke.chat.input").enter(chat.buffer)
  end)
end

---`:Zeke chats`: choose one of those that are open.
function M.pick()
  local chats = session.all()
  if #chats == 0 then
    return require("zeke.notice").info("No chat is open: `:ZekeChat` begins one.")
  end
  require("zeke.dialog").select(chats, {
    prompt = "Open chats",
    format_item = function(chat)
      local who = chat.agent and chat.agent:label() .. ": " or ""
      local waits = require("zeke.chat.waits").count(chat) > 0
      local state = waits and " · waits for you" or chat:busy() and " · answering" or ""
      return who .. chat:title() .. state
    end,
  }, function(chat)
    if chat and vim.api.nvim_buf_is_loaded(chat.buffer) then
      show(chat)
    end
  end)
end

return M
