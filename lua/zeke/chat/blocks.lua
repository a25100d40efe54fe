---The fenced code blocks of an answer: which one is meant, and where in a file it belongs. Pure.
local M = {}

local fences = require("zeke.chat.fences")

---@class zeke.Block
---@field first integer line of the opening fence, from 1
---@field last integer line of the closing fence, or the last one of the text
---@field language string
---@field path string? the file that is named for it
---@field from integer? lines of that file, when they are named
---@field to integer?
---@field code string[]

---@alias zeke.IsFile fun(path: string): boolean whether such a file is there

---A name in prose may be one of a module, or a number.
---@param path string
---@param quoted boolean it stands in marks
---@param is_file zeke.IsFile
---@return boolean
local function means_file(path, quoted, is_file)
  if path:find("^%a+://") then
    return false
  end
  local known = path:find("%a") and vim.filetype.match({ filename = path })
  return known ~= nil and known ~= false
    or quoted and path:find("%w/%w") ~= nil
    or path:find("%w") ~= nil and is_file(path)
end

---@param text string
---@param is_file zeke.IsFile
---@param certain boolean? it can be nothing else but a name
---@return string? path
---@return integer? from
---@return integer? to
local function named(text, is_file, certain)
  local path = text:match("`([^`%s]+)`") or text:match("%*%*([^*%s]+)%*%*")
  local quoted = certain or path ~= nil
  path = path or text:match("(%S+):?$")
  path = path and path:gsub("[:,]$", "")
  if not path then
    return nil
  end
  local bare, first, last = path:match("^(.-):(%d+)%-(%d+)$")
  if not bare then
    first, last = text:match("lines? (%d+) to (%d+)")
  end
  if not means_file(bare or path, quoted, is_file) then
    return nil
  end
  local from, to = tonumber(first), tonumber(last) ---@cast from integer?
  ---@cast to integer?
  return bare or path, from, to
end

---What follows the fence: ```python, ```python app.py, ```python title="app.py", ```app.py:3-9
---@param info string
---@param is_file zeke.IsFile
---@return string language
---@return string? path
---@return integer? from
---@return integer? to
local function described(info, is_file)
  local first, rest = info:match("^(%S*)%s*(.*)$") ---@cast first string
  ---@cast rest string
  local titled = rest:match('^%w+="([^"]+)"') or rest:match("^%w+='([^']+)'")
  local path, from, to = named(titled or rest, is_file, true)
  if path then
    return first, path, from, to
  end
  if first:find("%w[./]%w") then
    path, from, to = named(first, is_file, true)
  end
  if path then
    return path:match("%.(%w+)$") or "", path, from, to
  end
  return first
end

---@param lines string[]
---@param row integer of the fence
---@param is_file zeke.IsFile
---@return string? path
---@return integer? from
---@return integer? to
local function announced(lines, row, is_file)
  local above = lines[row - 1]
  if above and not above:find("%S") then
    above = lines[row - 2]
  end
  above = vim.trim(above or "")
  if above:find(":$") or above:find("^[`*#]") then
    return named(above, is_file)
  end
end

---@param line string
---@param within integer columns that a list has moved its text by
---@return integer within for the lines below
local function moved(line, within)
  local indent = line:match("^[ \t]*") --[[@as string]]
  local item = line:match("^[ \t]*[-*+][ \t]+") or line:match("^[ \t]*%d+[.)][ \t]+")
  if item then
    return fences.columns(item)
  elseif line:find("%S") and indent == "" then
    return 0
  end
  return within
end

---@param lines string[]
---@param index integer of the fence
---@param fence zeke.Fence
---@param is_file zeke.IsFile
---@return zeke.Block
local function begun(lines, index, fence, is_file)
  local language, path, from, to = described(fence.info, is_file)
  if not path then
    path, from, to = announced(lines, index, is_file)
  end
  return {
    first = index,
    last = index,
    language = language,
    path = path,
    from = from,
    to = to,
    code = {},
  }
end

---@param lines string[]
---@param is_file zeke.IsFile
---@return zeke.Block[]
function M.find(lines, is_file)
  local found, within = {}, 0 ---@type zeke.Block[], integer
  local open, fence, columns = nil, nil, 0 ---@type zeke.Block?, zeke.Fence?, integer
  for index, line in ipairs(lines) do
    if open and fence then
      open.last = index
      if fences.closes(line, fence) then
        found[#found + 1] = open
        open, fence = nil, nil
      else
        open.code[#open.code + 1] = fences.outdented(line, columns)
      end
    else
      fence = fences.opening(line)
      columns = fence and fences.columns(fence.indent) or 0
      within = moved(line, within)
      if fence and not fence.indent:find(">") and columns <= within + 3 then
        open = begun(lines, index, fence, is_file)
      else
        fence = nil
      end
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

---@param lines string[]
---@return string[] indents of the first two that are not empty
local function indents(lines)
  local found = {}
  for _, line in ipairs(lines) do
    if line:find("%S") and #found < 2 then
      found[#found + 1] = line:match("^%s*")
    end
  end
  return found
end

---A model often leaves out the indent that all of its lines have, or only that of the first one.
---@param code string[]
---@param old string[] lines that it takes the place of
---@return string[] code as far to the right as they are
function M.fitted(code, old)
  local mine, theirs = indents(code), indents(old)
  local less = mine[1] and theirs[1] and #mine[1] < #theirs[1]
  if not less or not vim.startswith(theirs[1], mine[1]) then
    return code
  end
  local missing, alone = theirs[1]:sub(#mine[1] + 1), mine[2] ~= nil and mine[2] == theirs[2]
  local done = false
  return vim.tbl_map(function(line)
    if not line:find("%S") or alone and done then
      return line
    end
    done = true
    return missing .. line
  end, code)
end

local REST = { "existing", "rest of", "remain", "unchanged", "omitted", "same as", "as before" }

---@param code string[]
---@return string? comment that stands for lines which are not there, as in `# ... rest of the code`
function M.gap(code)
  return vim.iter(code):find(function(line)
    local said = line:match("^%s*#+%s*(.*)$")
      or line:match("^%s*//+%s*(.*)$")
      or line:match("^%s*%-%-+%s*(.*)$")
      or line:match("^%s*/%*+%s*(.*)$")
      or line:match("^%s*<!%-%-%s*(.*)$")
    local dots = said and (said:find("%.%.%.") or said:find("…", 1, true))
    local bare = dots and not said:find("%w")
    return bare
      or dots and vim.iter(REST):any(function(word)
        return said:lower():find(word, 1, true) ~= nil
      end)
      or false
  end)
end

return M
