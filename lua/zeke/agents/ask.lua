---What an agent asks its person (elicitation of ACP): a form, field by field, or a page to open.
---One at a time; while the person types, or has another list before them, it waits and says so.
---Whatever is left without an answer is `cancel`; nothing typed here is kept.
local M = {}

local visible = require("zeke.columns").visible

---@class zeke.AgentAsk what `agent.asked` brings
---@field session string
---@field agent string
---@field ask integer
---@field message string
---@field mode "form"|"url"
---@field schema table?
---@field url string?

local waiting = {} ---@type zeke.AgentAsk[]
local shown ---@type zeke.AgentAsk? the one before the person

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
      changed()
      return true
    end
  end
  return false
end

local offer ---@type fun()

---@param ask zeke.AgentAsk
---@param action "accept"|"decline"|"cancel"
---@param content table?
local function answer(ask, action, content)
  shown = nil
  if drop(ask) then
    require("zeke.act").mark()
    require("zeke.connection").notify("agent.answer", {
      session = ask.session,
      ask = ask.ask,
      action = action,
      content = content,
    })
  elseif action == "accept" then
    require("zeke.notice").info("This was not waited for any more.")
  end
  offer()
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

---@param ask zeke.AgentAsk
local function show(ask)
  shown = ask
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

function offer()
  if waiting[1] and not shown and require("zeke.act").fresh() then
    vim.schedule(function()
      if waiting[1] and not shown then
        show(waiting[1])
      end
    end)
  end
end

---@param payload zeke.AgentAsk
function M.asked(payload)
  waiting[#waiting + 1] = payload
  changed()
  if shown or not require("zeke.act").fresh() then
    local said = "%s asks something: `:Zeke prompt` shows it."
    require("zeke.notice").info(said:format(label(payload)))
  else
    offer()
  end
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
