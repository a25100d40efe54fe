---`:ZekeChat`: conversations in markdown buffers, several at once, saved as they grow.
local M = {}

local session = require("zeke.chat.session")

require("zeke.chat.origin").track()

---@param chat zeke.Chat
local function show(chat)
  require("zeke.chat.window").show(chat.buffer, chat:heading())
  chat:used()
end

---The lines of a range as a fenced block.
---@param range zeke.Range
---@return string?, string? problem
local function quotation(range)
  local snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return nil, problem
  end
  local fence = "```"
  while snippet.text:find(fence, 1, true) do
    fence = fence .. "`"
  end
  local head = ("`%s`, lines %d to %d:"):format(snippet.name, range.first, range.last)
  return table.concat({ head, fence .. snippet.language, snippet.text, fence, "" }, "\n")
end

---Show the chat that was used last, or a new one; with text, ask it.
---@param options {text: string, range: zeke.Range?, fresh: boolean?}
function M.run(options)
  local quoted, problem
  if options.range then
    quoted, problem = quotation(options.range)
    if problem then
      return require("zeke.notice").error(problem)
    end
  end
  require("zeke.chat.origin").mark()
  local chat = not options.fresh and session.all()[1] or session.new()
  local named = options.range and vim.api.nvim_buf_get_name(options.range.buffer) or ""
  if vim.startswith(named, "/") then
    chat.places[named] = true
  end
  local there = #vim.fn.win_findbuf(chat.buffer) > 0
  show(chat)
  local text = require("zeke.context").instruction(options.text)
  if not there or text ~= "" or quoted then
    require("zeke.chat.input").enter(chat.buffer)
  end
  chat:ask((quoted and quoted .. "\n" or "") .. text, text ~= "")
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
  vim.ui.select(chats, {
    prompt = "Open chats",
    format_item = function(chat)
      return chat:title() .. (chat:busy() and " · answering" or "")
    end,
  }, function(chat)
    if chat and vim.api.nvim_buf_is_loaded(chat.buffer) then
      show(chat)
    end
  end)
end

return M
