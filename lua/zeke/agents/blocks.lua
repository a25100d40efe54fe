---What an agent says that is no text, as text in its place: pictures, sound, links and files. Pure.
---The values are ACP's content blocks.
local M = {}

local columns = require("zeke.columns")

local MOST_LINE = 300
local MOST_LINES = 20
local MOST_QUOTED = 2000

---@param value any
---@return string on one line
local function line(value)
  local text = type(value) == "string" and value or "?"
  return columns.cut(columns.visible((text:gsub("%s+", " "))), MOST_LINE)
end

---@param data any base64
---@return string
local function size(data)
  local text = type(data) == "string" and data or ""
  local padding = #text:match("=*$")
  return ("%d bytes"):format(math.max(0, math.floor(#text * 3 / 4) - padding))
end

---@param text string
---@return string? quoted nil: it is too long for that
local function quoted(text)
  local lines = vim.split(vim.trim((text:gsub("\r\n?", "\n"))), "\n", { plain = true })
  if #text > MOST_QUOTED or #lines > MOST_LINES or lines[1] == "" then
    return nil
  end
  return table.concat(
    vim.tbl_map(function(one)
      return "> " .. columns.visible((one:gsub("\t", "    ")))
    end, lines),
    "\n"
  )
end

---@param resource table text or bytes of a file
---@return string
local function file(resource)
  local uri = line(resource.uri)
  if type(resource.text) ~= "string" then
    return ("[file: %s, %s]"):format(uri, size(resource.blob))
  end
  local text = quoted(resource.text)
  if text then
    return ("[file: %s]\n%s"):format(uri, text)
  end
  return ("[file: %s, %d bytes]"):format(uri, #resource.text)
end

---@param content table?
---@return string? text nil: it is text, or nothing that is known
function M.text(content)
  content = content or {}
  local kind = content.type
  if kind == "image" or kind == "audio" then
    return ("[%s: %s, %s]"):format(kind, line(content.mimeType), size(content.data))
  elseif kind == "resource_link" then
    return ("[link: %s <%s>]"):format(line(content.title or content.name), line(content.uri))
  elseif kind == "resource" and type(content.resource) == "table" then
    return file(content.resource)
  end
end

return M
