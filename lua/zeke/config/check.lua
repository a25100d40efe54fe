---Whether a setting is what it may be: one sentence that names it, or nothing.
---Knows the list of settings; of what they do it knows nothing.
local M = {}

local BORDERS = { "none", "single", "double", "rounded", "solid", "shadow", "bold" }
local PARTS = { [1] = true, [2] = true, [4] = true, [8] = true }

---@param value any
---@param kind string
---@return boolean
local function all(value, kind)
  return vim.iter(pairs(value)):all(function(_, item)
    return type(item) == kind
  end)
end

---@param value table
---@param kind string
---@return boolean
local function named(value, kind)
  return all(value, kind)
    and vim.iter(pairs(value)):all(function(name)
      return type(name) == "string"
    end)
end

---@param part any a character, or a character and its highlight group
---@return boolean
local function is_edge(part)
  local text, group, more = part, nil, nil
  if type(part) == "table" then
    text, group, more = part[1], part[2], part[3]
  end
  return type(text) == "string"
    and vim.fn.strdisplaywidth(text) <= 1
    and (group == nil or type(group) == "string")
    and more == nil
end

---@class zeke.Shape
---@field fits? fun(value: any): boolean
---@field wanted string?
---what is wrong with it, instead of both
---@field problem? fun(value: any, name: string): string?

---@type table<string, zeke.Shape>
local SHAPES = {
  list = {
    fits = function(value)
      return vim.islist(value) and all(value, "string")
    end,
    wanted = "a list of strings",
  },
  names = {
    fits = function(value)
      return named(value, "string")
    end,
    wanted = "a table from names to strings",
  },
  filetypes = {
    fits = function(value)
      return vim.islist(value) and all(value, "string") or named(value, "boolean")
    end,
    wanted = "a list of names, or a table from names to true or false",
  },
  border = {
    fits = function(value)
      if type(value) == "string" then
        return value == "" or vim.tbl_contains(BORDERS, value)
      end
      return vim.islist(value) and PARTS[#value] == true and vim.iter(value):all(is_edge)
    end,
    wanted = table.concat(BORDERS, ", ") .. ", or a list of 1, 2, 4 or 8 characters",
  },
  agents = {
    problem = function(value, name)
      return require("zeke.config.programs").agents(value, name)
    end,
  },
  servers = {
    problem = function(value, name)
      return require("zeke.config.programs").servers(value, name)
    end,
  },
}

---@param value any
---@param within table<table, true?> the tables around it
---@return string? problem what is wrong with it
local function odd(value, within)
  if type(value) ~= "table" then
    local plain = vim.tbl_contains({ "string", "boolean" }, type(value))
      or type(value) == "number" and value == value and math.abs(value) ~= math.huge
    return not plain and "may hold text, numbers, true and false only" or nil
  elseif within[value] then
    return "must not contain itself"
  end
  within[value] = true
  local list = vim.islist(value)
  for key, item in pairs(value) do
    local problem = not list and type(key) ~= "string" and "mixes a list with names"
      or odd(item, within)
    if problem then
      return problem
    end
  end
  within[value] = nil
end

---@param value number
---@param option zeke.Option
---@return string? wanted
local function range(value, option)
  local least, most, above = option.least, option.most, option.above
  if value ~= value or math.abs(value) == math.huge then
    return "a finite number"
  elseif option.whole and value ~= math.floor(value) then
    return "a whole number"
  elseif above and value <= above then
    return ("more than %g"):format(above)
  elseif least and value < least then
    return ("at least %g"):format(least)
  elseif most and value > most then
    return ("at most %d"):format(most)
  end
end

---@param kind string "a|b": one of two
---@param value any
---@return boolean
local function is(kind, value)
  return vim.tbl_contains(vim.split(kind, "|", { plain = true }), type(value))
end

---@param value any
---@param option zeke.Option
---@return string? problem
local function one(value, option)
  local name, kind, shape = option[1], option[2], SHAPES[option.shape]
  if type(kind) == "table" then
    local known = vim.tbl_contains(kind, value)
    local text = "%s must be one of: %s."
    return not known and text:format(name, table.concat(kind, ", ")) or nil
  elseif not is(kind, value) then
    return ("%s must be a %s, not a %s."):format(name, kind:gsub("|", " or a "), type(value))
  end
  local wanted = type(value) == "number" and range(value, option)
    or shape and shape.fits and not shape.fits(value) and shape.wanted
  if wanted then
    return ("%s must be %s."):format(name, wanted)
  end
  local problem = odd(value, {})
  if problem then
    return ("%s %s."):format(name, problem)
  end
  return shape and shape.problem and shape.problem(value, name) or nil
end

---@param key any that nothing is called
---@param known table<string, any>
---@param above string the name of what it is in, with a dot behind it
---@return string? name with dots, of what may have been meant
local function meant(key, known, above)
  local words = above == "" and require("zeke.config.programs").WORDS or {}
  local nearest, names = require("zeke.config").nearest, vim.tbl_keys(known)
  table.sort(names)
  local near = not vim.list_contains(words, key) and nearest(tostring(key), names)
  local word = not near and nearest(tostring(key), words)
  return near and above .. near or word and "agents." .. word or nil
end

---@param value any
---@param known table<string, any> what may be in it: an option, or a table of such
---@param above string the name of `value`, with a dot behind it
---@param problems string[] to which is added what is wrong
---@return table? good what is right of it
local function each(value, known, above, problems)
  if type(value) ~= "table" then
    problems[#problems + 1] = ("%s must be a table, not a %s."):format(
      above:sub(1, -2),
      type(value)
    )
    return nil
  end
  local good, keys = {}, vim.tbl_keys(value)
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    local schema, below = known[key], value[key]
    if type(key) ~= "string" then
      local text = "%s holds something without a name (%s)."
      problems[#problems + 1] = text:format(above == "" and "setup()" or above:sub(1, -2), key)
    elseif schema == nil then
      local name = meant(key, known, above)
      local advice = name and (": did you mean %s?"):format(name) or "."
      problems[#problems + 1] = ("Unknown setting %s%s%s"):format(above, key, advice)
    elseif schema[1] then
      local problem = one(below, schema)
      problems[#problems + 1] = problem
      if not problem then
        good[key] = below
      end
    else
      local inner = each(below, schema, above .. key .. ".", problems)
      -- Nothing is left where everything was wrong.
      good[key] = inner and (next(inner) ~= nil or next(below) == nil) and inner or nil
    end
  end
  return good
end

---@param settings table
---@param known table<string, any>
---@return table good what is right of it
---@return string[] problems a sentence for each mistake
function M.settings(settings, known)
  local problems = {} ---@type string[]
  return each(settings, known, "", problems) or {}, problems
end

return M
