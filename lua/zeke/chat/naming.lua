---What file the fence of a code block, or the line above it, names: told apart from other words.
---A name of nothing that is there is doubtful where another word could stand as well.
local M = {}

---@alias zeke.IsFile fun(path: string): boolean whether such a file is there

---@class zeke.NamedFile
---@field path string
---@field from integer? lines of that file, when they are named
---@field to integer?
---@field doubtful boolean? nothing of that name is there, and it may be no name at all

---@alias zeke.NameKind
---| "there" a file
---| "known" no file, with a name as files have it
---| "inner" no file, and it would be in a directory

local PAIRS = { '^"(.+)"$', "^'(.+)'$", "^`(.+)`$", "^{(.+)}$", "^%((.+)%)$", "^%[(.+)%]$" }
local LABEL = "^[Ff]ile%s*:%s*"
---The model writes these lines, and each word of them may be looked for on disk: bytes of a word
---that may be a name, and of a line that may have one.
local LONGEST, MOST = 1024, 4096

---@param word string
---@return string word without marks around it
local function bare(word)
  local before
  repeat
    before = word
    word = word:gsub("[:,]$", "")
    for _, pair in ipairs(PAIRS) do
      word = word:match(pair) or word
    end
  until word == before
  return word
end

---@param word string
---@return zeke.NamedFile[] what it may mean, from the whole of it to the least
local function readings(word)
  word = #word <= LONGEST and bare(word) or ""
  if word == "" or word:find("^%a+://") then
    return {}
  end
  local found = { { path = word } } ---@type zeke.NamedFile[]
  local path, first, last = word:match("^(.+):(%d+)%-(%d+)$")
  if not path then
    first, last, path = word:match("^(%d+):(%d+):(.+)$")
  end
  if path then
    local from, to = tonumber(first), tonumber(last) ---@cast from integer?
    ---@cast to integer?
    found[2] = { path = bare(path), from = from, to = to }
  end
  local inner = word:match("^%a[%w_+#-]*[:=](.+)$") -- ```python:app.py, ```python file=app.py
  return vim.list_extend(found, inner and readings(inner) or {})
end

---@param path string
---@return string?
local function filetype(path)
  -- Some endings have several types: Neovim tells none for them without a text to look at.
  return path:find("%a") and vim.filetype.match({ filename = path, buf = 0 }) or nil
end

---@param word string
---@param is_file zeke.IsFile
---@return zeke.NamedFile? file
---@return zeke.NameKind? kind
local function meant(word, is_file)
  local all = readings(word)
  for _, one in ipairs(all) do
    if one.path:find("%w") and is_file(one.path) then
      return one, "there"
    end
  end
  for index = #all, 1, -1 do
    if filetype(all[index].path) then
      return all[index], "known"
    end
  end
  local least = all[#all]
  if least and least.path:find("%w/%w") then
    return least, "inner"
  end
end

---@param path string
---@param language string
---@return boolean whether such a file holds that, as far as one can tell
local function agrees(path, language)
  local own = filetype(path)
  local free = language == "" or language == "text"
  return free or own == language or own == filetype("x." .. language)
end

---@param file zeke.NamedFile
---@param sure boolean
---@return zeke.NamedFile
local function weighed(file, sure)
  file.doubtful = not sure or nil
  return file
end

---@param path string
---@return boolean whether such a file is a diff itself
function M.is_diff(path)
  return filetype(path) == "diff"
end

---@param path string
---@return boolean whether it looks like one, and is no other word
function M.likely(path)
  return filetype(path) ~= nil or path:find("%w/%w") ~= nil
end

---@param rest string what stands where only a name does
---@param is_file zeke.IsFile
---@return zeke.NamedFile?
function M.beside(rest, is_file)
  if #rest > LONGEST then
    return nil
  end
  local titled = rest:match('%w="([^"]+)"') or rest:match("%w='([^']+)'")
  local word = titled or rest:gsub("^[#/;%-]+%s+", ""):gsub("%s+%b()$", "")
  if word:find("%s") and not titled then
    return nil -- what somebody types in a shell, say
  end
  local file, kind = meant(word, is_file)
  return file and weighed(file, kind ~= "inner" or titled ~= nil)
end

---What follows the fence: ```python, ```python app.py, ```python title="app.py", ```python:app.py,
---```app.py:3-9, ```3:9:app.py
---@param info string
---@param is_file zeke.IsFile
---@return string language
---@return zeke.NamedFile?
function M.described(info, is_file)
  local first, rest = info:match("^(%S*)%s*(.*)$") ---@cast first string
  ---@cast rest string
  local file = M.beside(rest, is_file)
  if file then
    return first, file
  elseif not first:find("%w[./:=]%w") then
    return first
  end
  local kind
  file, kind = meant(first, is_file)
  if not file or kind == "inner" then
    return first
  end
  local language = first:match("^(%a[%w_+#-]*):") or file.path:match("%.(%w+)$") or ""
  return language, weighed(file, kind == "there" or first:find("[/:=]") ~= nil)
end

---@param line string
---@param language string
---@param is_file zeke.IsFile
---@return zeke.NamedFile?
local function in_marks(line, language, is_file)
  local likely
  for word in line:gmatch("`([^`%s]+)`") do
    local file, kind = meant(word, is_file)
    if file and kind == "there" then
      return file
    elseif file and not likely then
      local whole = file.path:find("%w/%w") ~= nil or agrees(file.path, language)
      likely = weighed(file, kind == "known" and whole)
    end
  end
  return likely
end

---@param line string
---@param is_file zeke.IsFile
---@return zeke.NamedFile?
local function alone(line, is_file)
  local only = line:gsub("^#+%s+", ""):gsub("^%d+[.)]%s+", "")
  only = (only:match("^%*%*(.-)%*%*:?$") or only):gsub(LABEL, "")
  local word = line:match("%*%*([^*%s]+)%*%*") or only:match("(%S+)$")
  local file, kind = meant(word or "", is_file)
  if not file or kind == "there" then
    return file
  elseif kind == "known" and word == only then
    return weighed(file, file.path:find("%w/%w") ~= nil)
  end
end

---What the line above a fence names, if it introduces the code.
---@param line string
---@param language string of the block
---@param is_file zeke.IsFile
---@return zeke.NamedFile?
function M.announced(line, language, is_file)
  if #line > MOST then
    return nil
  end
  line = vim.trim(line):gsub("^[-+*]%s+", ""):gsub("^%d+[.)]%s+", "")
  if not line:find(":$") and not line:find("^[`*#]") and not line:find(LABEL) then
    return nil
  end
  local file = in_marks(line, language, is_file) or alone(line, is_file)
  if file and not file.from then
    local first, last = line:match("lines? (%d+) to (%d+)")
    local from, to = tonumber(first), tonumber(last) ---@cast from integer?
    ---@cast to integer?
    file.from, file.to = from, to
  end
  return file
end

return M
