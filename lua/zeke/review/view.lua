---A file's proposed change, shown inside a buffer and not in it: what would go is coloured, what
---would come stands below as virtual lines, above each hunk a line says what it is. The text stays
---as it is, and marks move with it. Only what changes is drawn again.
local api = vim.api

local hint = require("zeke.review.hint")
local lines = require("zeke.review.lines")
local words = require("zeke.review.words")

local heads = api.nvim_create_namespace("zeke-review-heads") -- one mark for each hunk, by number
local bodies = api.nvim_create_namespace("zeke-review-bodies")

local SLICE_MS = 4
-- Of one hunk. No window is as high; more of them would hold Neovim up.
local MOST_LINES = 400
local GROUPS = {
  open = { line = "ZekeAdd", word = "ZekeAddWord" },
  rejected = { line = "ZekeHint", word = "ZekeHint" },
}

---@class zeke.View
---@field file zeke.ChangeFile
---@field buffer integer
---@field real boolean the buffer holds the new text: a file that is not there yet
---@field current integer the hunk at the cursor
---@field shape zeke.ViewShape
---@field window integer? in which a hunk was gone to last
---@field high table<integer, integer> virtual lines above the hunk's line, by hunk
---@field marks table<integer, integer[]> of the bodies, by hunk
---@field above table<integer, boolean> whether the hunk's virtual lines stand above its line
---@field spans table<integer, table> changed words, by hunk
---@field drawing integer counts what was begun, so that only the latest goes on
---@field closed boolean
local View = {}
View.__index = View

---@class zeke.ViewShape
---@field tabstop integer
---@field width integer at which lines are broken; 0: nowhere
---@field room integer columns
---@field height integer
---@field window integer? for which it is

---@param buffer integer
---@param wanted integer? window
---@return zeke.ViewShape
local function shape(buffer, wanted)
  local there = wanted and vim.list_contains(vim.fn.win_findbuf(buffer), wanted)
  local window = there and wanted or vim.fn.bufwinid(buffer)
  local found = { tabstop = vim.bo[buffer].tabstop, room = vim.o.columns, height = vim.o.lines }
  local wrap = true
  if window > 0 then
    local known = vim.fn.getwininfo(window)[1]
    found.room, found.height, found.window = known.width - known.textoff, known.height, window
    wrap = vim.wo[window].wrap
  end
  found.width = wrap and found.room or 0
  return found
end

---Virtual lines above the first line are seen only when the view makes room for them.
---@param self zeke.View
---@param index integer
---@param count integer
local function uncover(self, index, count)
  local steady = require("zeke.review.steady")
  for _, window in ipairs(vim.fn.win_findbuf(self.buffer)) do
    api.nvim_win_call(window, function()
      local view = vim.fn.winsaveview()
      if view.topline == 1 and view.topfill < count then
        if steady.at(self, index, window) then
          steady.hold(self, index, window)
        end
        vim.fn.winrestview({ topfill = count })
      end
    end)
  end
end

---@param index integer
---@return integer row from 0
function View:row(index)
  return api.nvim_buf_get_extmark_by_id(self.buffer, heads, index, {})[1] or 0
end

---@param row integer from 0
---@return integer index of the hunk there, or the last before it, or the first
function View:at(row)
  local found = api.nvim_buf_get_extmarks(self.buffer, heads, { row, -1 }, 0, { limit = 1 })[1]
  return found and found[1] or 1
end

---How many virtual lines can be seen of what would come. Neovim shows those between two lines of
---text as long as one of these is on the screen: at most a window of them from each.
---@param index integer
---@return integer
function View:most(index)
  local row, above = self:row(index), self.above[index]
  local count, height = api.nvim_buf_line_count(self.buffer), self.shape.height
  if above == nil then
    local ends = row + #self.file.hunks[index].old >= count
    return ends and height - 1 or 2 * height - 3
  end
  local anchor, window = 1, self.shape.window ---@type number, integer?
  if window and api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) == self.buffer then
    local found = api.nvim_win_text_height(window, { start_row = row, end_row = row })
    anchor = found.all - found.fill
  end
  -- The keys stand above them, and are to be seen with the first.
  return math.floor(height - anchor - 1)
end

