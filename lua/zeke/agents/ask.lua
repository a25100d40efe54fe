---What an agent asks its person (elicitation of ACP): a form, field by field, or a page to open.
---It says that it waits, and takes neither cursor nor command line: `:Zeke prompt` shows it, one at
---a time. Whatever is left without an answer is `cancel`; nothing typed here is kept.
local M = {}

local Field = require("zeke.agents.field")
local columns = require("zeke.columns")
local visible = columns.visible

local MOST_SAID = 160
local REFUSED = "bad_input"

---@class zeke.AgentAsk what `agent.asked` brings
---@field session string
---@field agent string
---@field ask integer
---@field message string
---@field mode "form"|"url"
---@field schema table?
---@field fields string[] names of the form's, in the agent's order
---@field url string?
---@field said string? the notice of it

local waiting = {} ---@type zeke.AgentAsk[]

---@param ask zeke.AgentAsk
---@return string
local function label(ask)
  local link = require("zeke.agents.link").of(ask.session)
  return link and link:label() or visible(ask.agent)
end

local function changed()
  require("zeke.statusline").refresh()
  for _, link in ipairs(require("zeke.agents.link").open()) do
    link.chat:retitle()
  end
end

---@param ask zeke.AgentAsk
---@return boolean it waited
local function drop(ask)
  for index, known in ipairs(waiting) do
    if known.session == ask.session and known.ask == ask.ask then
      table.remove(waiting, index)
      if known.said then
        require("zeke.notice").over(known.said)
      end
      changed()
      return true
    end
  end
  return false
end

---@param ask zeke.AgentAsk
local function tell(ask)
  local message = columns.cut(visible((ask.message:gsub("%s+", " "))), MOST_SAID)
  message = message:find("[.:!?]$") and message or message .. "."
  ask.said = ("%s asks: %s `:Zeke prompt` answers."):format(label(ask), message)
  require("zeke.notice").info(ask.said)
end

local function missed()
  require("zeke.notice").info("This was not waited for any more.")
end

---@param ask zeke.AgentAsk
---@param action "accept"|"decline"
---@param content table?
local function answer(ask, action, content)
  if not drop(ask) then
    if action == "accept" then
      missed()
    end
    return
  end
  require("zeke.act").mark()
  local said = { session = ask.session, ask = ask.ask, action = action, content = content }
  require("zeke.replies").ask("agent.answer", said, function(data, problem, code)
    if problem then
      require("zeke.notice").error(problem)
    elseif action == "accept" and data and not data.counted then
      missed()
    end
    if code == REFUSED then
      M.asked(ask)
    end
  end)
  if waiting[1] then
    tell(waiting[1])
  end
end

---@param ask zeke.AgentAsk
---@return zeke.AskField[] found as the agent has ordered them
local function fields(ask)
  local schema = ask.schema or {}
  return vim.tbl_map(function(name)
    local needed = vim.list_contains(schema.required or {}, name)
    return { name = name, schema = schema.properties[name], needed = needed }
  end, ask.fields)
end

---@param ask zeke.AgentAsk
local function left(ask)
  if not vim.list_contains(waiting, ask) then
    return missed()
  end
  require("zeke.notice").info("Nothing was answered: `:Zeke prompt` shows the question again.")
end

