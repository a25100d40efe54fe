---`@file:src/a.py`, `@file:src/a.py:10-20`: the broker reads it, unless it is changed here.
local M = {}

local places = require("zeke.mentions.places")

M.about = "a file of the project, or lines of it: @file:src/a.py:10-20"

---@param argument string
---@param origin zeke.Standpoint
---@return string name, integer? first, integer? last
local function parts(argument, origin)
  local name, first, last = argument:match("^(.+):(%d+)%-(%d+)$")
  if not name then
    name, first = argument:match("^(.+):(%d+)$")
  end
  if not name or places.file(argument, origin) then
    return argument
  end
  local from, to = tonumber(first), tonumber(last or first) ---@cast from integer?
  ---@cast to integer?
  return name, from, to
end

---@param mention zeke.Mention
---@param origin zeke.Standpoint
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  if not mention.argument then
    return nil, "Say which file, as in @file:src/a.py."
  end
  local name, first, last = parts(mention.argument, origin)
  local path, other = places.file(name, origin)
  if not path then
    if other == "directory" then
      return nil, ("%s is a directory: name a file in it."):format(name)
    end
    local advice = places.meant(name, places.files(origin.base))
    return nil, ("There is no file %s%s"):format(name, advice)
  end
  if first and (first < 1 or last < first) then
    return nil, ("There are no lines %d to %d."):format(first, last)
  end
  local buffer = places.buffer(path)
  if buffer and (vim.bo[buffer].modified or not vim.uv.fs_stat(path)) then
    local count = vim.api.nvim_buf_line_count(buffer)
    local range = { buffer = buffer, first = first or 1, last = last or count }
    local snippet, problem = require("zeke.context").excerpt(range)
    if not snippet then
      return nil, problem
    end
    local lines = first and { first = range.first, last = range.last } or {}
    local attachment = { path = path, language = snippet.language, text = snippet.text }
    return { vim.tbl_extend("error", attachment, lines) }
  end
  local language = vim.filetype.match({ filename = path })
  return { { path = path, first = first, last = last, language = language } }
end

---@param origin zeke.Standpoint
---@return zeke.Candidate[]
function M.arguments(origin)
  return vim.tbl_map(function(path)
    return { word = path }
  end, places.files(origin.base))
end

return M
