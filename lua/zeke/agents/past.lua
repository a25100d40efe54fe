---What an agent tells without being asked: the turns of a session that it goes on with
---(`session/load`), put into a chat as they were said, and what it says between two questions.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local headings = require("zeke.chat.headings")

local GATHER_MS = 100

local SPEAKERS = { user_message_chunk = conversation.YOU, agent_message_chunk = conversation.ZEKE }

---@class zeke.PastTurn
---@field heading string
---@field text string
---@field block boolean? what stands last in it is no text of the speaker's
---@field updates table[] what was done in it, each with where its line stands

---@param updates table[]
---@return zeke.PastTurn[]
local function turns(updates)
  local found = {} ---@type zeke.PastTurn[]
  ---@param heading string
  ---@return zeke.PastTurn
  local function turn(heading)
    local last = found[#found]
    if not last or last.heading ~= heading then
      last = { heading = heading, text = "", updates = {} }
      found[#found + 1] = last
    end
    return last
  end
  for _, update in ipairs(updates) do
    local speaker, content = SPEAKERS[update.sessionUpdate], update.content or {}
    if speaker and content.type == "text" then
      local one = turn(speaker)
      one.text = (one.block and one.text .. "\n\n" or one.text) .. (content.text or "")
      one.block = false
    elseif speaker then
      local block = require("zeke.agents.blocks").text(content)
      if block then
        local one = turn(speaker)
        one.text = (one.text ~= "" and one.text .. "\n\n" or "") .. block
        one.block = true
      end
    elseif not speaker then
      local one = turn(conversation.ZEKE)
      one.updates[#one.updates + 1] = { update = update, at = #one.text }
    end
  end
  return found
end

---@param text string
---@return string[] lines that are taken for nothing of ours
local function quoted(text)
  return vim.tbl_map(conversation.guard.quoted, vim.split(text, "\n", { plain = true }))
end

---@param past zeke.PastTurn of an answer
---@param turn zeke.AgentTurn
---@param said string[] gets the lines that the turn says
---@return string[] lines
local function lines_of(past, turn, said)
  local lines, from = {}, 1
  for _, one in ipairs(past.updates) do
    turn:update(one.update)
    if #said > 0 then
      local text = vim.trim(past.text:sub(from, one.at))
      if text ~= "" then
        vim.list_extend(lines, vim.list_extend({ "" }, quoted(text)))
        lines[#lines + 1] = ""
      end
      vim.list_extend(lines, said)
      from = one.at + 1
      for index in ipairs(said) do
        said[index] = nil
      end
    end
  end
  local text = vim.trim(past.text:sub(from))
  if text ~= "" then
    vim.list_extend(lines, vim.list_extend({ "" }, quoted(text)))
  end
  return lines
end

---@param chat zeke.Chat
---@return integer row from 0, of the heading below which the person writes
local function end_of(chat)
  require("zeke.chat.input").ensure(chat.buffer)
  return headings.last(chat.buffer).row - 1
end

---@param chat zeke.Chat
---@param past zeke.PastTurn
local function put(chat, past)
  local buffer, row = chat.buffer, end_of(chat)
  local answer = past.heading == conversation.ZEKE
  local mark ---@type integer?
  local said = {} ---@type string[]
  local margin = require("zeke.chat.margin")
  local turn = require("zeke.agents.turn").new(buffer, function()
    return mark and margin.row(buffer, mark)
  end, function(line)
    said[#said + 1] = line
  end)
  local body = answer and lines_of(past, turn, said)
    or vim.list_extend({ "" }, vim.split(vim.trim(past.text), "\n", { plain = true }))
  if body[1] ~= "" then
    table.insert(body, 1, "")
  end
  local lines = vim.list_extend({ past.heading }, body)
  lines[#lines + 1] = ""
  require("zeke.stream").change(buffer, function()
    api.nvim_buf_set_lines(buffer, row, row, false, lines)
  end)
  headings.set(buffer, row)
  if answer then
    mark = margin.set(buffer, row, {})
    margin.settle(buffer, mark, {})
    chat.turns[#chat.turns + 1] = turn
    turn:finish()
  end
end

---@param chat zeke.Chat
---@param updates table[]
local function put_all(chat, updates)
  for _, past in ipairs(turns(updates)) do
    put(chat, past)
    if past.heading == conversation.YOU then
      chat.first_question = chat.first_question or vim.trim(past.text)
    end
  end
end

---What was told while its session was opened.
---@param link zeke.AgentLink
---@param updates table[]
---@param resumed boolean
function M.replay(link, updates, resumed)
  local told = vim.tbl_filter(function(update)
    return not link:update(update)
  end, updates)
  -- A chat that has its text already needs it no second time.
  if #told > 0 and not (resumed and link.chat.first_question) then
    put_all(link.chat, told)
    local input = require("zeke.chat.input")
    input.enter(link.chat.buffer, vim.fn.win_findbuf(link.chat.buffer))
  end
end

local waiting = {} ---@type table<zeke.Chat, table[]>

---It says something between two questions.
---@param chat zeke.Chat
---@param update table
function M.take(chat, update)
  local nothing = update.state == "rejected" or update.state == "undecided"
  if update.sessionUpdate == "_zeke/file" and nothing then
    return -- the person did that, or stopped the answer that wanted it
  end
  local gathered = waiting[chat]
  if gathered then
    gathered[#gathered + 1] = update
    return
  end
  waiting[chat] = { update }
  vim.defer_fn(function()
    local updates = waiting[chat]
    waiting[chat] = nil
    if not chat:is_open() then
      return
    end
    local coming = chat:busy() and chat.coming or nil
    if not coming then
      return put_all(chat, updates)
    end
    for _, one in ipairs(updates) do
      coming:update(one) -- the next question was asked meanwhile
    end
  end, GATHER_MS)
end

return M
