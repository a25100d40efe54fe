---One conversation: its buffer, what is sent of it, and what is kept.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local headings = require("zeke.chat.headings")
local input = require("zeke.chat.input")
local margin = require("zeke.chat.margin")
local scratch = require("zeke.scratch")
local undo = require("zeke.chat.undo")

local COMING = "The answer is still coming: `:ZekeCancel` stops it."
local UNASKED = "There is no question to send: write one below the last line `## You`."

---@class zeke.Chat
---@field id string
---@field buffer integer
---@field created integer
---@field project string
---@field places table<string, true> where its text was written or read: what keeps text of one of
---these here keeps all of it here
---@field task string?
---@field coming zeke.Coming? while the task goes on
---@field last zeke.Coming? the one that has ended, while steps to undo are mixed with it
---@field copy boolean another Neovim has the chat that this was read from
---@field sent zeke.Sent
---@field saver zeke.Saver?
---@field recall zeke.Recall?
---@field first_question string?
---@field broken boolean it goes away in the middle of an answer
---@field agent zeke.AgentLink? who answers, when it is not the assistant alone
---@field turns zeke.AgentTurn[] what an agent did in each answer of which that is known
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

---@return boolean
function Chat:is_open()
  return open[self.buffer] == self
end

---There is something new to be saved.
function Chat:changed()
  if self.saver then
    self.saver:touch()
  end
end

---@return string[] where its text comes from, that of the draft as well
function Chat:reach()
  local places = vim.tbl_keys(self.places)
  for _, place in ipairs(self.recall and self.recall.places or {}) do
    if not self.places[place] then
      places[#places + 1] = place
    end
  end
  table.sort(places)
  return places
end

---@return string what stands above a window that shows it
function Chat:heading()
  local elsewhere = require("zeke.chat.home").elsewhere(self)
  local place = elsewhere and " in " .. elsewhere or ""
  local name = self.agent and self.agent:heading(place) or "Zeke chat" .. place
  name = name .. (self.copy and " (a copy)" or "")
  name = #order > 1 and not self.agent and name .. ": " .. self:title() or name
  name = name .. (require("zeke.chat.waits").count(self) > 0 and " · waits for you" or "")
  return name .. (self:busy() and " · <C-c> stops" or " · <CR> sends · g? keys")
end

---@return zeke.ChatFile|false|nil file false: there is nothing in it; nil: nobody knows
function Chat:file()
  if not api.nvim_buf_is_loaded(self.buffer) then
    return nil
  end
  local draft = require("zeke.chat.draft")
  local lines = api.nvim_buf_get_lines(self.buffer, 0, -1, false)
  local own = headings.own(self.buffer)
  local first = self.first_question or draft.question(lines, own)
  if not first then
    return false
  end
  local receipts = margin.all(self.buffer, lines, own)
  if self.broken and self.coming then
    lines, own = self.coming:broken(lines, own)
  end
  local rows = vim.tbl_keys(own) ---@type integer[]
  table.sort(rows)
  ---@type zeke.ChatFile
  local file = {
    title = conversation.title(first),
    created = self.created,
    project = self.project,
    places = self:reach(),
    headings = rows,
    mentions = self.sent.meant:saved(),
    agent = self.agent and self.agent:saved(),
    receipts = receipts,
    lines = lines,
  }
  return self.first_question and file or draft.only(file, self)
end

---`:edit` has emptied the buffer: nothing could be read again.
---@param file zeke.ChatFile
---@param views table<integer, vim.fn.winsaveview.ret> by window
function Chat:again(file, views)
  local chat = M.new(self.id, file)
  chat.copy = self.copy
  for window, view in pairs(views) do
    if api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) == self.buffer then
      require("zeke.chat.window").put(window, chat.buffer)
      api.nvim_win_call(window, function()
        vim.fn.winrestview(view)
      end)
    end
  end
  chat:retitle()
end

