---A code block that says what to change: a unified diff, or SEARCH/REPLACE blocks. What it has for
---each file. Pure; where its hunks belong in a file is for the broker to find.
local M = {}

local naming = require("zeke.chat.naming")

local LANGUAGES = { diff = true, patch = true, udiff = true }
local NOBODY = "/dev/null"
---How the lines begin that stand before the hunks of a file.
local HEAD = {
  diff = true,
  index = true,
  ["---"] = true,
  ["+++"] = true,
  new = true,
  deleted = true,
  old = true,
  similarity = true,
  rename = true,
}

---@class zeke.CodePatch
---@field path string? the file that its head names
---@field does "change"|"create"|"delete"
---@field lines string[] hunks as they stand; of a file to be made its text

---@class zeke.PatchHead
---@field old string
---@field new string

---@param line string
---@return boolean
local function begins_search(line)
  local marks, word = vim.trim(line):match("^(<+) ?(%u+)[:>]?$")
  return marks ~= nil and #marks >= 5 and #marks <= 9 and (word == "SEARCH" or word == "ORIGINAL")
end

---@param lines string[]
---@return boolean a hunk begins there, behind what a diff has for a head and at most a name
local function begins_with_hunk(lines)
  local named = false
  for _, line in ipairs(lines) do
    if vim.startswith(line, "@@ -") or begins_search(line) then
      return true
    elseif not line:find("^%s*$") and not HEAD[line:match("^%S+")] then
      if named or line:find("[%(%)'\"=;{}]") then
        return false -- code, in which a hunk is quoted
      end
      named = true
    end
  end
  return false
end

---@param block zeke.Block
---@return boolean
function M.is(block)
  if block.path and naming.is_diff(block.path) then
    return false
  end
  return LANGUAGES[block.language:lower()] == true or begins_with_hunk(block.code)
end

---@param text string? behind the signs of a heading
---@return string? name
local function name_of(text)
  return text and vim.trim((text:gsub("\t.*$", "")))
end

---@param lines string[]
---@param index integer
---@return zeke.PatchHead? that begins there
local function head_at(lines, index)
  local old = name_of(lines[index]:match("^%-%-%- (.+)$"))
  local new = old and name_of((lines[index + 1] or ""):match("^%+%+%+ (.+)$"))
  if not old or not new then
    return nil
  end
  local a, b = old:match("^a/(.+)$"), new:match("^b/(.+)$")
  if (a or old == NOBODY) and (b or new == NOBODY) then
    old, new = a or old, b or new -- as git writes them
  end
  return { old = old, new = new }
end

---@param lines string[] of a diff
---@return {head: zeke.PatchHead?, lines: string[]}[]
local function sections(lines)
  local found = { { lines = {} } }
  local index = 1
  while index <= #lines do
    local here, head = found[#found], head_at(lines, index)
    local begins = vim.startswith(lines[index], "diff --git ")
    if begins or head and here.head then
      here = { lines = {} }
      found[#found + 1] = here
    end
    if head then
      here.head = head
    elseif not begins then
      table.insert(here.lines, lines[index])
    end
    index = index + (head and 2 or 1)
  end
  return vim.tbl_filter(function(section)
    return vim.iter(section.lines):any(function(line)
      return line:find("^[-+]") ~= nil
    end)
  end, found)
end

---@param lines string[] of hunks
---@return string[] what they add
local function added(lines)
  return vim
    .iter(lines)
    :filter(function(line)
      return vim.startswith(line, "+")
    end)
    :map(function(line)
      return line:sub(2)
    end)
    :totable()
end

---@param head zeke.PatchHead
---@param is_file zeke.IsFile
---@return string? path nil: they are words, such as "before" and "after"
local function path_of(head, is_file)
  for _, name in ipairs({ head.new, head.old }) do
    if name ~= NOBODY and is_file(name) then
      return name
    end
  end
  local name = head.new ~= NOBODY and head.new or head.old
  return naming.likely(name) and name or nil
end

---@param block zeke.Block that is one
---@param is_file zeke.IsFile
---@return zeke.CodePatch[] one for each file
function M.of(block, is_file)
  local searched = nil ---@type integer?
  for index, line in ipairs(block.code) do
    searched = searched or begins_search(line) and index or nil
  end
  if searched then
    local named = naming.beside(vim.trim(block.code[searched - 1] or ""), is_file)
    return { { path = named and named.path, does = "change", lines = block.code } }
  end
  return vim.tbl_map(function(section)
    local head = section.head or { old = "", new = "" }
    local does = head.old == NOBODY and "create" or head.new == NOBODY and "delete" or "change"
    local lines = does == "create" and added(section.lines) or section.lines
    return { path = path_of(head, is_file), does = does, lines = lines }
  end, sections(block.code))
end

return M
