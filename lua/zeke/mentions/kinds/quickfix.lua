---`@quickfix`, `@quickfix:location`: the entries of a list, file by file.
local M = {}

local MOST_FILES = 32
local MOST_ENTRIES = 1000
local TYPES = { E = "error: ", W = "warning: ", I = "info: ", N = "note: " }

M.about = "the quickfix list, or the location list: @quickfix:location"

---@param entry table as `getqflist()` has it
---@return string
local function line(entry)
  local place = entry.lnum > 0 and ("%d:%d "):format(entry.lnum, math.max(entry.col, 1)) or ""
  return place .. (TYPES[entry.type:upper()] or "") .. vim.trim(entry.text:gsub("%s*\n%s*", " "))
end

---@param entries table[]
---@return zeke.Attached[]
local function by_file(entries)
  local context = require("zeke.context")
  local attachments, known, left = {}, {}, math.max(0, #entries - MOST_ENTRIES)
  for _, entry in ipairs(vim.list_slice(entries, 1, MOST_ENTRIES)) do
    local named = entry.bufnr > 0
    local path = named and context.whose(entry.bufnr) or ""
    if not known[path] and #attachments < MOST_FILES then
      known[path] = {}
      local is_file = named and context.path_of(entry.bufnr) ~= ""
      attachments[#attachments + 1] = { path = path, is_file = is_file, text = known[path] }
    end
    left = left + (known[path] and 0 or 1)
    table.insert(known[path] or {}, line(entry))
  end
  for _, attachment in ipairs(attachments) do
    attachment.text = table.concat(attachment.text, "\n")
  end
  local last = attachments[#attachments]
  last.text = last.text .. (left > 0 and ("\n(%d more entries)"):format(left) or "")
  return attachments
end

---@param mention zeke.Mention
---@param origin zeke.Standpoint
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  local entries
  if not mention.argument then
    entries = vim.fn.getqflist()
  elseif mention.argument == "location" then
    local window = origin.buffer and vim.fn.bufwinid(origin.buffer) or -1
    entries = window > 0 and vim.fn.getloclist(window) or {}
  else
    return nil, "Only location can stand after @quickfix, as in @quickfix:location."
  end
  if #entries == 0 then
    local name = mention.argument and "location" or "quickfix"
    return nil, ("The %s list is empty."):format(name)
  end
  return by_file(entries)
end

---@return zeke.Candidate[]
function M.arguments()
  return { { word = "location", menu = "the location list" } }
end

return M