---The buffer goes away, with its text still in it.
function Chat:close()
  local buffer = self.buffer
  if not open[buffer] then
    return
  end
  self.broken = self:busy()
  local file = self:file()
  local views = {} ---@type table<integer, vim.fn.winsaveview.ret>
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    views[window] = api.nvim_win_call(window, vim.fn.winsaveview)
  end
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
  if self.agent then
    self.agent:close()
  end
  vim.schedule(function()
    if file and api.nvim_buf_is_loaded(buffer) then
      self:again(file, views)
    end
    scratch.close(buffer) -- `:bdelete` leaves an empty one
    if self.broken then
      local kept = self.saver and "`:ZekeChat history` has what came." or "What came is not saved."
      require("zeke.notice").warn("The answer is stopped, its buffer was unloaded. " .. kept)
    end
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
      chat:redraw()
    end,
  })
  api.nvim_create_autocmd("BufEnter", {
    group = group,
    buffer = buffer,
    callback = function()
      chat:used()
      chat:retitle()
    end,
  })
  api.nvim_create_autocmd("DirChanged", {
    group = group,
    callback = function()
      chat:retitle() -- it may be of another project now than the one the person is in
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
  require("zeke.stream.ease").lines(buffer, lines)
  local chat = setmetatable({
    id = id,
    buffer = buffer,
    created = file and file.created or os.time(),
    project = file and file.project ~= "" and file.project or vim.fn.getcwd(),
    places = {},
    copy = false,
    broken = false,
    turns = {},
    sent = require("zeke.chat.sent").new(buffer),
  }, Chat)
  for _, place in ipairs(file and file.places or {}) do
    chat.places[place] = true
  end
  open[buffer] = chat
  headings.restore(buffer, file and file.headings or { 1 })
  if file then
    chat.first_question = require("zeke.chat.draft").sent(lines, headings.own(buffer))
    chat.sent.meant:restore(file.mentions, headings.own(buffer))
    margin.restore(buffer, file.receipts)
    input.ensure(buffer)
  end
  chat:used()
  watch(chat, ours == true)
  require("zeke.chat.keys").set(chat)
  if file and file.agent then
    require("zeke.agents.link").new(chat, file.agent)
  end
  require("zeke.chat.prompts").load()
  return chat
end

---What stands beside the text goes away with it, and does not come back by undo and redo.
function Chat:redraw()
  for _, turn in ipairs(self.turns) do
    turn:again()
  end
end

---What stands above it, and at the tool calls in it, tells who waits for whom.
function Chat:retitle()
  scratch.title(self.buffer, self:heading())
  local turn = self.coming and self.coming.turn
  if turn then
    turn:await(require("zeke.chat.waits").count(self))
  end
end

---@param lines string[] of its buffer
---@return zeke.Turn[] as they are sent
function Chat:said(lines)
  local missed = self.agent and require("zeke.chat.heard").missed(self.buffer) or nil
  return conversation.parse(lines, headings.own(self.buffer), missed)
end

---Send the conversation as it stands in the buffer.
---@return boolean sent
function Chat:send()
  local notice = require("zeke.notice")
  if self:busy() and not self.coming:is_away() then
    notice.info(COMING)
    return false
  end
  if not self:busy() and not input.ready(self.buffer) then
    input.ensure(self.buffer)
    input.enter(self.buffer)
  end
  local lines = api.nvim_buf_get_lines(self.buffer, 0, -1, false)
  if not conversation.asks(lines, headings.own(self.buffer)) then
    notice.warn(UNASKED)
    return false
  end
  local turns = self:said(lines)
  local messages, problems, paths = self.sent:gather(turns)
  if #problems > 0 then
    self.sent:refuse(turns, problems)
    return false
  end
  local base = require("zeke.chat.home").of(self)
  vim.list_extend(paths, { vim.fn.getcwd(), base })
  for _, place in ipairs(vim.list_extend(paths, self:reach())) do
    self.places[place] = true
  end
  self.recall = nil
  local questions = conversation.questions(turns)
  self.first_question = questions[1]
  require("zeke.mentions").doubt(questions[#questions])
  require("zeke.chat.prompts").keep(questions[#questions], self:reach())
  self.sent:place(turns, self.agent == nil)
  require("zeke.chat.heard").sent(self.buffer)
  self.coming = require("zeke.chat.coming").new(self)
  local handlers = self.coming:handlers()
  local params = { messages = messages, places = self:reach(), cwd = base }
  if self.agent then
    self.task = self.agent:submit(params, handlers)
  else
    self.task = require("zeke.tasks").submit("chat", params, handlers)
  end
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
    undo.step(self.buffer)
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
