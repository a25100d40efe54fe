---The agent behind a chat: its session in the broker, opened when it is needed, and what it offers.
local M = {}

---Whoever starts it may have to answer GhostWarden first, and load the program from a registry.
M.OPEN_LIMIT_MS = 240000
---What is told of a session before it is known here, of which `session/load` may tell a lot.
local MOST_EARLY = 20000

---@class zeke.AgentOffers
---@field session string
---@field agent string
---@field id string the agent's own name of the session
---@field root string
---@field title string?
---@field image boolean
---@field resumed boolean
---@field modes {currentModeId: string, availableModes: table[]}?
---@field config table[]
---@field commands table[]

---@class zeke.SavedAgent what is kept of it with its chat
---@field name string
---@field id string? the agent's own name of the session
---@field command string[]? of an agent that nobody knows

---@class zeke.AgentLink
---@field chat zeke.Chat
---@field name string
---@field number integer? tells it from others of that name
---@field command string[]?
---@field resume string? the agent's own name of a session to go on with
---@field state "closed"|"opening"|"open"
---@field offers zeke.AgentOffers?
---@field held {release: fun(more: table), give_up: fun(code: string, message: string)}? a question
---@field private saying string? what is said while it starts
local Link = {}
Link.__index = Link

local links = {} ---@type table<string, zeke.AgentLink> by the broker's name of the session
local opening = 0
local early = {} ---@type table<string, table[]> updates of sessions that are not known yet
local count = 0 -- of those

---@return zeke.AgentLink[] of the chats that are open, the one that was used last comes first
function M.all()
  return vim
    .iter(require("zeke.chat.session").all())
    :map(function(chat)
      return chat.agent
    end)
    :totable()
end

---@param name string
---@return integer? number nil: it is the only one of that name
local function free(name)
  local taken = {}
  for _, link in ipairs(M.all()) do
    if link.name == name then
      taken[link.number or 1] = true
    end
  end
  local number = 1
  while taken[number] do
    number = number + 1
  end
  return number > 1 and number or nil
end

---@param chat zeke.Chat which has it from now on
---@param saved zeke.SavedAgent
---@return zeke.AgentLink
function M.new(chat, saved)
  local link = setmetatable({
    chat = chat,
    name = saved.name,
    number = free(saved.name),
    command = saved.command,
    resume = saved.id,
    state = "closed",
  }, Link)
  chat.agent = link
  require("zeke.chat.keys").set(chat)
  return link
end

---@param session string?
---@return zeke.AgentLink?
function M.of(session)
  return links[session or ""]
end

---@return zeke.AgentLink[] that have a session
function M.open()
  return vim.tbl_values(links)
end

---@return string name as it is shown: no two of those that are open have the same
function Link:label()
  local name = require("zeke.columns").visible(self.name)
  return self.number and ("%s %d"):format(name, self.number) or name
end

---@return boolean it is the assistant that Zeke has itself
function Link:is_ours()
  return self.name == "zeke"
end

---@return string? the broker's name of the session
function Link:session()
  return self.offers and self.offers.session
end

---@return string directory that its paths are from
function Link:root()
  return self.offers and self.offers.root or self.chat.project
end

---@return zeke.SavedAgent
function Link:saved()
  return { name = self.name, id = self.resume, command = self.command }
end

---@param text string?
function Link:say(text)
  local notice = require("zeke.notice")
  if self.saying then
    notice.over(self.saying)
  end
  self.saying = text
  if text then
    notice.info(text)
  end
end

---@param offers zeke.AgentOffers
function Link:opened(offers)
  local wanted = self.resume
  local lost = wanted and not offers.resumed
  self.state, self.offers = "open", offers
  self.name, self.resume = offers.agent, offers.id
  links[offers.session] = self
  self:say(nil)
  if not self.chat:is_open() then
    return self:close()
  end
  local updates = early[offers.session] or {}
  early[offers.session] = nil
  require("zeke.agents.past").replay(self, updates, wanted ~= nil)
  self.chat:retitle()
  self.chat:changed()
  if lost and not self:is_ours() then -- ours goes on from what the chat says
    local said = "This is a new session of %s: it does not remember what was said here."
    require("zeke.notice").warn(said:format(self:label()))
  end
  if self.held then
    self.held.release({ session = offers.session })
    self.held = nil
  end
end

---@param problem string
---@param code string?
function Link:failed(problem, code)
  local held = self.held
  self.state, self.held = "closed", nil
  self:say(nil)
  if self.resume and code == "bad_input" then -- it cannot go on with any
    self.resume = nil
    problem = problem .. " Your next question begins a new one."
  end
  problem = ("%s: %s"):format(self:label(), problem)
  if held then
    held.give_up(code or "agent_failed", problem .. " `<C-Up>` brings your question back.")
  else
    require("zeke.notice").error(problem)
  end
  if self.chat:is_open() then
    self.chat:retitle()
  end
