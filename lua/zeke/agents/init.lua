---`:ZekeAgent`: conversations with agents, each in a chat of its own.
local M = {}

local link = require("zeke.agents.link")
local session = require("zeke.chat.session")

---@param chat zeke.Chat
local function show(chat)
  require("zeke.chat.window").show(chat.buffer, chat:heading())
  chat:used()
end

---@param name string
---@return zeke.Chat? the chat with this agent, of this project, that was used last
local function of(name)
  return require("zeke.chat.home").latest(function(chat)
    return chat.agent ~= nil and chat.agent.name == name
  end)
end

---@class zeke.AgentOpening
---@field text string?
---@field fresh boolean? a new session
---@field chat zeke.Chat? this one
---@field command string[]? of an agent that nobody knows
---@field resume string? the agent's own name of a session
---@field project string? directory that this one is of

---@param name string
---@param options zeke.AgentOpening
function M.open(name, options)
  require("zeke.chat.origin").mark()
  local fresh = options.fresh or options.resume ~= nil or options.command ~= nil
  local chat = options.chat or not fresh and of(name) or session.new()
  if not chat.agent then
    chat.project = options.project or chat.project
    link.new(chat, { name = name, command = options.command, id = options.resume })
  end
  show(chat)
  require("zeke.chat.input").enter(chat.buffer)
  chat.agent:connect()
  chat:retitle()
  local text = require("zeke.context").instruction(options.text or "")
  chat:ask(text, text ~= "")
end

---@param agent table
---@return string
local function described(agent)
  local visible = require("zeke.columns").visible
  local state = agent.builtin and "built in" or agent.installed and "installed" or "not installed"
  local title = agent.title ~= agent.name and " · " .. visible(agent.title) or ""
  return ("%s%s · %s"):format(visible(agent.name), title, state)
end

---@param agent table
---@param fresh boolean
local function chosen(agent, fresh)
  if agent.builtin or agent.installed or agent.install == "" then
    return M.open(agent.name, { fresh = fresh })
  end
  local said = ("%s is not installed. To install it: %s"):format(agent.title, agent.install)
  require("zeke.notice").warn(said .. (said:find("%.$") and "" or "."))
end

---Choose one of those there are.
---@param fresh boolean
local function pick(fresh)
  require("zeke.act").mark()
  local params = { cwd = vim.fn.getcwd() }
  require("zeke.replies").ask("agent.list", params, function(data, problem)
    if not data then
      return require("zeke.notice").error(problem or "?")
    end
    require("zeke.dialog").select(data.agents, {
      prompt = fresh and "A new session with which agent?" or "Talk to which agent?",
      format_item = described,
    }, function(agent)
      if agent then
        chosen(agent, fresh)
      end
    end)
  end)
end

---`:ZekeAgent NAME sessions`: of the current directory, or of that which a chat is of.
---@param name string
---@param of_chat zeke.Chat?
function M.sessions(name, of_chat)
  local command = of_chat and of_chat.agent.command
  local project = of_chat and of_chat.project or vim.fn.getcwd()
  local whose = { agent = name, command = command, cwd = project }
  require("zeke.agents.menu").sessions(whose, function(id)
    for _, one in ipairs(link.open()) do
      if one.name == name and one.resume == id and vim.deep_equal(one.command, command) then
        return show(one.chat)
      end
    end
    M.open(name, { resume = id, command = command, project = project })
  end)
end

local QUOTED = { ['"'] = '^"([^"]*)"(.*)$', ["'"] = "^'([^']*)'(.*)$" }
local UNENDED = "A quotation mark in this command has no end, or stands within a word."

---@param command string
---@return string[]? argv
---@return string? problem
local function words_of(command)
  local found, rest = {}, vim.trim(command)
  while rest ~= "" do
    local pattern = QUOTED[rest:sub(1, 1)] or "^([^%s\"']+)(.*)$"
    local word, after = rest:match(pattern)
    after = after or ""
    if not word or (after ~= "" and not after:find("^%s")) then
      return nil, UNENDED
    end
    found[#found + 1], rest = word, vim.trim(after)
  end
  return found, nil
end

---@param command string
---@return string name to show
local function name_of(command)
  local name = vim.fs.basename(command):gsub("[^%w._-]", "-")
  return name ~= "" and name or "agent"
end

---@param name string
---@param number string as it stands in its label
---@return zeke.AgentLink? of a chat that is open
local function numbered(name, number)
  return vim.iter(link.all()):find(function(one)
    return one.name == name and tostring(one.number or 1) == number
  end)
end

---@param text string `[name [sessions | number | text]]` or `-- command`
---@param fresh boolean a new session
function M.run(text, fresh)
  local command = text:match("^%-%-%s*(.*)$")
  if command then
    local argv, problem = words_of(command)
    if not argv or #argv == 0 then
      problem = problem or "Say which command it is, as in `:ZekeAgent -- program --acp`."
      return require("zeke.notice").error(problem)
    end
    return M.open(name_of(argv[1]), { command = argv })
  end
  local name, rest = text:match("^(%S+)%s*(.*)$")
  if not name then
    pick(fresh)
  elseif rest == "sessions" then
    M.sessions(name)
  else
    local one = not fresh and numbered(name, rest or "") or nil
    M.open(name, { text = not one and rest or nil, fresh = fresh, chat = one and one.chat or nil })
  end
end

---@return string[]
local function names()
  local known = vim.list_extend({}, require("zeke.agents.known"))
  local own = require("zeke.config.programs").names(require("zeke.config").get().agents)
  for _, name in ipairs(own) do
    known[#known + 1] = not vim.list_contains(known, name) and name or nil
  end
  return known
end

---@param name string?
---@return string[] what may stand after it
local function second(name)
  local found = name and { "sessions" } or {}
  for _, one in ipairs(link.all()) do
    if one.name == name and one.number then
      found[#found + 1] = tostring(one.number)
    end
  end
  table.sort(found)
  return found
end

---@param lead string
---@param before string what stands between the command and it
---@return string[]
function M.complete(lead, before)
  local first = vim.trim(before) == ""
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, first and names() or second(before:match("^%s*([^%s-]%S*)%s+$")))
end

---A program has ended, and may have written files.
---@param found zeke.AgentLink?
---@param task string?
local function look(found, task)
  local chat = found and found.chat
    or vim.iter(require("zeke.chat.session").all()):find(function(one)
      return task ~= nil and one.task == task
    end)
  if chat then
    require("zeke.review.outside").look(chat)
  end
end

---@param payload {session: string, task: string?, update: table}
function M.on_update(payload)
  local found = link.of(payload.session)
  if payload.update.sessionUpdate == "_zeke/terminal" and payload.update.exit then
    look(found, payload.task)
  end
  if found and found:update(payload.update) then
    return
  elseif payload.task then
    local told = { id = payload.task, update = payload.update }
    require("zeke.tasks").on_event("update", told)
  elseif found then
    require("zeke.agents.past").take(found.chat, payload.update)
  else
    link.keep(payload.session, payload.update)
  end
end

---@return string[] the agents of the chats that are open, each with what it does
function M.described()
  return vim.tbl_map(function(one)
    local state = one.state == "opening" and "starting"
      or require("zeke.chat.waits").count(one.chat) > 0 and "waits for you"
      or one.chat:busy() and "works"
      or one.state == "open" and "idle"
      or "not running"
    return ("%s (%s)"):format(one:label(), state)
  end, link.all())
end

---@param payload {session: string, task: string?, reason: string}
function M.on_closed(payload)
  local found = link.of(payload.session)
  if found then
    found:gone(payload.reason, payload.task)
  end
end

return M
