---Proposed lines as virtual ones: tabs as they would stand, nothing a terminal would obey, no line
---longer than the window. Knows no buffer.
local M = {}

local columns = require("zeke.columns")

-- Wider than any terminal: the colour of a line goes on to the window's edge.
local FILL = (" "):rep(500)

---@param text string
---@param column integer where it begins
---@param tabstop integer
---@return string visible, integer column where it ends
function M.visible(text, column, tabstop)
  if not text:find("[^\32-\126]") then
    return text, column + #text
  end
  local parts = {}
  for piece, tab in (text .. "\n"):gmatch("([^\t\n]*)([\t\n])") do
    local shown = vim.fn.strtrans(piece)
    column = column + columns.width(shown)
    parts[#parts + 1] = shown
    if tab == "\t" then
      local fill = tabstop - column % tabstop
      parts[#parts + 1] = (" "):rep(fill)
      column = column + fill
    end
  end
  return table.concat(parts), column
end

---@param line string
---@param spans zeke.Span[]?
---@param groups {line: string, word: string}
---@param tabstop integer
---@return table[] chunks, integer width
local function chunks_of(line, spans, groups, tabstop)
  local chunks, column, at = {}, 0, 0
  local function add(to, group)
    if to > at then
      local text
      text, column = M.visible(line:sub(at + 1, to), column, tabstop)
      chunks[#chunks + 1] = { text, group }
      at = to
    end
  end
  for _, span in ipairs(spans or {}) do
    add(span[1], groups.line)
    add(span[2], groups.word)
  end
  add(#line, groups.line)
  return chunks, column
end

---@param chunks table[]
---@param width integer
---@return table[][] lines none of which is wider
local function broken(chunks, width)
  local lines, line, room = {}, {}, width
  for _, chunk in ipairs(chunks) do
    local text, group = chunk[1], chunk[2]
    while columns.width(text) > room do
      local head = room > 0 and columns.broken(text, room)[1] or ""
      -- A wide letter may be wider than the room that is left.
      head = columns.width(head) <= room and head or ""
      line[#line + 1] = { head, group }
      lines[#lines + 1] = line
      line, room, text = {}, math.max(width, 2), text:sub(#head + 1)
    end
    line[#line + 1] = { text, group }
    room = room - columns.width(text)
  end
  lines[#lines + 1] = line
  return lines
end

---@param texts string[]
---@param spans table<integer, zeke.Span[]> by line
---@param groups {line: string, word: string}
---@param shape {tabstop: integer, width: integer} width: 0 for as long as they are
---@return table[] virt_lines
---@return integer[] ends how many of them there are with each of `texts`
function M.coming(texts, spans, groups, shape)
  local found, ends = {}, {}
  for index, text in ipairs(texts) do
    local chunks, wide = chunks_of(text, spans[index], groups, shape.tabstop)
    local parts = { chunks }
    if shape.width > 0 and wide > shape.width then
      parts = broken(chunks, shape.width)
    end
    for _, part in ipairs(parts) do
      part[#part + 1] = { FILL, groups.line }
      found[#found + 1] = part
    end
    ends[index] = #found
  end
  return found, ends
end

return M
