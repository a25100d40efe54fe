---What is mentioned in a conversation: gathered when it is sent, and what became of it, under the
---question. Knows nothing of files: the broker reads them.
local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("zeke-chat-sent")
local GONE = "it meant what was there when you asked, and that is not kept."

---@class zeke.ContextPart
---@field turn integer number of the message, from 1
---@field label string
---@field tokens integer?
---@field state "sent"|"denied"|"failed"|"empty"
---@field message string

---@class zeke.Sent
---@field meant zeke.Meanings
---@field private buffer integer
---@field private lost zeke.ContextPart[] of the questions before the last one
---@field private strange table<string, true> numbers of buffers that were given in another Neovim
---@field private rows integer[] extmarks of the last lines of the messages
---@field private parts table<integer, zeke.ContextPart[]> by extmark
local Sent = {}
Sent.__index = Sent

---@param buffer integer
---@return zeke.Sent
function M.new(buffer)
  local meant = require("zeke.chat.meant").new(buffer)
  local sent = { buffer = buffer, meant = meant, lost = {}, strange = {}, rows = {}, parts = {} }
  return setmetatable(sent, Sent)
end

---A draft was read from a file: the buffers that it names by number were those of another Neovim.
---@param draft string
function Sent:resumed(draft)
  for number in draft:gmatch('@buffer:"?(#%d+)') do
    self.strange[number] = true
  end
end

---@param turns zeke.Turn[]
---@return zeke.Message[] messages as the broker takes them
---@return string[] problems of the last question; with one it should not be sent
---@return string[] paths that are mentioned
function Sent:gather(turns)
  local mentions = require("zeke.mentions")
  local origin = require("zeke.chat.home").standpoint(self.buffer)
  origin.strange = self.strange
  local messages, problems, paths = {}, {}, {} ---@type zeke.Message[], string[], string[]
  self.lost = {}
  for index, turn in ipairs(turns) do
    local message = { role = turn.role, content = turn.content } ---@type zeke.Message
    if turn.role == "user" then
      local attachments, lost
      if index == #turns then
        attachments, problems = mentions.gather(turn.content, origin)
        self.meant:keep(turn.first, attachments)
      else
        attachments, lost = mentions.recall(turn.content, origin, self.meant:of(turn.first))
      end
      for _, label in ipairs(lost or {}) do
        self.lost[#self.lost + 1] =
          { turn = index, label = label, state = "failed", message = GONE }
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
  local origin, before = require("zeke.chat.home").standpoint(self.buffer), {}
  local past = 0
  for _, turn in ipairs(turns) do
    if turn.role == "user" and past < row then
      local known = self.meant:of(turn.first)
      table.insert(before, 1, (require("zeke.mentions").recall(turn.content, origin, known)))
    end
    past = turn.last
  end
  return vim.iter(before):flatten():totable()
end

---Say why it is not sent, once the names are known that may have been meant.
---@param turns zeke.Turn[]
---@param problems string[] as far as they are known
function Sent:refuse(turns, problems)
  local refuse = require("zeke.notice").error
  local of_files = vim
    .iter(require("zeke.mentions").find(turns[#turns].content))
    :any(function(mention)
      return mention.kind == "file"
    end)
  if not of_files then
    return vim.tbl_map(refuse, problems)
  end
  local base = require("zeke.chat.home").standpoint(self.buffer).base
  require("zeke.mentions.places").refresh(base, function()
    local _, worded = self:gather(turns)
    vim.tbl_map(refuse, #worded > 0 and worded or problems)
  end)
end

---Remember where the messages stand that are sent now.
---@param turns zeke.Turn[]
---@param all boolean all of them are, and not only the last
function Sent:place(turns, all)
  api.nvim_buf_clear_namespace(self.buffer, namespace, 0, -1)
  self.rows, self.parts, self.strange = {}, {}, {}
  for index, turn in ipairs(turns) do
    self.rows[index] = api.nvim_buf_set_extmark(self.buffer, namespace, turn.last - 1, 0, {})
  end
  self.lost = all and self.lost or {}
  if #self.lost > 0 then
    self:show({})
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
  for _, part in ipairs(vim.list_extend(vim.list_slice(parts), self.lost)) do
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
