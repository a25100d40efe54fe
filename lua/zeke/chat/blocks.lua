---The fenced code blocks of an answer: which one is meant, and where in a file it belongs. Pure.
local M = {}

---@class zeke.Block
---@field first integer line of the opening fence, from 1
---@field last integer line of the closing fence, or the last one of the text
---@field language string
---@field path string? the file that is named for it
---@field from integer? lines of that file, when they are named
---@field to integer?
---@field code string[]

---@param text string
---@return string? path
---@return integer? from
---@return integer? to
local function named(text)
  local path = text:match("`([^`%s]+)`")
    or text:match("%*%*([^*%s]+)%*%*")
    or text:match("(%S+):?$")
  path = path and path:gsub("[:,]$", "")
  if not path or not path:find("%w[./]%w") or path:find("^%a+://") then
    return nil
  end
  local bare, first, last = path:match("^(.-):(%d+)%-(%d+)$")
  if not bare then
    first, last = text:match("lines? (%d+) to (%d+)")
  end
  local from, to = tonumber(first), tonumber(last) ---@cast from integer?
  ---@cast to integer?
  return bare or path, from, to
end

---What follows the fence: ```python, ```python app.py, ```python title="app.py", ```app.py:3-9
---@param info string
---@return string language
---@return string? path
---@return integer? from
---@return integer? to
local function described(info)
  local first, rest = info:match("^(%S*)%s*(.*)$") ---@cast first string
  ---@cast rest string
  local titled = rest:match('^%w+="([^"]+)"') or rest:match("^%w+='([^']+)'")
  local path, from, to = named(titled or rest)
  if path then
    return first, path, from, to
  end
  path, from, to = named(first)
  if path then
    return path:match("%.(%w+)$") or "", path, from, to
  end
  return first
end

---@param lines string[]
---@param row integer of the fence
---@return string? path
---@return integer? from
---@return integer? to
local function announced(lines, row)
  local above = lines[row - 1]
  if above and not above:find("%S") then
    above = lines[row - 2]
  end
  if above and (above:find(":%s*$") or above:find("^[`*#]")) then
    return named(vim.trim(above))
  end
end

---@param lines string[]
---@return zeke.Block[]
function M.find(lines)
  local found, open, fence = {}, nil, nil ---@type zeke.Block[], zeke.Block?, string?
  for index, line in ipairs(lines) do
    local indent, marks, info = line:match("^( *)([`~]+)%s*(.-)%s*$") ---@cast info string
    local is_fence = marks and #marks >= 3 and (marks:find("^`+$") or marks:find("^~+$"))
    if open and fence then
      if is_fence and info == "" and vim.startswith(marks or "", fence) then
        open.last = index
        found[#found + 1] = open
        open, fence = nil, nil
      else
        open.last = index
        open.code[#open.code + 1] = line
      end
    elseif is_fence and #indent <= 3 and not info:find("`", 1, true) then
      local language, path, from, to = described(info)
      if not path then
        path, from, to = announced(lines, index)
      end
      fence = marks
      open = {
        first = index,
        last = index,
        language = language,
        path = path,
        from = from,
        to = to,
        code = {},
      }
    end
  end
  if open then
    found[#found + 1] = open -- its end is still coming
  end
  return found
end

---@param blocks zeke.Block[]
---@param row integer from 1
---@return zeke.Block? the one at the line, else the next, else the last before it
function M.at(blocks, row)
  for _, block in ipairs(blocks) do
    if row <= block.last then
      return block
    end
  end
  return blocks[#blocks]
end

---@param lines string[]
---@param wanted string trimmed
---@param from integer
---@return integer? index of the only line that is like it
local function only(lines, wanted, from)
  local index
  for number = from, #lines do
    if vim.trim(lines[number]) == wanted then
      if index then
        return nil
      end
      index = number
    end
  end
  return index
end

---Which lines of a file a block is another version of: those from its first line to its last one,
---if both are there once.
---@param code string[]
---@param lines string[]
---@return integer? first
---@return integer? last
function M.place(code, lines)
  local words = vim.tbl_filter(function(line)
    return line:find("%S") ~= nil
  end, code)
  if #words == 0 then
    return nil
  end
  local first = only(lines, vim.trim(words[1]), 1)
  if not first then
    return nil
  end
  if #words == 1 then
    return first, first
  end
  local last = only(lines, vim.trim(words[#words]), first + 1)
  return last and first or nil, last
end

return M
