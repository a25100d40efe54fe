---Where in a file a code block may go, the likeliest first: what it is another version of, what the
---question was about, what was selected; then beside what is there; all of it only at the end.
---Where several have the name that the code has, the question tells which of them is meant.
local M = {}

local blocks = require("zeke.chat.blocks")
local finder = require("zeke.chat.definition")

local MOST_ASKED = 3
-- What code has lost when it only calls it.
local DEFINED = { "function", "method", "constructor", "class", "struct", "interface", "enum" }

---@class zeke.CodePlace
---@field first integer
---@field last integer below `first`: before that line
---@field finish boolean? at the end, wherever that is by then
---@field look boolean? it is not certain that these are the lines that were meant

---@class zeke.CodeChoice
---@field text string
---@field place zeke.CodePlace

---@param target zeke.CodeTarget
---@return string
local function filetype(target)
  if target.buffer and vim.bo[target.buffer].filetype ~= "" then
    return vim.bo[target.buffer].filetype
  end
  local path = target.path
  return path ~= "" and vim.filetype.match({ filename = path, contents = target.lines }) or ""
end

---@param target zeke.CodeTarget
---@return zeke.Symbol[]?
local function symbols(target)
  local reader = require("zeke.mentions.symbols")
  if target.buffer then
    return (reader.of(target.buffer))
  end
  return reader.of_text(target.lines, filetype(target))
end

---@param block zeke.Block
---@param target zeke.CodeTarget
---@param known zeke.Symbol[] of it
---@return zeke.DefinitionPlace[]
local function definitions(block, target, known)
  local definition = finder.of(block.code, filetype(target))
  return definition and finder.places(definition, target.lines, known) or {}
end

---@param block zeke.Block
---@param target zeke.CodeTarget
---@return integer? first
---@return integer? last lines that the answer names, or that begin and end as the code does
local function told(block, target)
  local first, last = block.from, block.to
  if first and last and first >= 1 and last >= first and last <= #target.lines then
    return first, last
  end
  return blocks.place(block.code, target.lines)
end

---@param block zeke.Block
---@param target zeke.CodeTarget
---@return table<string, true> names that the code gives to something
local function given(block, target)
  local names = finder.names(block.code)
  local own = require("zeke.mentions.symbols").of_text(block.code, filetype(target)) or {}
  for _, symbol in ipairs(own) do
    names[finder.last(symbol.name)] = true
  end
  return names
end

---@param block zeke.Block
---@param target zeke.CodeTarget
---@param known zeke.Symbol[] of it
---@param first integer
---@param last integer
---@return boolean whether something in these lines is not in the code, or much more goes than comes
local function loses(block, target, known, first, last)
  if last - first + 1 > 2 * #block.code then
    return true
  end
  local code, names = table.concat(block.code, "\n"), given(block, target)
  if #known == 0 then
    local there = finder.names(vim.list_slice(target.lines, first, last))
    return vim.iter(pairs(there)):any(function(name)
      return not names[name]
    end)
  end
  return vim.iter(known):any(function(symbol)
    local name = finder.last(symbol.name)
    local inside = symbol.first >= first and symbol.last <= last
    local said = not vim.list_contains(DEFINED, symbol.what) and code:find(name, 1, true)
    return inside and not names[name] and not said
  end)
end