end

---Begin its session, or go on with the one it had.
function Link:connect()
  if self.state ~= "closed" then
    return
  elseif vim.fn.isdirectory(self.chat.project) == 0 then
    local said = "%s is not there any more, and this chat works there: begin another one."
    return self:failed(said:format(require("zeke.columns").visible(self.chat.project)))
  end
  self.state, opening = "opening", opening + 1
  local params = {
    agent = self.name,
    cwd = self.chat.project,
    here = vim.fn.getcwd(),
    resume = self.resume,
    command = self.command,
    number = self.number or 1, -- by which GhostWarden calls it, too
  }
  require("zeke.act").mark()
  require("zeke.replies").ask("agent.open", params, function(data, problem, code)
    if data then
      self:opened(data)
    else
      self:failed(problem or "?", code)
    end
    opening = opening - 1
    if opening == 0 then
      early, count = {}, 0
    end
  end, function(data)
    require("zeke.connection").notify("agent.close", { session = data.session })
  end, M.OPEN_LIMIT_MS)
end

---@param session string
---@param update table of a session that may be one that is being opened
function M.keep(session, update)
  if opening > 0 and count < MOST_EARLY then
    early[session] = early[session] or {}
    table.insert(early[session], update)
    count = count + 1
  end
end

---@param params table of `task.submit`
---@param on table<string, fun(payload: table)>
---@return string task which waits until it is open
function Link:submit(params, on)
  local tasks = require("zeke.tasks")
  if self.state == "open" then
    params.session = self.offers.session
    return tasks.submit("agent", params, on)
  end
  local task, release, give_up = tasks.hold("agent", params, on)
  self.held = { release = release, give_up = give_up }
  self:say(("%s is starting: your question goes to it once it is there."):format(self:label()))
  self:connect()
  return task
end

---End its session.
function Link:close()
  local offers = self.offers
  self.offers, self.held = nil, nil
  if offers then
    links[offers.session] = nil
    if require("zeke.connection").phase() == "ready" then
      require("zeke.connection").notify("agent.close", { session = offers.session })
    end
  end
  self.state = "closed"
end

---It is gone by itself, or the broker is.
---@param reason string?
---@param task string? which has failed for that reason, and its chat says so
function Link:gone(reason, task)
  if self.offers then
    links[self.offers.session] = nil
  end
  self.state, self.offers = "closed", nil
  if self.chat:is_open() then
    self.chat:retitle()
  end
  if reason and (task or "") ~= "" then
    local said = "%s has ended: your next question starts it again."
    require("zeke.notice").info(said:format(self:label()))
  elseif reason then
    local said = "%s: %s Your next question starts it again."
    require("zeke.notice").error(said:format(self:label(), reason))
  end
end

---@return string what `:ZekeAgent` finds its chat by
function Link:address()
  local others = vim.iter(M.all()):any(function(one)
    return one ~= self and one.name == self.name
  end)
  return others and ("%s %d"):format(self.name, self.number or 1) or self.name
end

---Its answer is there, and its chat is not in sight.
function Link:done()
  local said = "%s is done: `:ZekeAgent %s` shows what it says."
  require("zeke.notice").info(said:format(self:label(), self:address()))
end

---@param place string where it works, as it goes on; empty: here
---@return string what stands above its chat
function Link:heading(place)
  local parts = { "Zeke: " .. self:label() .. place, self:mode() }
  if self.state == "opening" then
    parts[#parts + 1] = "starting …"
  end
  return table.concat(parts, " · ")
end

---@return string? name of its mode
function Link:mode()
  local modes = self.offers and self.offers.modes
  for _, one in ipairs(modes and modes.availableModes or {}) do
    if one.id == modes.currentModeId then
      return require("zeke.columns").visible(one.name or one.id)
    end
  end
end

---Of a session, not of one answer.
---@param update table
---@return boolean taken
function Link:update(update)
  local kind, offers = update.sessionUpdate, self.offers
  if not offers then
    return false
  elseif kind == "available_commands_update" then
    offers.commands = update.availableCommands or {}
  elseif kind == "config_option_update" then
    offers.config = update.configOptions or {}
  elseif kind == "current_mode_update" and offers.modes then
    offers.modes.currentModeId = update.currentModeId
    self.chat:retitle()
  elseif kind == "session_info_update" then
    offers.title = update.title or offers.title
    self.chat:retitle()
  elseif kind == "_zeke/prompted" then
    require("zeke.chat.heard").reached(self.chat.buffer)
  elseif kind == "_zeke/notice" then -- what the broker has to say of it
    require("zeke.notice").warn(("%s: %s"):format(self:label(), update.text))
  else
    return kind == "usage_update"
  end
  return true
end

---The broker is gone, and all sessions with it.
function M.lost()
  for _, link in ipairs(M.open()) do
    link:gone()
  end
end

return M