---@param index integer
---@return table[] virt_lines of what would come
function View:coming(index)
  if self.real then
    return {}
  end
  local hunk = self.file.hunks[index]
  local groups = GROUPS[self.file.decided[index]] or GROUPS.open
  self.spans[index] = self.spans[index]
    or (require("zeke.config").get().review.words and words.of(hunk) or { old = {}, new = {} })
  local shown = vim.list_slice(hunk.new, 1, MOST_LINES)
  local coming, ends = lines.coming(shown, self.spans[index].new, groups, self.shape)
  local most, whole = self:most(index), #shown
  if #coming <= most and #shown == #hunk.new then
    return coming
  end
  most = math.max(0, math.min(most, MOST_LINES + 1))
  while whole > 0 and ends[whole] >= most do
    whole = whole - 1
  end
  local cut = vim.list_slice(coming, 1, ends[whole] or 0)
  local text = " … %d more lines: `:Zeke review text` shows all of them"
  cut[#cut + 1] = { { text:format(#hunk.new - whole), "ZekeHint" } }
  return vim.list_slice(cut, 1, most)
end

---The line above a hunk, and with it the virtual lines that stand above its line.
---@param index integer
---@param row integer
function View:head(index, row)
  if not self.file.hunks[index] then
    return -- none fits the text as it is now
  end
  local current = index == self.current
  local virtual = { hint.of(self.file, index, current, self.shape.room) }
  if self.above[index] ~= nil then
    vim.list_extend(virtual, self:coming(index))
  end
  self.high[index] = self.above[index] ~= false and #virtual or 0
  api.nvim_buf_set_extmark(self.buffer, heads, row, 0, {
    id = index,
    virt_lines = virtual,
    virt_lines_above = self.above[index] ~= false,
    virt_lines_overflow = "scroll",
  })
  if row == 0 and self.above[index] ~= false then
    uncover(self, index, #virtual)
  end
end

---@param index integer
---@param row integer
---@param column integer
---@param options table
function View:mark(index, row, column, options)
  options.strict = false
  local id = api.nvim_buf_set_extmark(self.buffer, bodies, row, column, options)
  table.insert(self.marks[index], id)
end

---The lines of the buffer that the hunk is about.
---@param index integer
---@param row integer
---@return integer last row of them
function View:going(index, row)
  local hunk, rejected = self.file.hunks[index], self.file.decided[index] == "rejected"
  local last = row + (self.real and #hunk.new or #hunk.old)
  last = math.min(last, api.nvim_buf_line_count(self.buffer))
  if self.real then
    local group = rejected and "ZekeHint" or "ZekeAdd"
    self:mark(index, row, 0, { end_row = last, hl_group = group, hl_eol = true, priority = 50 })
  elseif not rejected then
    local options = { end_row = last, hl_group = "ZekeDelete", hl_eol = true, priority = 200 }
    self:mark(index, row, 0, options)
    for line, spans in pairs(self.spans[index].old) do
      for _, span in ipairs(spans) do
        local options_of = { end_col = span[2], hl_group = "ZekeDeleteWord", priority = 201 }
        self:mark(index, row + line - 1, span[1], options_of)
      end
    end
  end
  return math.max(last - 1, row)
end

---Draw one hunk as it is now.
---@param index integer
function View:update(index)
  local row = self:row(index)
  for _, id in ipairs(self.marks[index] or {}) do
    api.nvim_buf_del_extmark(self.buffer, bodies, id)
  end
  self.marks[index] = {}
  self:head(index, row)
  if self.above[index] == nil then
    local coming = self:coming(index)
    local last = self:going(index, row)
    if #coming > 0 then
      self:mark(index, last, 0, { virt_lines = coming, virt_lines_overflow = "scroll" })
    end
  end
end

---@return integer index of the first hunk that a window may show
function View:seen()
  local window = vim.fn.bufwinid(self.buffer)
  return window > 0 and self:at(vim.fn.line("w0", window) - 1) or 1
end

---The bodies, a few at a time, what can be seen first.
function View:draw()
  local count, first, step = #self.file.hunks, self:seen(), 0
  local turn = self.drawing + 1
  self.drawing = turn
  local function slice()
    if
      count == 0
      or self.closed
      or turn ~= self.drawing
      or not api.nvim_buf_is_loaded(self.buffer)
    then
      return
    end
    local till = vim.uv.hrtime() + SLICE_MS * 1e6
    repeat
      self:update((first + step - 1) % count + 1)
      step = step + 1
    until step >= count or vim.uv.hrtime() > till
    if step < count then
      vim.defer_fn(slice, 1)
    end
  end
  slice()
end

---@param file zeke.ChangeFile with hunks
---@param buffer integer
---@return zeke.View
function View.open(file, buffer)
  require("zeke.highlight")
  local self = setmetatable({ file = file, buffer = buffer, drawing = 0, closed = false }, View)
  self.real = file.kind == "create" and file.target == nil
  self:show()
  return self
end

---The file's hunks, as they are now, in the place of what was shown.
function View:show()
  self:wipe()
  self.marks, self.above, self.spans, self.current = {}, {}, {}, 1
  self.high = {}
  self.shape = shape(self.buffer, self.window)
  local count = api.nvim_buf_line_count(self.buffer)
  for index, hunk in ipairs(self.file.hunks) do
    local row = math.min(hunk.start_line, count + 1) - 1
    if #hunk.old == 0 and not self.real then
      self.above[index] = row < count
    end
    row = math.min(row, count - 1)
    api.nvim_buf_set_extmark(self.buffer, heads, row, 0, { id = index })
  end
  local window = vim.fn.bufwinid(self.buffer)
  if window > 0 then
    self.current = self:at(api.nvim_win_get_cursor(window)[1] - 1)
  end
  self:draw()
end

---The state of the whole file is another one.
function View:restate()
  for index in ipairs(self.file.hunks) do
    self:head(index, self:row(index))
  end
end

---@param index integer
function View:focus(index)
  local before = self.current
  if before ~= index then
    self.current = index
    self:head(before, self:row(before))
    self:head(index, self:row(index))
  end
end

---@param index integer
---@param window integer
---@return boolean something of the hunk is on the screen
function View:visible(index, window)
  local row, old = self:row(index) + 1, #self.file.hunks[index].old
  return row + math.max(old, 1) > vim.fn.line("w0", window) and row <= vim.fn.line("w$", window)
end

---A hunk is gone to in one of the windows: what is drawn shall fit that.
---@param index integer
---@param window integer
function View:turn_to(index, window)
  self.window = window
  self:resized()
  self:update(index)
end

---The windows have another size.
function View:resized()
  if not api.nvim_buf_is_loaded(self.buffer) then
    return -- it is being wiped
  end
  local now = shape(self.buffer, self.window)
  if not vim.deep_equal(now, self.shape) then
    self.shape = now
    self:draw()
  end
end

function View:wipe()
  if api.nvim_buf_is_valid(self.buffer) then
    api.nvim_buf_clear_namespace(self.buffer, heads, 0, -1)
    api.nvim_buf_clear_namespace(self.buffer, bodies, 0, -1)
  end
end

function View:close()
  self.closed = true
  self:wipe()
end

return View