---@param found zeke.AskChoice[]
---@param field zeke.AskField
---@param prompt string
---@param take fun(value: any) nil: it is left out
---@param leave fun()
local function select(found, field, prompt, take, leave)
  local items = vim.list_extend({}, found)
  if not field.needed then
    items[#items + 1] = { name = "Leave it out" }
  end
  require("zeke.dialog").select(items, {
    prompt = prompt,
    format_item = function(one)
      local is_default = one.value ~= nil and one.value == field.schema.default
      return visible(one.name) .. (is_default and " (default)" or "")
    end,
  }, function(one)
    if one then
      take(one.value)
    else
      leave()
    end
  end)
end

---@param ask zeke.AgentAsk
---@param at integer the field that is asked for now
---@param content table
---@param wrong string? with what was typed before
local function form(ask, at, content, wrong)
  if not vim.list_contains(waiting, ask) then
    return missed()
  end
  local field = fields(ask)[at]
  if not field then
    return answer(ask, "accept", next(content) and content or vim.empty_dict())
  end
  local prompt = ("%s: %s"):format(label(ask), Field.described(field))
  prompt = wrong and ("%s %s"):format(wrong, prompt) or prompt
  local function go_on(next_at, problem)
    vim.schedule(function()
      form(ask, next_at, content, problem)
    end)
  end
  local function take(value)
    content[field.name] = value
    go_on(at + 1)
  end
  local function leave()
    left(ask)
  end
  local found = Field.choices(field.schema)
  if found then
    return select(found, field, prompt, take, leave)
  end
  local how = { prompt = prompt .. " ", default = Field.default(field.schema) }
  require("zeke.dialog").input(how, function(text)
    if text == nil then
      return leave()
    elseif text == "" and not field.needed then
      return take(nil)
    end
    local value, problem = Field.read(field.schema, text)
    if problem then
      return go_on(at, problem)
    end
    take(value)
  end)
end

---@param ask zeke.AgentAsk
local function open_page(ask)
  local url = ask.url or ""
  if not url:find("^https?://") then
    require("zeke.notice").error("This is no address of a web page, so it is not opened.")
    return answer(ask, "decline")
  end
  local _, problem = vim.ui.open(url)
  if problem then
    require("zeke.notice").info("Open this address yourself: " .. url)
  end
  answer(ask, "accept")
end

---All of a form at once.
---@param ask zeke.AgentAsk
---@param field zeke.AskField
---@param found zeke.AskChoice[]
local function choose(ask, field, found)
  local items = vim.list_extend({}, found)
  items[#items + 1] = { name = "Decline" }
  local title = Field.described(field)
  local prompt = ("%s asks: %s · %s"):format(label(ask), visible(ask.message), title)
  select(items, field, prompt, function(value)
    if value == nil then
      return answer(ask, "decline")
    end
    answer(ask, "accept", { [field.name] = value })
  end, function()
    left(ask)
  end)
end

---@param ask zeke.AgentAsk
local function show(ask)
  local page = ask.mode == "url"
  local asked = page and {} or fields(ask)
  local only = #asked == 1 and asked[1] or nil
  local found = only and only.needed and Field.choices(only.schema)
  if only and found then
    return choose(ask, only, found)
  end
  local items = page and { "Open " .. visible(ask.url), "Decline" } or { "Answer", "Decline" }
  local prompt = ("%s asks: %s"):format(label(ask), visible(ask.message))
  require("zeke.dialog").select(items, { prompt = prompt }, function(_, index)
    if index == nil then
      left(ask)
    elseif index == 2 then
      answer(ask, "decline")
    elseif page then
      open_page(ask)
    else
      form(ask, 1, {})
    end
  end)
end

---@param payload zeke.AgentAsk
function M.asked(payload)
  local ask = vim.deepcopy(payload) -- others hear of it as it came
  waiting[#waiting + 1] = ask
  changed()
  tell(ask)
end

---It need not be answered any more.
---@param payload {session: string, ask: integer}
function M.unasked(payload)
  drop(payload --[[@as zeke.AgentAsk]])
end

---`:Zeke prompt`, when GhostWarden asks nothing.
---@return boolean there is one
function M.focus()
  local ask = waiting[1]
  if ask then
    show(ask)
  end
  return ask ~= nil
end

---@param session string? nil: all
---@return integer how many wait
function M.count(session)
  return #vim.tbl_filter(function(ask)
    return not session or ask.session == session
  end, waiting)
end

---The broker is gone, and whoever asked.
function M.lost()
  waiting = {}
end

return M
