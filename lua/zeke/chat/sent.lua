---What is mentioned in a conversation: gathered when it is sent, and what became of it, under the
---question. Knows nothing of files: the broker reads them.
local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("zeke-chat-sent")

---@class zeke.ContextPart
---@field turn integer number of the message, from 1
---@field label string
---@field tokens integer
---@field state "sent"|"denied"|"failed"|"empty"
---@field message string

---@class zeke.Sent
---@field private buffer integer
---@field private known table<string, zeke.Attachment[]> by question: as they were when it was asked
---@field private rows integer[] extmarks of the last lines of the messages
---@field private parts table<integer, zeke.ContextPart[]> by extmark
local Sent = {}
Sent.__index = Sent

---@param buffer integer
---@return zeke.Sent
function M.new(buffer)
  return setmetatable({ buffer = buffer, known = {}, rows = {}, parts = {} }, Sent)
end

---@param attachment zeke.Attachment
---@return boolean the same wherever the person was when they asked
local function stands_for_itself(attachment)
  return attachment.kind == "file" or attachment.kind == "diff"
end

---@param turns zeke.Turn[]
---@return zeke.Message[] messages as the broker takes them
---@return string[] problems of the last question; with one it should not be sent
---@return string[] paths that are mentioned
function Sent:gather(turns)
  local origin = require("zeke.chat.origin").get()
  local messages, problems, paths = {}, {}, {} ---@type zeke.Message[], string[], string[]
  local times = {} ---@type table<string, integer>
  for index, turn in ipairs(turns) do
    local message = { role = turn.role, content = turn.content } ---@type zeke.Message
    if turn.role == "user" then
      times[turn.content] = (times[turn.content] or 0) + 1
      local key = times[turn.content] .. " " .. turn.content
      local attachments = self.known[key]
      if index == #turns or not attachments then
        local wrong
        attachments, wrong = require("zeke.mentions").gather(turn.content, origin)
        if index == #turns then
          problems = wrong
        else
          -- Asked before this Neovim knew it: what it meant may be gone, and was answered.
          attachments = vim.tbl_filter(stands_for_itself, attachments)
        end
        self.known[key] = attachments
      end
      message.attachments = #attachments > 0 and attachments or nil
      for _, attachment in ipairs(attachments) do
        paths[#paths + 1] = attachment.path
      end
    end
    messages[index] = message
  end
  return messages, problems, paths
end

---What the questions up to a line have mentioned, the last one first.
---@param turns zeke.Turn[]
---@param row integer from 1
---@return zeke.Attachment[]
function Sent:attached(turns, row)
  local origin, before = require("zeke.chat.origin").get(), {}
  local times = {} ---@type table<string, integer>
  local past = 0
  for _, turn in ipairs(turns) do
    if turn.role == "user" and past < row then
      times[turn.content] = (times[turn.content] or 0) + 1
      local known = self.known[times[turn.content] .. " " .. turn.content]
      if not known then
        known = require("zeke.mentions").gather(turn.content, origin)
        known = vim.tbl_filter(stands_for_itself, known)
      end
      table.insert(before, 1, known)
    end
    past = turn.last
  end
  return vim.iter(before):flatten():totable()
end

---Remember where the messages stand that are sent now.
---@param turns zeke.Turn[]
function Sent:place(turns)
  api.nvim_buf_clear_namespace(self.buffer, namespace, 0, -1)
  self.rows, self.parts = {}, {}
  for index, turn in ipairs(turns) do
    self.rows[index] = api.nvim_buf_set_extmark(self.buffer, namespace, turn.last - 1, 0, {})
  end
end

---@param part zeke.ContextPart
---@return string
local function worded(part)
  local label = require("zeke.columns").visible(part.label)
  if part.state == "sent" then
    local whole = part.message == "" and "" or "; " .. part.message
    return ("%s (%d tokens%s)"):format(label, part.tokens or 0, whole)
  elseif part.state == "empty" then
    return label .. " (none)"
  end
  return ("%s not sent: %s"):format(label, part.message ~= "" and part.message or part.state)
end

---@param lines string[][][] virtual lines
---@param text string
---@param group string
---@param width integer
local function add(lines, text, group, width)
  for _, line in ipairs(require("zeke.columns").wrapped(text, width)) do
    lines[#lines + 1] = { { "  " .. line, group } }
  end
end

---@param parts zeke.ContextPart[]
---@return string[] shown what was sent or would have been
---@return string[] kept what was not
local function sorted(parts)
  local shown, kept = {}, {} ---@type string[], string[]
  for _, part in ipairs(parts) do
    local list = (part.state == "sent" or part.state == "empty") and shown or kept
    list[#list + 1] = worded(part)
  end
  return shown, kept
end

---@param mark integer
---@param parts zeke.ContextPart[]
function Sent:draw(mark, parts)
  local at = api.nvim_buf_get_extmark_by_id(self.buffer, namespace, mark, {})
  if not at[1] then
    return
  end
  require("zeke.highlight")
  local window = vim.fn.bufwinid(self.buffer)
  local width = math.max(20, (window > 0 and api.nvim_win_get_width(window) or 80) - 4)
  local lines = {}
  local shown, kept = sorted(parts)
  if #shown > 0 then
    add(lines, "with " .. table.concat(shown, ", "), "ZekeHint", width)
  end
  for _, text in ipairs(kept) do
    add(lines, text, "ZekeWarn", width)
  end
  local options = { id = mark, virt_lines = lines, invalidate = true }
  api.nvim_buf_set_extmark(self.buffer, namespace, at[1], 0, options)
end

---@param parts zeke.ContextPart[] what `task.context` brings
function Sent:show(parts)
  local by_mark = {} ---@type table<integer, zeke.ContextPart[]>
  for _, part in ipairs(parts) do
    local mark = self.rows[part.turn]
    if mark then
      by_mark[mark] = by_mark[mark] or {}
      table.insert(by_mark[mark], part)
    end
  end
  self.parts = by_mark
  local plain = require("zeke.config").get().ui.plain
  for mark, found in pairs(by_mark) do
    if not plain then
      self:draw(mark, found)
    elseif mark == self.rows[#self.rows] then
      local _, kept = sorted(found)
      vim.tbl_map(require("zeke.notice").warn, kept)
    end
  end
end

---What went with the last question at or before a line.
---@param row integer from 0
---@return string[]
function Sent:words(row)
  local latest, found = -1, {} ---@type integer, zeke.ContextPart[]
  for mark, parts in pairs(self.parts) do
    local at = api.nvim_buf_get_extmark_by_id(self.buffer, namespace, mark, {})[1]
    if at and at <= row and at > latest then
      latest, found = at, parts
    end
  end
  return vim.tbl_map(worded, found)
end

return M
