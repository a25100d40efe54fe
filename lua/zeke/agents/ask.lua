---What an agent asks its person (elicitation of ACP): a form, field by field, or a page to open.
---It says that it waits, and takes neither cursor nor command line: `:Zeke prompt` shows it, one at
---a time. Whatever is left without an answer is `cancel`; nothing typed here is kept.
local M = {}

local columns = require("zeke.columns")
local visible = columns.visible

local MOST_SAID = 160

---@class zeke.AgentAsk what `agent.asked` brings
---@field session string
---@field agent string
---@field ask integer
---@field message string
---@field mode "form"|"url"
---@field schema table?
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
---@param action "accept"|"decline"|"cancel"
---@param content table?
local function answer(ask, action, content)
  if drop(ask) then
    require("zeke.act").mark()
    require("zeke.connection").notify("agent.answer", {
      session = ask.session,
      ask = ask.ask,
      action = action,
      content = content,
    })
    if waiting[1] then
      tell(waiting[1])
    end
  elseif action == "accept" then
    missed()
  end
end

---@class zeke.AskChoice
---@field value any
---@field name string

---@param schema table of one field
---@return zeke.AskChoice[]? what can be chosen; nil: it is typed
local function choices(schema)
  if schema.type == "boolean" then
    return { { value = true, name = "yes" }, { value = false, name = "no" } }
  end
  local found = {} ---@type zeke.AskChoice[]
  for index, one in ipairs(schema.enum or {}) do
    local name = (schema.enumNames or {})[index] or tostring(one)
    found[#found + 1] = { value = one, name = name }
  end
  for _, one in ipairs(schema.oneOf or schema.anyOf or {}) do
    found[#found + 1] = { value = one.const, name = one.title or tostring(one.const) }
  end
  return #found > 0 and found or nil
end

---@param schema table of one field
---@param text string
---@return any value
---@return string? problem
local function read(schema, text)
  if schema.type == "number" or schema.type == "integer" then
    local number = tonumber(text)
    if not number or (schema.type == "integer" and number ~= math.floor(number)) then
      return nil, "This has to be a number."
    end
    return number
  elseif schema.type == "array" then
    local chosen = vim.tbl_map(vim.trim, vim.split(text, ",", { trimempty = true }))
    local known = choices(schema.items or {}) or {}
    for index, one in ipairs(#known > 0 and chosen or {}) do
      local meant = vim.iter(known):find(function(choice)
        return choice.name == one or tostring(choice.value) == one
      end)
      if not meant then
        return nil, ("“%s” is none of them."):format(one)
      end
      chosen[index] = meant.value
    end
    return chosen
  end
  return text
end

---@param schema table of one field
---@param name string
---@return string
local function described(schema, name)
  local text = visible(schema.title or name)
  local known = schema.type == "array" and choices(schema.items or {}) or {}
  local names = vim.tbl_map(function(choice)
    return visible(choice.name)
  end, known)
  return #names > 0 and ("%s (some of: %s)"):format(text, table.concat(names, ", ")) or text
end

---@param ask zeke.AgentAsk
---@return string[] fields in the order of the schema's `required`, then by name
local function fields(ask)
  local properties, found = (ask.schema or {}).properties or {}, {}
  for _, name in ipairs((ask.schema or {}).required or {}) do
    found[#found + 1] = properties[name] and name
  end
  local rest = vim.tbl_filter(function(name)
    return not vim.list_contains(found, name)
  end, vim.tbl_keys(properties))
  table.sort(rest)
  return vim.list_extend(found, rest)
end

---@param ask zeke.AgentAsk
---@param names string[] of the fields that are still to be asked
---@param content table
---@param wrong string? with what was typed before
local function form(ask, names, content, wrong)
  if not vim.list_contains(waiting, ask) then
    return missed()
  end
  local name = table.remove(names, 1)
  if not name then
    return answer(ask, "accept", next(content) and content or vim.empty_dict())
  end
  local schema = ask.schema.properties[name]
  local prompt = ("%s: %s"):format(label(ask), described(schema, name))
  prompt = wrong and ("%s %s"):format(wrong, prompt) or prompt
  local needed = vim.list_contains(ask.schema.required or {}, name)
  local function take(value)
    if value == nil then
      return answer(ask, "cancel")
    elseif needed or value ~= "" then
      content[name] = value
    end
    vim.schedule(function()
      form(ask, names, content)
    end)
  end
  local found = choices(schema)
  if found then
    return vim.ui.select(found, {
      prompt = prompt,
      format_item = function(one)
        return visible(one.name)
      end,
    }, function(one)
      take(one and one.value)
    end)
  end
  local default = type(schema.default) ~= "table" and schema.default or nil
  default = default ~= nil and tostring(default) or nil
  vim.ui.input({ prompt = prompt .. " ", default = default }, function(text)
    if text == nil or (text == "" and not needed) then
      return take(text)
    end
    local value, problem = read(schema, text)
    if not problem then
      return take(value)
    end
    table.insert(names, 1, name)
    vim.schedule(function()
      form(ask, names, content, problem)
    end)
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
---@param name string
---@param found zeke.AskChoice[]
local function choose(ask, name, found)
  local title = described(ask.schema.properties[name], name)
  local items = vim.list_extend({}, found)
  items[#items + 1] = { name = "Decline" }
  vim.ui.select(items, {
    prompt = ("%s asks: %s · %s"):format(label(ask), visible(ask.message), title),
    format_item = function(one)
      return visible(one.name)
    end,
  }, function(one, index)
    if not one then
      answer(ask, "cancel")
    elseif index == #items then
      answer(ask, "decline")
    else
      answer(ask, "accept", { [name] = one.value })
    end
  end)
end

---@param ask zeke.AgentAsk
---@return string? name of the field, where a choice is all that is asked for
---@return zeke.AskChoice[]?
local function one_choice(ask)
  local names = ask.mode == "form" and fields(ask) or {}
  local needed = #names == 1 and vim.list_contains(ask.schema.required or {}, names[1])
  local found = needed and choices(ask.schema.properties[names[1]]) or nil
  return found and names[1] or nil, found
end

---@param ask zeke.AgentAsk
local function show(ask)
  local only, found = one_choice(ask)
  if only and found then
    return choose(ask, only, found)
  end
  local page = ask.mode == "url"
  local items = page and { "Open " .. visible(ask.url), "Decline" } or { "Answer", "Decline" }
  local prompt = ("%s asks: %s"):format(label(ask), visible(ask.message))
  vim.ui.select(items, { prompt = prompt }, function(_, index)
    if index == nil then
      answer(ask, "cancel")
    elseif index == 2 then
      answer(ask, "decline")
    elseif page then
      open_page(ask)
    else
      form(ask, fields(ask), {})
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
