---`:ZekeChat history`: the saved chats, searched by the words in them, one of them to go on with.
local M = {}

local disk = require("zeke.chat.disk")
local store = require("zeke.chat.store")

---@class zeke.SavedChat
---@field id string
---@field file zeke.ChatFile
---@field changed number
---@field questions integer

---@param file zeke.ChatFile
---@param words string[] lower case
---@return boolean every word stands in it
local function has(file, words)
  local text = #words > 0 and vim.fn.tolower(table.concat(file.lines, "\n")) or ""
  return vim.iter(words):all(function(word)
    return text:find(word, 1, true) ~= nil
  end)
end

---@param file zeke.ChatFile
---@return integer
local function questions_of(file)
  local conversation = require("zeke.chat.conversation")
  local own = conversation.own(file.headings, file.lines)
  return #conversation.questions(conversation.parse(file.lines, own))
end

---@param words string[]
---@param done fun(found: zeke.SavedChat[]) the latest first
function M.search(words, done)
  words = vim.tbl_map(vim.fn.tolower, words)
  disk.list(store.directory(), ".md", function(entries)
    local found, index = {}, 0
    -- One file a turn of the loop: a search in many never holds Neovim up.
    local function next_one()
      index = index + 1
      local entry = entries[index]
      if not entry then
        return done(found)
      end
      local id = entry.name:sub(1, -4)
      store.read(store.path(id), function(file)
        if file and has(file, words) then
          found[#found + 1] = {
            id = id,
            file = file,
            changed = entry.changed,
            questions = questions_of(file),
          }
        end
        next_one()
      end)
    end
    next_one()
  end)
end

---@param saved zeke.SavedChat
---@return string
local function worded(saved)
  local project = vim.fn.fnamemodify(saved.file.project, ":~")
  local count = saved.questions == 1 and "1 question" or ("%d questions"):format(saved.questions)
  local when = os.date("%Y-%m-%d %H:%M", math.floor(saved.changed))
  local visible = require("zeke.columns").visible
  local agent = saved.file.agent and saved.file.agent.name .. ": " or ""
  local title = visible(agent .. saved.file.title)
  return ("%s  %s  (%s, %s)"):format(when, title, count, visible(project))
end

---Go on with a saved chat.
---@param saved zeke.SavedChat
---@param show fun(chat: zeke.Chat)
local function resume(saved, show)
  local session = require("zeke.chat.session")
  local open = session.with(saved.id)
  if open then
    return show(open)
  end
  store.lock(saved.id, function(ours)
    store.read(store.path(saved.id), function(file)
      open = session.with(saved.id)
      if open then
        return show(open)
      elseif not file then
        return require("zeke.notice").error("This chat is not there any more, or cannot be read.")
      end
      local chat = session.new(ours and saved.id or nil, file, ours)
      chat.sent:resumed(require("zeke.chat.input").get(chat.buffer))
      chat.copy = not ours
      show(chat)
      if not ours then
        local said = "Another Neovim has this chat open: this is a copy of it."
        require("zeke.notice").info(said)
      end
    end)
  end)
end

---@param text string words to look for
---@param show fun(chat: zeke.Chat)
function M.run(text, show)
  local words = vim.split(text, "%s+", { trimempty = true })
  M.search(words, function(found)
    if #found == 0 then
      local none = #words > 0 and ("No saved chat has these words: %s."):format(text)
        or "No chat is saved yet."
      return require("zeke.notice").info(none)
    end
    require("zeke.dialog").select(
      found,
      { prompt = "Saved chats", format_item = worded },
      function(choice)
        if choice then
          resume(choice, show)
        end
      end
    )
  end)
end

return M
