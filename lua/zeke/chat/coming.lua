---The answer that comes in a chat: room for it, its text, and its end.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local headings = require("zeke.chat.headings")
local input = require("zeke.chat.input")
local margin = require("zeke.chat.margin")
local steady = require("zeke.chat.steady")
local stream = require("zeke.stream")
local undo = require("zeke.chat.undo")

local TAKEN = "The answer was taken away while it came, so it is stopped. "
  .. "`<C-r>` brings back what you undid, `u` what you deleted."
local UNDONE = "Your draft was taken away: `<C-Up>` brings it back."
local UNLOADED = "The chat was closed or loaded again."

---@class zeke.Coming
---@field chat zeke.Chat
---@field mark integer of its heading
---@field stream zeke.Stream
---@field since integer the undo step before it
---@field receipt table? once it has ended
---@field parted boolean? its steps and the draft's are apart, or never will be
local Coming = {}
Coming.__index = Coming

---Room for the answer, and below it for the next question.
---@param chat zeke.Chat
---@return zeke.Coming
function M.new(chat)
  local buffer = chat.buffer
  local follow = input.windows(buffer)
  undo.step(buffer)
  local self = setmetatable({ chat = chat, since = undo.now(buffer) }, Coming)
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
  self.mark = margin.set(buffer, heading)
  self.stream = stream.new(buffer, {
    row = heading + 2,
    guard = conversation.guard,
    heading = function()
      return margin.row(buffer, self.mark)
    end,
    undone = function()
      return self:undone()
    end,
    lost = function()
      require("zeke.notice").warn(TAKEN)
      chat:stop()
    end,
  })
  return self
end

---Its text and the person's came in turns: each becomes an undo step.
---@param receipt table? nil: it still comes
---@return boolean done
function Coming:separate(receipt)
  local buffer = self.chat.buffer
  local row = margin.row(buffer, self.mark)
  local _, following = headings.around(buffer, (row or 0) + 1)
  if row and following and following.role == "user" then
    local done = undo.separate(buffer, self.since, following.row)
    headings.set(buffer, row)
    headings.set(buffer, following.row - 1)
    margin.set(buffer, row, receipt, self.mark)
    return done
  end
  return false
end

---The person has undone some of it, that came since they wrote: they mean what they wrote, or, when
---they have written nothing, all of it.
---@return boolean false: all of it is undone
function Coming:undone()
  local buffer, answer = self.chat.buffer, self.stream
  local row = margin.row(buffer, self.mark) --[[@as integer]]
  undo.go(buffer, answer.sequence)
  local draft = input.get(buffer)
  if draft == "" then
    undo.go(buffer, self.since)
    return false
  elseif self:separate() then
    undo.back(buffer)
    -- What goes on to come is a change, and leaves nothing to redo.
    require("zeke.chat.prompts").keep(draft, self.chat:reach())
    require("zeke.notice").info(UNDONE)
  end
  answer:settle(row)
  return true
end

---@return boolean
function Coming:writing()
  local elsewhere = api.nvim_get_current_buf() ~= self.chat.buffer
  return not elsewhere and not api.nvim_get_mode().mode:find("^n")
end

---After its end: what came and what was written meanwhile become steps, once.
function Coming:part()
  local buffer = self.chat.buffer
  if self.parted or not self.receipt or not self.stream.mixed or self.stream.gone then
    return
  end
  self.parted = true
  local tree = vim.fn.undotree(buffer)
  if tree.seq_cur == tree.seq_last then -- else some of it was undone already
    self:separate(self.receipt)
  end
end

function Coming:tidy()
  local chat = self.chat
  if not self:writing() then
    return self:part()
  end
  api.nvim_create_autocmd("InsertLeave", {
    buffer = chat.buffer,
    once = true,
    callback = vim.schedule_wrap(function()
      if chat.last == self and not chat:busy() and chat:is_open() and not self:writing() then
        self:part()
      end
    end),
  })
end

---It has ended, well or not.
---@param receipt table
function Coming:ended(receipt)
  local chat = self.chat
  local buffer = chat.buffer
  chat.task, chat.coming, chat.last = nil, nil, self
  if not chat:is_open() then
    return
  end
  self.receipt = receipt
  margin.settle(buffer, self.mark, receipt)
  self:tidy()
  input.ensure(buffer)
  if not self:writing() then
    undo.step(buffer)
  end
  steady.release(buffer)
  chat:retitle()
  chat:changed() -- the receipt is no line
  local hidden = #vim.fn.win_findbuf(buffer) == 0
  if hidden and next(receipt) then
    local said = ("The answer in “%s” is there: `:ZekeChat` shows it."):format(chat:title())
    require("zeke.notice").info(said)
  elseif next(receipt) and require("zeke.frame").plain() then
    require("zeke.notice").info("The answer is there: `K` on it says of which model.")
  end
end

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
      answer:append(payload.text)
    end,
    done = function(payload)
      if answer.empty then
        answer:append(payload.text or "")
      end
      answer:finish(function()
        self:ended(receipt_of(payload))
      end)
    end,
    failed = function(failure)
      answer:stopped(failure.message)
      answer:finish(function()
        self:ended({})
      end)
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
