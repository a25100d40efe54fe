---What the mentions of each question meant when it was asked: which file, which lines of it. That
---stays so, and is kept with the chat: in another place the same words name another file.
---Knows neither what is sent nor where names are from.
local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("zeke-chat-meant")
---What can be read again where it was; other kinds are of the moment.
local LASTING = { file = true, diff = true, buffer = true, selection = true, symbol = true }

---@class zeke.SavedMeaning of one question
---@field row integer of its heading, from 1
---@field meant zeke.Attachment[] without any text

---@class zeke.Meanings
---@field private buffer integer
---@field private known table<integer, zeke.Attachment[]> by extmark
local Meant = {}
Meant.__index = Meant

---@param buffer integer
---@return zeke.Meanings
function M.new(buffer)
  return setmetatable({ buffer = buffer, known = {} }, Meant)
end

---@param row integer from 1
---@return integer? mark
function Meant:mark(row)
  local first, last = { row - 1, 0 }, { row - 1, -1 }
  local options = { details = true }
  for _, at in ipairs(api.nvim_buf_get_extmarks(self.buffer, namespace, first, last, options)) do
    if not at[4].invalid then
      return at[1]
    end
  end
end

---@param row integer of the question's heading, from 1
---@param attachments zeke.Attachment[]
function Meant:keep(row, attachments)
  local line = api.nvim_buf_get_lines(self.buffer, row - 1, row, false)[1]
  local options = { id = self:mark(row), end_col = #line, invalidate = true }
  local mark = api.nvim_buf_set_extmark(self.buffer, namespace, row - 1, 0, options)
  self.known[mark] = attachments
end

---@param row integer
---@return zeke.Attachment[]
function Meant:of(row)
  return self.known[self:mark(row) or -1] or {}
end

---@param one zeke.Attachment
---@return zeke.Attachment? without its text, for a file; nil: nobody could read it again
local function lasting(one)
  local there = (one.path or "") ~= "" and one.is_file ~= false
  if LASTING[one.kind] and (one.kind == "diff" or there) then
    local kept = { kind = one.kind, label = one.label, path = one.path, language = one.language }
    kept.first, kept.last = one.first, one.last
    return kept
  end
end

---@return zeke.SavedMeaning[]
function Meant:saved()
  local found = {}
  local marks = api.nvim_buf_get_extmarks(self.buffer, namespace, 0, -1, { details = true })
  for _, at in ipairs(marks) do
    local meant = vim.iter(self.known[at[1]] or {}):map(lasting):totable()
    if not at[4].invalid and #meant > 0 then
      found[#found + 1] = { row = at[2] + 1, meant = meant }
    end
  end
  return found
end

---@param value any
---@return integer?
local function line_number(value)
  return type(value) == "number" and value >= 1 and math.floor(value) or nil
end

---@param one any of a file
---@return zeke.Attachment? nil: it is none
local function read(one)
  if type(one) ~= "table" or not LASTING[one.kind] or type(one.label) ~= "string" then
    return nil
  end
  local path = type(one.path) == "string" and one.path or ""
  if path:sub(1, 1) ~= "/" and (path ~= "" or one.kind ~= "diff") then
    return nil
  end
  ---@type zeke.Attachment
  local kept = {
    kind = one.kind,
    label = one.label,
    path = path,
    language = type(one.language) == "string" and one.language or nil,
    first = line_number(one.first),
    last = line_number(one.last),
  }
  return kept
end

---A text that was saved.
---@param saved any of the file
---@param headings table<integer, any> rows of headings, from 1
function Meant:restore(saved, headings)
  for _, one in ipairs(type(saved) == "table" and saved or {}) do
    if type(one) == "table" and headings[one.row] and type(one.meant) == "table" then
      self:keep(one.row, vim.iter(one.meant):map(read):totable())
    end
  end
end

return M
