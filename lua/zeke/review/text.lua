---A file's proposed change as lines of text, for those to whom a screen is read: no virtual text,
---and what was decided stands there in words. The same methods as `zeke.View`.
local api = vim.api

local scratch = require("zeke.scratch")

---@class zeke.TextView: zeke.View
---@field rows integer[] of the hunks' headings, from 0
local Text = {}
Text.__index = Text

---@param file zeke.ChangeFile
---@param index integer
---@return string
local function heading(file, index)
  local decided = file.decided[index] or "undecided"
  local line = file.hunks[index].start_line
  return ("Hunk %d of %d, line %d: %s"):format(index, #file.hunks, line, decided)
end

---@param file zeke.ChangeFile
---@return string
local function opening(file)
  local keys = require("zeke.config").get().keymaps
  if file.state == "asking" then
    return ("%s: accepted, GhostWarden decides."):format(file.name)
  end
  local count = #file.hunks
  local what = count == 1 and "1 hunk" or ("%d hunks"):format(count)
  what = file.kind == "create" and "a new file" or what
  what = file.caution ~= "" and ("%s, %s"):format(file.caution, what) or what
  if count == 1 then
    local text = "%s: %s. %s accepts it, %s rejects it."
    return text:format(file.name, what, keys.accept, keys.reject)
  end
  local text = "%s: %s. %s accepts the rest, %s rejects it, %s and %s decide one hunk, %s goes on."
  return text:format(
    file.name,
    what,
    keys.accept,
    keys.reject,
    keys.accept_hunk,
    keys.reject_hunk,
    keys.next_hunk
  )
end

---@param file zeke.ChangeFile with hunks
---@param buffer integer one of ours
---@return zeke.TextView
function Text.open(file, buffer)
  local self = setmetatable({ file = file, buffer = buffer, current = 1 }, Text)
  self.rows, self.high = {}, {}
  vim.bo[buffer].filetype = "diff"
  self:show()
  return self
end

---@param hunk zeke.Hunk
---@param found string[] to which its lines are added
local function lines_of(hunk, found)
  local visible = require("zeke.columns").visible
  for _, text in ipairs(hunk.old) do
    found[#found + 1] = "- " .. visible(text)
  end
  for _, text in ipairs(hunk.new) do
    found[#found + 1] = "+ " .. visible(text)
  end
end

function Text:show()
  local found = { opening(self.file) } ---@type string[]
  if self.file.warning ~= "" then
    found[2] = self.file.warning
  end
  self.rows, self.current = {}, 1
  for index, hunk in ipairs(self.file.hunks) do
    vim.list_extend(found, { "", heading(self.file, index) })
    self.rows[index] = #found - 1
    lines_of(hunk, found)
  end
  if #self.file.conflicts > 0 then
    vim.list_extend(found, { "", "What does not fit the text as it is now:" })
  end
  for _, hunk in ipairs(self.file.conflicts) do
    found[#found + 1] = ""
    lines_of(hunk, found)
  end
  scratch.set(self.buffer, found)
end

---@param row integer
---@param text string
function Text:say(row, text)
  vim.bo[self.buffer].modifiable = true
  api.nvim_buf_set_lines(self.buffer, row, row + 1, false, { text })
  vim.bo[self.buffer].modifiable = false
end

---@param index integer
---@return integer row from 0
function Text:row(index)
  return self.rows[index] or 0
end

---@param row integer from 0
---@return integer index
function Text:at(row)
  local first, last = 1, #self.rows
  while first < last do
    local middle = math.ceil((first + last) / 2)
    if self.rows[middle] <= row then
      first = middle
    else
      last = middle - 1
    end
  end
  return first
end

---@param index integer
function Text:update(index)
  self:say(self.rows[index], heading(self.file, index))
end

function Text:restate()
  self:say(0, opening(self.file))
end

---@param index integer
function Text:focus(index)
  self.current = index
end

---@param index integer
---@param window integer
---@return boolean
function Text:visible(index, window)
  local past = self.rows[index + 1] or api.nvim_buf_line_count(self.buffer)
  return past >= vim.fn.line("w0", window) and self.rows[index] < vim.fn.line("w$", window)
end

---Text needs no drawing when windows change.
function Text.resized() end
function Text.turn_to() end

---It goes with its buffer.
function Text.close() end

return Text
