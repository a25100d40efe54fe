---One field of a form that an agent asks for: what it wants, and what was typed as a value of it.
---Its schema was read by the broker, which has the last word on what fits.
local M = {}

local visible = require("zeke.columns").visible

---@class zeke.AskField
---@field name string
---@field schema table
---@field needed boolean

---@class zeke.AskChoice
---@field value any
---@field name string

local FORMATS = {
  email = "an e-mail address",
  uri = "an address with its scheme",
  date = "a date like 2026-01-31",
  ["date-time"] = "a time like 2026-01-31T12:00:00Z",
}
local WRITTEN = {
  email = "^%S+@%S+$",
  uri = "^%a[%w+.-]*:%S+$",
  date = "^%d%d%d%d%-%d%d%-%d%d$",
  ["date-time"] = "^%d%d%d%d%-%d%d%-%d%d[Tt ]%d%d:%d%d.*[%dZz]$",
}
local MOST_WHOLE = 2 ^ 53

---@param schema table
---@return zeke.AskChoice[]? what can be chosen; nil: it is typed
function M.choices(schema)
  if schema.type == "boolean" then
    return { { value = true, name = "yes" }, { value = false, name = "no" } }
  end
  local found = {} ---@type zeke.AskChoice[]
  for index, one in ipairs(schema.enum or {}) do
    found[#found + 1] = { value = one, name = (schema.enumNames or {})[index] or one }
  end
  for _, one in ipairs(schema.oneOf or schema.anyOf or {}) do
    found[#found + 1] = { value = one.const, name = one.title or one.const }
  end
  return #found > 0 and found or nil
end

---@param least number?
---@param most number?
---@param what string
---@return string? limits
local function limits(least, most, what)
  if least and most then
    return ("%s to %s%s"):format(least, most, what)
  end
  return least and ("at least %s%s"):format(least, what)
    or most and ("at most %s%s"):format(most, what)
    or nil
end

---@param schema table
---@return string[] what a value has to be
local function wanted(schema)
  local found = {}
  if schema.type == "integer" then
    found[1] = "a whole number"
  elseif schema.type == "number" then
    found[1] = "a number"
  elseif schema.type == "array" then
    local names = vim.tbl_map(function(choice)
      return visible(choice.name)
    end, M.choices(schema.items or {}) or {})
    found[1] = #names > 0 and "some of: " .. table.concat(names, ", ") or "with commas between them"
  elseif schema.type == "string" then
    found[1] = FORMATS[schema.format]
    found[#found + 1] = schema.pattern and "matching " .. visible(schema.pattern) or nil
  end
  found[#found + 1] = limits(schema.minimum, schema.maximum, "")
  found[#found + 1] = limits(schema.minLength, schema.maxLength, " characters")
  found[#found + 1] = limits(schema.minItems, schema.maxItems, " items")
  return found
end

---@param field zeke.AskField
---@return string
function M.described(field)
  local schema = field.schema
  local hints = vim.list_extend({ field.needed and "required" or nil }, wanted(schema))
  local text = visible(schema.title or field.name)
  if schema.description then
    text = ("%s: %s"):format(text, visible(schema.description))
  end
  return #hints > 0 and ("%s (%s)"):format(text, table.concat(hints, "; ")) or text
end

---@param schema table
---@return string? what is there to be typed over
function M.default(schema)
  local default = schema.default
  if type(default) == "table" then
    return table.concat(default, ", ")
  end
  return default ~= nil and tostring(default) or nil
end

---@param schema table
---@param text string
---@return number?
local function number(schema, text)
  local found = tonumber(text)
  if not found or found ~= found or math.abs(found) == math.huge then
    return nil
  end
  local whole = found == math.floor(found) and math.abs(found) <= MOST_WHOLE
  return (schema.type == "number" or whole) and found or nil
end

---@param schema table
---@param text string
---@return string[]? values
---@return string? problem
local function list(schema, text)
  local chosen = vim.tbl_map(vim.trim, vim.split(text, ",", { trimempty = true }))
  local known = M.choices(schema.items or {}) or {}
  for index, one in ipairs(#known > 0 and chosen or {}) do
    local meant = vim.iter(known):find(function(choice)
      return choice.name == one or choice.value == one
    end)
    if not meant then
      return nil, ("“%s” is none of them."):format(visible(one))
    end
    chosen[index] = meant.value
  end
  return chosen
end

---@param size number
---@param least number?
---@param most number?
---@return boolean
local function within(size, least, most)
  return (not least or size >= least) and (not most or size <= most)
end

---@param schema table
---@param text string
---@return any value
---@return string? problem
function M.read(schema, text)
  local value, problem = text, nil ---@type any, string?
  local fits = within(vim.fn.strchars(text), schema.minLength, schema.maxLength)
  if schema.type == "number" or schema.type == "integer" then
    value = number(schema, text)
    fits = value ~= nil and within(value, schema.minimum, schema.maximum)
  elseif schema.type == "array" then
    value, problem = list(schema, text)
    fits = value ~= nil and within(#value, schema.minItems, schema.maxItems)
  elseif WRITTEN[schema.format] then
    fits = fits and text:find(WRITTEN[schema.format]) ~= nil
  end
  if fits then
    return value
  end
  return nil, problem or ("This has to be %s."):format(table.concat(wanted(schema), "; "))
end

return M