---@param lines string[]
---@param text string[]
---@param first integer
---@return boolean
local function stands(lines, text, first)
  return vim.deep_equal(vim.list_slice(lines, first, first + #text - 1), text)
end

---@param lines string[]
---@param attached zeke.Attachment
---@return zeke.CodePlace? place where its lines are now
local function asked(lines, attached)
  local first, last = attached.first, attached.last
  if not first or not last or not attached.text and last > #lines then
    return nil
  elseif not attached.text then
    return { first = first, last = last, look = true }
  end
  local text = vim.split(attached.text, "\n", { plain = true })
  text = vim.list_slice(text, 1, last - first + 1)
  if stands(lines, text, first) then
    return { first = first, last = first + #text - 1 }
  end
  local found ---@type integer?
  for row = 1, #lines - #text + 1 do
    if lines[row] == text[1] and stands(lines, text, row) then
      if found then
        return nil
      end
      found = row
    end
  end
  return found and { first = found, last = found + #text - 1 }
end

---@param target zeke.CodeTarget
---@param attached zeke.Attachment[]
---@return {place: zeke.CodePlace, said: string}[]
local function mentioned(target, attached)
  local found = {}
  for _, one in ipairs(attached) do
    local place = one.path == target.path and asked(target.lines, one)
    if place and #found < MOST_ASKED then
      found[#found + 1] = { place = place, said = require("zeke.columns").visible(one.label) }
    end
  end
  return found
end

---@param same zeke.DefinitionPlace[]
---@param place zeke.CodePlace
---@return zeke.DefinitionPlace? around that place
local function around(same, place)
  return vim.iter(same):find(function(one)
    return one.first <= place.first and one.last >= place.last
  end)
end

---@param target zeke.CodeTarget
---@param origin zeke.Origin?
---@param choices zeke.CodeChoice[]
local function beside(target, origin, choices)
  local count, name = #target.lines, target.name
  if origin and origin.buffer == target.buffer then
    local row = math.min(origin.cursor[1], count)
    local text = ("put it after line %d of %s"):format(row, name)
    choices[#choices + 1] = { text = text, place = { first = row + 1, last = row } }
  end
  choices[#choices + 1] = {
    text = "put it at the end of " .. name,
    place = { first = count + 1, last = count, finish = true },
  }
  local lines = count == 1 and "the only line" or ("all %d lines"):format(count)
  choices[#choices + 1] = {
    text = ("replace %s of %s"):format(lines, name),
    place = { first = 1, last = count },
  }
end

---@param block zeke.Block
---@param target zeke.CodeTarget with text
---@param attached zeke.Attachment[] of the question
---@return zeke.CodePlace? place the only one that can be meant; nil: ask
---@return zeke.CodeChoice[]
function M.find(block, target, attached)
  local origin = require("zeke.chat.origin").get()
  local choices, seen = {}, {} ---@type zeke.CodeChoice[], table<string, true>
  ---@param place zeke.CodePlace
  ---@param said string? whose lines these are
  local function add(place, said)
    local key = place.first .. " " .. place.last
    if not seen[key] then
      seen[key] = true
      local text = ("replace lines %d to %d of %s"):format(place.first, place.last, target.name)
      choices[#choices + 1] =
        { text = said and ("%s (%s)"):format(text, said) or text, place = place }
    end
  end
  local known = symbols(target) or {}
  local same, mentions = definitions(block, target, known), mentioned(target, attached)
  local first, last = told(block, target)
  ---@param one zeke.DefinitionPlace
  ---@param said string?
  local function add_same(one, said)
    local look = one.guessed or loses(block, target, known, one.first, one.last)
    add({ first = one.first, last = one.last, look = look }, said or one.said)
  end
  local function add_told()
    if first and last then
      local look = loses(block, target, known, first, last)
      local said = first == block.from and "as the answer says" or "its first line to its last"
      add({ first = first, last = last, look = look }, said)
    end
  end
  local only = #same == 0 or #same == 1 and same[1].first == first and same[1].last == last
  if first and last and only then
    local look = loses(block, target, known, first, last)
    return { first = first, last = last, look = look }, choices
  end
  for _, one in ipairs(#same > 1 and mentions or {}) do
    local whole = around(same, one.place)
    if whole then
      add_same(whole, ("%s, %s"):format(whole.said, one.said))
    else
      add(one.place, one.said)
    end
  end
  for _, one in ipairs(same) do
    if one.guessed and one.first == first and last > one.last then
      add_told()
    end
    add_same(one)
  end
  if first and last then
    add_told()
  end
  for _, one in ipairs(mentions) do
    add(one.place, one.said)
  end
  local range = origin and origin.buffer == target.buffer and origin.range
  if range and range.last <= #target.lines then
    add({ first = range.first, last = range.last })
  end
  beside(target, origin, choices)
  return nil, choices
end

return M
