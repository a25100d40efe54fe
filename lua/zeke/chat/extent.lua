---How far something reaches that begins in a line: to the brace or the `end` that closes it, else
---as far as its lines are indented. Knows no file and no language. Pure.
local M = {}

-- What begins a definition without any bracket, and in some languages ends it by `end`.
local WORDS = { "def", "function", "sub", "fn", "func", "class", "module", "defmodule", "macro" }

---@param line string
---@return integer columns
function M.indent(line)
  return #line:match("^%s*")
end

---@param line string
---@return boolean
local function blank(line)
  return not line:find("%S")
end

---@param text string
---@return boolean whether a word in it begins a definition
function M.worded(text)
  return vim.iter(text:gmatch("%a+")):any(function(word)
    return vim.list_contains(WORDS, word)
  end)
end

---@param line string
---@return integer round brackets, or square ones, that it opens and does not close
---@return integer curly
local function opened(line)
  local text = line:gsub('"[^"]*"', ""):gsub("'.'", "")
  local function more(open, close)
    return select(2, text:gsub(open, "")) - select(2, text:gsub(close, ""))
  end
  return more("[%(%[]", "[%)%]]"), more("{", "}")
end

---@param lines string[]
---@param row integer
---@return integer row of the line where the brackets are closed that are opened in the first one
---@return integer curly ones that are open there
function M.bracketed(lines, row)
  local round, curly = opened(lines[row])
  local open, last = curly, row
  while round > 0 and last < #lines do
    last = last + 1
    local line = lines[last]
    if M.indent(line) <= M.indent(lines[row]) and line:find("^%s*[^%s%)%]}]") then
      break
    end
    local here, braces = opened(line)
    round, open = round + here, open + braces
  end
  if round > 0 then
    return row, curly
  end
  return last, open
end

---@param lines string[]
---@param row integer where something begins
---@return integer? last line of it, if a brace opens it: the one that closes it where it began
---@return boolean? sure all braces agree
local function braced(lines, row)
  local own, first = M.indent(lines[row]), nil
  local index, open = M.bracketed(lines, row)
  if open <= 0 and lines[index]:find("}[;,]?%s*$") then
    return index, true
  end
  while open <= 0 and index < #lines do -- The brace may be on a line of its own.
    index = index + 1
    local line = lines[index]
    if not blank(line) and M.indent(line) <= own and not line:find("^%s*where%f[%W]") then
      open = line:find("^%s*{") and select(2, opened(line)) or 0
      break
    end
  end
  for number = index + 1, open > 0 and #lines or 0 do
    open = open + select(2, opened(lines[number]))
    local closes = M.indent(lines[number]) == own and lines[number]:find("^%s*}")
    first = first or closes and number or nil
    if open <= 0 and closes then
      return number, number == first
    elseif open <= 0 then
      break
    end
  end
  return first, false
end

---@param line string
---@return boolean whether it begins something that may have an `end` of its own
local function begins(line)
  local first, second = line:match("^%s*(%l+)%s*(%l*)")
  return vim.list_contains(WORDS, first) or vim.list_contains(WORDS, second)
end

---@param lines string[]
---@param row integer where something begins
---@return integer? last line of it, if it is an `end` where it began
local function ended(lines, row)
  local own, head = M.indent(lines[row]), vim.trim(lines[row])
  if not M.worded(head) or head:find(":$") then
    return nil
  elseif head:find("%f[%w]end$") then
    return row
  end
  for index = row + 1, #lines do
    local line = lines[index]
    if not blank(line) and M.indent(line) <= own then
      if line:find("^%s*end%f[^%w_]") then
        return M.indent(line) == own and index or nil
      elseif begins(line) then
        return nil
      end
    end
  end
end

---@param line string
---@param open string? quotation mark, three of which have begun a text above
---@return string? open the same behind the line
local function quoted(line, open)
  local from = 1
  while true do
    local _, past, mark = line:find(("([%s])%%1%%1"):format(open or "'\""), from)
    if not past then
      return open
    end
    open = not open and mark or nil
    from = past + 1
  end
end

---@param lines string[]
---@param row integer where something begins
---@return integer last line of it, as it is indented
local function indented(lines, row)
  local own, last, open = M.indent(lines[row]), row, nil ---@type integer, integer, string?
  for index = row + 1, #lines do
    local line = lines[index]
    local text = vim.trim(line)
    local comment = not open and text:find("^#") and M.indent(line) <= own
    if text ~= "" and not open and not comment and M.indent(line) <= own then
      if M.indent(line) < own then
        break
      elseif text:find("^}") or text:find("^end%f[^%w_]") then
        return index
      elseif not (text:find("^[%])]") or text == "{" and index == row + 1) then
        break
      end
    end
    last = text ~= "" and not comment and index or last
    open = not comment and quoted(line, open) or nil
  end
  return last
end

---@param lines string[]
---@param row integer where something begins
---@return integer last line of it
---@return boolean guessed
function M.of(lines, row)
  local last, sure = braced(lines, row)
  if not last then
    last = ended(lines, row)
    sure = last ~= nil
  end
  return last or indented(lines, row), not sure
end

return M
