---One conversation: its buffer, and the answer that is coming. Knows no window but to see who
---follows.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local input = require("zeke.chat.input")
local margin = require("zeke.chat.margin")
local scratch = require("zeke.scratch")
local steady = require("zeke.chat.steady")
local stream = require("zeke.stream")

local COMING = "The answer is still coming: `:ZekeCancel` stops it."

---@class zeke.Chat
---@field id string
---@field buffer integer
---@field created integer
---@field project string
---@field places table<string, true> where its text was written or read: what keeps text of one of
---these here keeps all of it here
---@field task string?
---@field sent zeke.Sent
---@field saver zeke.Saver?
---@field recall zeke.Recall?
---@field private first_question string?
local Chat = {}
Chat.__index = Chat

local open = {} ---@type table<integer, zeke.Chat> by buffer
local order = {} ---@type zeke.Chat[] the latest last
local count = 0

---@return zeke.Chat[] the one that was used last comes first
function M.all()
  local found = {}
  for index = #order, 1, -1 do
    found[#found + 1] = order[index]
  end
  return found
end

---@param buffer integer
---@return zeke.Chat?
function M.of(buffer)
  return open[buffer]
end

---@param id string
---@return zeke.Chat?
function M.with(id)
  for _, chat in ipairs(order) do
    if chat.id == id then
      return chat
    end
  end
end

---It is the one that `:ZekeChat` means from now on.
function Chat:used()
  for index, chat in ipairs(order) do
    if chat == self then
      table.remove(order, index)
      break
    end
  end
  order[#order + 1] = self
end

---@return boolean
function Chat:busy()
  return self.task ~= nil and require("zeke.tasks").get(self.task) ~= nil
end

---@return string
function Chat:title()
  return conversation.title(self.first_question)
end

---@return string what stands above a window that shows it
function Chat:heading()
  local name = #order > 1 and "Zeke chat: " .. self:title() or "Zeke chat"
  return name .. (self:busy() and " · <C-c> stops" or " · <CR> sends · g? keys")
end

---@return zeke.ChatFile?
function Chat:file()
  if not api.nvim_buf_is_loaded(self.buffer) or not self.first_question then
    return nil -- nothing was asked yet
  end
  local lines = api.nvim_buf_get_lines(self.buffer, 0, -1, false)
  local places = vim.tbl_keys(self.places)
  table.sort(places)
  return {
    title = self:title(),
    created = self.created,
    project = self.project,
    places = places,
    receipts = margin.all(self.buffer, lines),
    lines = lines,
  }
end

---The buffer goes away, with its text still in it.
function Chat:close()
  local buffer = self.buffer
  if not open[buffer] then
    return
  end
  local file = self:file()
  if self.saver then
    self.saver:close()
  end
  open[buffer] = nil
  order = vim.tbl_filter(function(chat)
    return chat ~= self
  end, order)
  margin.forget(buffer)
  if self.task then
    require("zeke.tasks").cancel(self.task)
  end
  vim.schedule(function()
    if file and api.nvim_buf_is_loaded(buffer) then
      -- `:edit` has emptied it: nothing could be read again.
      local again = M.new(self.id, file)
      for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
        api.nvim_win_set_buf(window, again.buffer)
      end
    end
    scratch.close(buffer) -- `:bdelete` leaves an empty one
  end)
end

---@param chat zeke.Chat
---@param resumed boolean
local function watch(chat, resumed)
  local buffer = chat.buffer
  if require("zeke.config").get().chat.save then
    local saver = require("zeke.chat.saver").new(chat.id, function()
      return chat:file()
    end, resumed)
    chat.saver = saver
    api.nvim_buf_attach(buffer, false, {
      on_lines = function()
        saver:touch()
      end,
    })
  end
  local group = api.nvim_create_augroup("zeke-chat-" .. buffer, {})
  api.nvim_create_autocmd("BufUnload", {
    group = group,
    buffer = buffer,
    callback = function()
      api.nvim_del_augroup_by_id(group)
      chat:close()
    end,
  })
  api.nvim_create_autocmd("TextChanged", {
    group = group,
    buffer = buffer,
    callback = function()
      margin.heal(buffer)
    end,
  })
  api.nvim_create_autocmd("BufEnter", {
    group = group,
    buffer = buffer,
    callback = function()
      chat:used()
    end,
  })
end

---@param id string?
---@param file zeke.ChatFile? to go on with
---@param ours boolean? its file is locked by us
---@return zeke.Chat
function M.new(id, file, ours)
  local store = require("zeke.chat.store")
  id = id or store.id()
  count = count + 1
  local buffer = scratch.buffer("chat/" .. count, "markdown")
  vim.b[buffer].zeke_chat = id
  vim.bo[buffer].bufhidden = "hide"
  require("zeke.mentions.complete").attach(buffer)
  local lines = file and file.lines or { conversation.YOU, "", "" }
  api.nvim_buf_set_lines(buffer, 0, -1, false, lines) -- nothing there to undo yet
  vim.bo[buffer].undolevels = vim.go.undolevels
  local chat = setmetatable({
    id = id,
    buffer = buffer,
    created = file and file.created or os.time(),
    project = file and file.project or vim.fn.getcwd(),
    places = {},
    sent = require("zeke.chat.sent").new(buffer),
    first_question = file and conversation.questions(conversation.parse(lines))[1],
  }, Chat)
  for _, place in ipairs(file and file.places or {}) do
    chat.places[place] = true
  end
  open[buffer] = chat
  if file then
    margin.restore(buffer, file.receipts)
    input.ensure(buffer)
  end
  chat:used()
  watch(chat, ours == true)
  require("zeke.chat.keys").set(chat)
  require("zeke.chat.prompts").load()
  return chat
end

function Chat:retitle()
  scratch.title(self.buffer, self:heading())
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

---An answer has ended, well or not.
---@param mark integer of its heading
---@param receipt table
function Chat:ended(mark, receipt)
  self.task = nil
  local buffer = self.buffer
  if not open[buffer] then
    return
  end
  margin.settle(buffer, mark, receipt)
  input.ensure(buffer)
  if api.nvim_get_current_buf() ~= buffer or api.nvim_get_mode().mode:find("^n") then
    input.step(buffer)
  end
  steady.release(buffer)
  self:retitle()
  if self.saver then
    self.saver:touch() -- the receipt is no line
  end
  local hidden = #vim.fn.win_findbuf(buffer) == 0
  if hidden and next(receipt) then
    local said = ("The answer in “%s” is there: `:ZekeChat` shows it."):format(self:title())
    require("zeke.notice").info(said)
  elseif next(receipt) and require("zeke.frame").plain() then
    require("zeke.notice").info("The answer is there: `K` on it says of which model.")
  end
end

---@param mark integer
---@param answer zeke.Stream
---@return table<string, fun(payload: table)>
function Chat:handlers(mark, answer)
  return {
    context = function(payload)
      if open[self.buffer] then
        self.sent:show(payload.parts or {})
      end
    end,
    delta = function(payload)
      steady.hold(self.buffer)
      answer:append(payload.text)
    end,
    done = function(payload)
      if answer.empty then
        answer:append(payload.text or "")
      end
      answer:finish(function()
        self:ended(mark, receipt_of(payload))
      end)
    end,
    failed = function(failure)
      answer:stopped(failure.message)
      answer:finish(function()
        self:ended(mark, {})
      end)
      if failure.code ~= "cancelled" then
        require("zeke.notice").error(failure.message)
      end
    end,
  }
end

---Room for the answer, and below it for the next question.
---@return integer mark, zeke.Stream
function Chat:prepare()
  local buffer = self.buffer
  local follow = input.windows(buffer)
  input.step(buffer)
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
  input.enter(buffer, follow)
  local mark = margin.set(buffer, heading)
  return mark, stream.new(buffer, { row = heading + 2, clean = conversation.quoted })
end

---Send the conversation as it stands in the buffer.
---@return boolean sent
function Chat:send()
  local notice = require("zeke.notice")
  if self:busy() then
    notice.info(COMING)
    return false
  end
  local lines = api.nvim_buf_get_lines(self.buffer, 0, -1, false)
  if not conversation.asks(lines) then
    notice.warn("There is no question to send: write one under the last heading.")
    return false
  end
  local turns = conversation.parse(lines)
  local messages, problems, paths = self.sent:gather(turns)
  if #problems > 0 then
    vim.tbl_map(notice.error, problems)
    return false
  end
  self.places[vim.fn.getcwd()] = true
  for _, path in ipairs(paths) do
    self.places[path] = true
  end
  local questions = conversation.questions(turns)
  self.first_question = questions[1]
  require("zeke.chat.prompts").keep(questions[#questions])
  self.recall = nil
  self.sent:place(turns)
  local mark, answer = self:prepare()
  self.task = require("zeke.tasks").submit(
    "chat",
    { messages = messages, places = vim.tbl_keys(self.places) },
    self:handlers(mark, answer)
  )
  self:retitle()
  return true
end

function Chat:stop()
  if self.task then
    require("zeke.tasks").cancel(self.task)
  end
end

---Put a text into the input, and send it unless an answer is coming.
---@param text string
---@param send boolean
function Chat:ask(text, send)
  local busy = self:busy()
  if text ~= "" then
    input.step(self.buffer)
    input.add(self.buffer, text)
    input.enter(self.buffer)
  end
  if send and busy then
    local said = "The answer is still coming: your question waits in the chat, <CR> sends it then."
    return require("zeke.notice").info(said)
  elseif send then
    self:send()
  end
end

return M
