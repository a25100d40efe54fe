---The fenced code blocks of an answer: which one is meant, and where in a file it belongs. Pure.
local M = {}

local fences = require("zeke.chat.fences")
local naming = require("zeke.chat.naming")

---@class zeke.Block
---@field first integer line of the opening fence, from 1
---@field last integer line of the closing fence, or the last one of the text
---@field language string
---@field path string? the file that is named for it
---@field doubtful boolean? nothing of that name is there, and it may be no name at all
---@field from integer? lines of that file, when they are named
---@field to integer?
---@field code string[]

---@param lines string[]
---@param row integer of the fence
---@return string the line above it, unless that is further up
local function above(lines, row)
  local near = lines[row - 1] or ""
  return near:find("%S") and near or lines[row - 2] or ""
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
  local language, file = naming.described(fence.info, is_file)
  file = file or naming.announced(above(lines, index), language, is_file)
  return {
    first = index,
    last = index,
    language = language,
    path = file and file.path,
    doubtful = file and file.doubtful,
    from = file and file.from,
    to = file and file.to,
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
