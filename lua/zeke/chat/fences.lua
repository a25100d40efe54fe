---The fences of code blocks in a text: where one opens, where it closes. Pure.
local M = {}

local TAB = 4

---@class zeke.Fence
---@field marks string
---@field info string what follows them
---@field indent string

---@param line string
---@return zeke.Fence?
function M.opening(line)
  local indent, marks, info = line:match("^([ \t>]*)(```+)(.*)$")
  if info and info:find("`", 1, true) then
    return nil
  elseif not marks then
    indent, marks, info = line:match("^([ \t>]*)(~~~+)(.*)$")
  end
  if indent and marks and info then
    return { marks = marks, info = vim.trim(info), indent = indent }
  end
end

---@param line string
---@param fence zeke.Fence
---@return boolean
function M.closes(line, fence)
  local marks = line:match("^[ \t>]*([`~]+)%s*$")
  return marks ~= nil and #marks >= #fence.marks and marks == fence.marks:sub(1, 1):rep(#marks)
end

---@param indent string
---@return integer columns
function M.columns(indent)
  local columns = 0
  for char in indent:gmatch(".") do
    columns = char == "\t" and columns + TAB - columns % TAB or columns + 1
  end
  return columns
end

---@param line string
---@param columns integer
---@return string line without so much white space before it, as far as there is any
function M.outdented(line, columns)
  local at, seen = 1, 0
  while seen < columns and line:find("^[ \t]", at) do
    seen = M.columns(line:sub(1, at))
    at = at + 1
  end
  return (" "):rep(seen - columns) .. line:sub(at)
end

return M
