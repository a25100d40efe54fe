---The function or class that a code block is another version of, and where it stands in a file: by
---a parser where there is one, else by its first words and by how far its lines are indented.
local M = {}

local extent = require("zeke.chat.extent")

local MOST = 3
-- What may stand above a definition and belongs to it: decorators, attributes, comments.
local PREFACES = { "^%s*[@#]", "^%s*//", "^%s*/?%*", "^%s*%-%-" }
-- What looks like a definition with one word before a bracket, and is none.
local STATEMENTS = {
  "if",
  "elif",
  "else",
  "for",
  "while",
  "switch",
  "match",
  "case",
  "return",
  "with",
  "try",
  "catch",
  "do",
}
---@class zeke.Definition
---@field name string with those around it before it, as in `Class.method`, as far as they are told
---@field head string its first line up to its name
---@field preface boolean whether something that belongs to it stands above it

---@class zeke.DefinitionPlace
---@field first integer
---@field last integer
---@field said string what stands there
---@field guessed boolean? its end is only known by how its lines are indented

---@param line string
---@return boolean
local function prefaces(line)
  return vim.iter(PREFACES):any(function(pattern)
    return line:find(pattern) ~= nil
  end)
end

---@param line string
---@return boolean
local function blank(line)
  return not line:find("%S")
end

---@param line string
---@return string? head up to its name
---@return string? name
local function begun(line)
  local text = vim.trim(line)
  local head = text:match("^func%s*%b()%s*[%w_]+") -- a method of Go
    or text:match("^(.-)%s*[%(%{=<]")
    or text:match("^(.-)%s*:$")
    or extent.worded(text:match("^%l*") or "") and text:match("^%l+%s+[%w_$.:]+[?!]?$")
  local name = head and head:match("[%w_$]+[?!]?$")
  local first = head and head:match("^[%w_]+")
  if
    not head
    or not name
    or not first
    or vim.list_contains(STATEMENTS, first)
    or prefaces(line)
  then
    return nil
  elseif not head:find("%s") and not text:find("{$") and not text:find("^[%w_.:]+%s*=") then
    return nil -- a call
  end
  return head, name
end

---@param lines string[]
---@param row integer of what stands above a definition
---@return integer last line of that
local function preface_end(lines, row)
  local runs = lines[row]:find("^%s*@") or lines[row]:find("^%s*#!?%[")
  return runs and (extent.bracketed(lines, row)) or row
end

---@param code string[]
---@return integer? row of the first line that is neither empty nor above a definition
local function opening(code)
  local row = 1
  while row <= #code do
    if prefaces(code[row]) then
      row = preface_end(code, row)
    elseif not blank(code[row]) then
      return row
    end
    row = row + 1
  end
end

---@param lines string[]
---@param row integer
---@return integer? row of the preface that ends right above it
local function above(lines, row)
  local own = extent.indent(lines[row])
  for index = row - 1, 1, -1 do
    local line = lines[index]
    if blank(line) or extent.indent(line) < own then
      return nil
    elseif extent.indent(line) == own and prefaces(line) then
      return preface_end(lines, index) == row - 1 and index or nil
    end
  end
end

---@param name string
---@return string[] parts of it, without what it is called with
local function parts(name)
  name = name:gsub("%b()$", ""):gsub("%b<>", "")
  return vim.split(name:gsub("[%s()*&]", ""), "[.:]+", { trimempty = true })
end

---Two names agree as far as both are told: `run` may be `A.run`, and `B.run` is not.
---@param one string
---@param other string
---@return boolean
local function agree(one, other)
  local mine, theirs = parts(one), parts(other)
  for back = 0, math.min(#mine, #theirs) - 1 do
    if mine[#mine - back] ~= theirs[#theirs - back] then
      return false
    end
  end
  return #mine > 0 and #theirs > 0
end

---@param name string
---@return string part that stands last in it
function M.last(name)
  local all = parts(name)
  return all[#all] or name
end

---@param lines string[]
---@return table<string, true> names of the functions, classes and the like that begin in them
function M.names(lines)
  local found = {}
  for row, line in ipairs(lines) do
    local _, name = begun(line)
    local opens = line:find("[{:]%s*$")
      or line:find("%).*{")
      or extent.worded(line)
      or (lines[row + 1] or ""):find("^%s*{")
    if name and opens then
      found[name] = true
    end
  end
  return found
end

---@param symbols zeke.Symbol[]
---@return zeke.Symbol[] those that stand in no other
local function outermost(symbols)
  local found, past = {}, 0
  for _, symbol in ipairs(symbols) do
    if symbol.first > past then
      found[#found + 1] = symbol
      past = symbol.last
    end
  end
  return found
end

---The one definition that the code is; nil: it is something else, or several.
---@param code string[]
---@param filetype string of the file it is for
---@return zeke.Definition?
function M.of(code, filetype)
  local row = opening(code)
  if not row then
    return nil
  end
  local head, name = begun(code[row])
  local symbols = outermost(require("zeke.mentions.symbols").of_text(code, filetype) or {})
  local symbol = symbols[1]
  if #symbols > 1 or symbol and symbol.first ~= row then
    return nil
  elseif not symbol and (not head or extent.of(code, row) == row) then
    return nil
  end
  local last = symbol and symbol.last or extent.of(code, row)
  if not vim.iter(vim.list_slice(code, last + 1)):all(blank) then
    return nil
  end
  if head and name and not symbol then
    local receiver = head:match("^func%s*%([^)]-([%w_]+)%s*%)") -- of a method of Go
    name = receiver and receiver .. "." .. name or head:match("[%w_$.:~]+[?!]?$") or name
  end
  name = symbol and symbol.name or name
  if not name then
    return nil
  end
  return {
    name = name,
    head = head or vim.trim(code[row]),
    preface = vim.iter(vim.list_slice(code, 1, row - 1)):any(prefaces),
  }
end

---@param symbols zeke.Symbol[]
---@param definition zeke.Definition
---@return zeke.DefinitionPlace[]
local function named(symbols, definition)
  local found = {}
  for _, symbol in ipairs(symbols) do
    if agree(symbol.name, definition.name) then
      local said = ("%s %s"):format(symbol.what, symbol.name)
      found[#found + 1] = { first = symbol.first, last = symbol.last, said = said }
    end
  end
  return found
end

---@param lines string[]
---@param definition zeke.Definition
---@return zeke.DefinitionPlace[]
local function headed(lines, definition)
  local found, head = {}, definition.head
  for row, line in ipairs(lines) do
    local text = vim.trim(line)
    if vim.startswith(text, head) and not text:find("^[.:]*[%w_?!]", #head + 1) then
      local last, guessed = extent.of(lines, row)
      found[#found + 1] = { first = row, last = last, said = head, guessed = guessed }
    end
  end
  return found
end

---Where a file has the same one. What stands above it goes along when the code has that too.
---@param definition zeke.Definition
---@param lines string[] of the file
---@param symbols zeke.Symbol[]? of the file, as far as they are known
---@return zeke.DefinitionPlace[]
function M.places(definition, lines, symbols)
  local found = named(symbols or {}, definition)
  if #found == 0 then
    found = headed(lines, definition)
  end
  found = vim.list_slice(found, 1, MOST)
  for _, place in ipairs(found) do
    local row = definition.preface and above(lines, place.first)
    while row do
      place.first = row
      row = above(lines, row)
    end
  end
  return found
end

return M
