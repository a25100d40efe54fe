---The answer that comes in a chat: room for it, its text, and its end.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local headings = require("zeke.chat.headings")
local input = require("zeke.chat.input")
local margin = require("zeke.chat.margin")
local peace = require("zeke.stream.peace")
local steady = require("zeke.chat.steady")
local stream = require("zeke.stream")
local undo = require("zeke.chat.undo")

local TAKEN = "The answer was taken away while it came, so it is stopped. "
  .. "`<C-r>` brings back what you undid, `u` what you deleted."
local AWAY = "The answer is undone, and goes on to come: `<C-r>` brings it back, `<C-c>` stops it."
local UNLOADED = "The chat was closed or loaded again."

---@class zeke.Coming
---@field chat zeke.Chat
---@field mark integer of its heading
---@field first integer row from 0, where that was set
---@field stream zeke.Stream
---@field watch integer autocommand
---@field away boolean the person has undone it
---@field turn zeke.AgentTurn? what an agent does in it
---@field private said "text"|"block"|"deed"|nil what stands last in it
---@field private tail string of its text
local Coming = {}
Coming.__index = Coming

---Room for the answer, and below it for the next question.
---@param chat zeke.Chat
---@return zeke.Coming
function M.new(chat)
  local buffer = chat.buffer
  local follow = input.windows(buffer)
  local before = chat.coming or chat.last
  if before then
    before:part()
  end
  undo.step(buffer)
  local self = setmetatable({ chat = chat, away = false, tail = "\n\n" }, Coming)
  local heading = api.nvim_buf_line_count(buffer)
  local last = api.nvim_buf_get_lines(buffer, heading - 1, heading, false)[1]
  local room = { conversation.ZEKE, "", "", "", conversation.YOU, "", "" }
  if last ~= "" then
    table.insert(room, 1, "")
    heading = heading + 1
  end
  stream.change(buffer, function()
    api.nvim_buf_set_lines(buffer, -1, -1, false, room)
  end)
  headings.set(buffer, heading)
  headings.set(buffer, heading + 4)
  input.enter(buffer, follow)
  self.first, self.mark = heading, margin.set(buffer, heading)
  self.stream = stream.new(buffer, {
    row = heading + 2,
    guard = conversation.guard,
    heading = function()
      return self:heading()
    end,
    undoable = true,
    lost = function()
      require("zeke.notice").warn(TAKEN)
      chat:stop()
    end,
  })
  -- Insert mode comes back without a word after an undo by `<C-o>`.
  self.watch = api.nvim_create_autocmd({ "TextChanged", "InsertEnter" }, {
    buffer = buffer,
    callback = function()
      self:follow()
    end,
  })
  return self
end

---@return integer? row from 0; nil: it is not there
function Coming:heading()
  local buffer = self.chat.buffer
  local row = margin.row(buffer, self.mark)
  local line = api.nvim_buf_get_lines(buffer, self.first, self.first + 1, false)[1]
  if row or line ~= conversation.ZEKE then
    return row
  elseif self.chat.coming == self then -- Undone and there again: its mark does not come with it.
    margin.set(buffer, self.first, nil, self.mark)
  end
  return self.first
end

---The person may have undone something.
function Coming:follow()
  local standing = self.stream:follow()
  if self.chat.last == self then
    return self:rest()
  elseif standing == "away" and not self.away then
    require("zeke.notice").info(AWAY)
  elseif standing == "gone" and not self.stream.gone then
    self.stream:lose()
    vim.schedule(function()
      self.stream:flush()
    end)
  end
  self.away = standing == "away"
end

---It has ended: from here on, undo is as in any other buffer.
function Coming:rest()
  if peace.reigns(self.chat.buffer) then
    self:part()
    self.chat:redraw()
  end
end

---@return boolean
function Coming:is_away()
  return self.away
end

---Another one comes after it.
function Coming:part()
  local chat = self.chat
  api.nvim_del_autocmd(self.watch)
  if chat.coming == self then -- It was undone, and would come still.
    chat:stop()
    chat.task, chat.coming = nil, nil
    self.stream:drop()
  end
  chat.last = nil
  self.stream:part()
end

---It has ended, well or not.
---@param receipt table
---@param failed boolean
function Coming:ended(receipt, failed)
  local chat = self.chat
  local buffer = chat.buffer
  if chat.coming ~= self then
    return -- Another one was asked for.
  end
  chat.task, chat.coming, chat.last = nil, nil, self
  if not chat:is_open() then
    return
  end
  margin.settle(buffer, self.mark, receipt)
  if self.turn then
    self.turn:finish()
  end
  if self.turn or chat.agent then
    require("zeke.review.outside").look(chat)
  end
  if self.stream.gone and not input.ready(buffer) then
    undo.join(buffer) -- One `u` brings back what was taken away.
  end
  input.ensure(buffer)
  self:rest()
  steady.release(buffer)
  chat:retitle()
  chat:changed() -- the receipt is no line
  local hidden = #vim.fn.win_findbuf(buffer) == 0
  if hidden and chat.agent and not failed then
    chat.agent:done()
  elseif hidden and next(receipt) then
    local said = ("The answer in “%s” is there: `:ZekeChat` shows it."):format(chat:title())
    require("zeke.notice").info(said)
  elseif next(receipt) and require("zeke.frame").plain() then
    require("zeke.notice").info("The answer is there: `K` on it says of which model.")
  end
end

---Nothing more comes of it.
---@param receipt table
---@param failed boolean
function Coming:finish(receipt, failed)
  self.stream:finish(function()
    self:ended(receipt, failed)
  end)
  if self.chat.coming == self and self.chat:is_open() then
    self.chat:retitle() -- It waits for the person.
  end
end

---How an answer ended that was not at its end, by ACP's word for it.
local STOPPED = {
  max_tokens = "The answer is as long as the model may make it.",
  max_turn_requests = "It has taken as many steps as one answer may. Say “go on” to continue.",
  refusal = "The model refuses to answer this.",
  cancelled = "Cancelled.",
}

local RECEIPT = { "model", "provider", "route", "usage", "cost", "cached", "request_id" }

---@param payload table
---@return table what is kept with the answer
local function receipt_of(payload)
  local receipt = {}
  for _, name in ipairs(RECEIPT) do
    receipt[name] = payload[name]
  end
  return receipt
end

---@param update table a session update of ACP
function Coming:update(update)
  if update.sessionUpdate == "_zeke/kept" then
    -- Text of that place was read, and a consent file keeps it on this machine.
    self.chat.places[update.path] = true
    return self.chat:changed()
  end
  local block = update.sessionUpdate == "agent_message_chunk"
    and require("zeke.agents.blocks").text(update.content)
  if block then
    return self:block(block)
  end
  if not self.turn then
    self.turn = require("zeke.agents.turn").new(self.chat.buffer, function()
      return self:heading()
    end, function(line)
      self:deed(line)
    end)
    table.insert(self.chat.turns, self.turn)
    self.turn:await(require("zeke.chat.waits").count(self.chat))
  end
  self.turn:update(update)
end

---@param text string of the answer
function Coming:say(text)
  if self.said == "deed" or self.said == "block" then
    text = text:gsub("^\n+", "")
    text = text ~= "" and "\n\n" .. text or ""
  end
  if text ~= "" then
    self.said, self.tail = "text", (self.tail .. text):sub(-2)
    self.stream:append(text)
  end
end

---@param text string a paragraph of its own, for something that is no text
function Coming:block(text)
  local gap = self.said == "text" and ("\n"):rep(2 - #self.tail:match("\n*$")) or ""
  self:say(gap .. text)
  self.said = "block"
end

---@param line string that tells what was done, in a paragraph of such lines
function Coming:deed(line)
  local ends = #self.tail:match("\n*$")
  local gap = self.said == "deed" and "\n" or ("\n"):rep(2 - ends)
  self.said = "deed"
  self.stream:add(gap, line)
end

---@return table<string, fun(payload: table)>
function Coming:handlers()
  local chat, answer = self.chat, self.stream
  return {
    context = function(payload)
      if chat:is_open() then
        chat.sent:show(payload.parts or {})
      end
    end,
    delta = function(payload)
      steady.hold(chat.buffer)
      self:say(payload.text)
    end,
    update = function(payload)
      steady.hold(chat.buffer)
      self:update(payload.update)
    end,
    late_update = function(payload)
      if self.turn and chat:is_open() then
        self.turn:late(payload.update)
      end
    end,
    done = function(payload)
      if answer.empty then
        answer:append(payload.text or "")
      end
      local why = STOPPED[payload.stop_reason]
      if why and chat.agent and not chat.agent:is_ours() then -- ours says so itself
        answer:stopped(why)
      end
      self:finish(receipt_of(payload), false)
    end,
    failed = function(failure)
      answer:stopped(failure.message)
      self:finish({}, true)
      if failure.code ~= "cancelled" then
        require("zeke.notice").error(failure.message)
      end
    end,
  }
end

---What is kept of it when its buffer goes away.
---@param lines string[] of the buffer
---@param own table<integer, true> which of them are headings
---@return string[], table<integer, true>
function Coming:broken(lines, own)
  local row = self.stream:row()
  if not row or row >= #lines then
    return lines, own
  end
  local text = lines[row + 1] .. self.stream:unwritten()
  local note = (text == "" and "" or "\n\n") .. stream.NOTE .. UNLOADED
  local kept = vim.split(text .. note, "\n", { plain = true })
  local all = vim.list_slice(lines, 1, row)
  vim.list_extend(all, kept)
  vim.list_extend(all, lines, row + 2)
  local moved = {}
  for at in pairs(own) do
    moved[at > row + 1 and at + #kept - 1 or at] = true
  end
  return all, moved
end

return M
