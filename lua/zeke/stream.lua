---Text that grows at one place of a buffer, whatever else happens there.
---What comes within a moment is one change. Nothing is redrawn by force; nobody who reads above is
---moved, and who stands at the end goes on standing there.
local api = vim.api

local ease = require("zeke.stream.ease")
local peace = require("zeke.stream.peace")

local namespace = api.nvim_create_namespace("zeke-stream")

---A model may say 200 things a second; nobody reads that, and each would be drawn.
local GATHER_MS = 30
---Each change of a line costs as much as the line is long: the longer, the fewer.
local BYTES_A_MS = 400
local MOST_MS = 1000
local MOST_TRIES = 20

---@class zeke.Stream
---@field buffer integer
---@field mark integer
---@field empty boolean nothing came yet
---@field private incoming zeke.Incoming
---@field private pending string[]
---@field private waiting boolean the next moment is on its way
---@field private held boolean until the person has let go of what more text would tear
---@field private ending? fun() what to do once everything stands there
---@field private column integer? where the last change of ours ended
---@field private tick integer of the buffer after the last change of ours
---@field private failures integer one after the other
---@field private heading? fun(): integer? row of what stands above; nil: it is gone
---@field private steps zeke.Steps?
---@field private lost? fun() the text was taken away while it grew
---@field gone boolean the text has no place any more
local Stream = {}
Stream.__index = Stream

---@class zeke.StreamPlace
---@field row integer? from 0, an empty line; default: the end
---@field guard zeke.LineGuard?
---@field heading? fun(): integer? row from 0, of what has to stand above
---@field undoable boolean? a person writes and undoes there while it grows
---@field lost? fun() called once when that is gone

---@param buffer integer
---@param place zeke.StreamPlace?
---@return zeke.Stream
function Stream.new(buffer, place)
  place = place or {}
  local row = place.row or api.nvim_buf_line_count(buffer) - 1
  local text = api.nvim_buf_get_lines(buffer, row, row + 1, false)[1]
  local self = setmetatable({
    buffer = buffer,
    mark = api.nvim_buf_set_extmark(buffer, namespace, row, #text, {}),
    empty = true,
    incoming = require("zeke.stream.incoming").new(place.guard),
    pending = {},
    waiting = false,
    held = false,
    tick = api.nvim_buf_get_changedtick(buffer),
    failures = 0,
    heading = place.heading,
    lost = place.lost,
    gone = false,
  }, Stream)
  if place.undoable then
    self.steps = require("zeke.stream.steps").new(buffer, row, function()
      return (self:place())
    end, function(at)
      self:settle(at)
    end)
  end
  return self
end

---@param place zeke.Place where its text ends
function Stream:settle(place)
  self.column = place.column
  api.nvim_buf_set_extmark(self.buffer, namespace, place.row, place.column, { id = self.mark })
end

---The person may have undone something.
---@return zeke.Standing
function Stream:follow()
  local steps = self.steps
  if steps and api.nvim_buf_get_changedtick(self.buffer) ~= self.tick then
    Stream.change(self.buffer, function()
      steps:follow()
    end)
  end
  return steps and steps.standing or "here"
end

---Others write after it from now on.
function Stream:part()
  if self.steps then
    Stream.change(self.buffer, function()
      self.steps:part()
    end)
  end
end

---Change a buffer that its person may have made unmodifiable.
---@param buffer integer
---@param change fun()
function Stream.change(buffer, change)
  local modifiable = vim.bo[buffer].modifiable
  if not modifiable then
    vim.bo[buffer].modifiable = true
  end
  local ok, problem = pcall(change)
  if not modifiable then
    vim.bo[buffer].modifiable = false
  end
  if not ok then
    error(problem, 0)
  end
end

---The next change belongs to the one before it, if that was ours as well: one `u` takes all of it
---back, and nothing of the person's.
function Stream:join()
  if api.nvim_buf_get_changedtick(self.buffer) == self.tick then
    api.nvim_buf_call(self.buffer, function()
      pcall(vim.cmd.undojoin)
    end)
  end
end

---@param last integer row from 0, of the end of what is written
---@return fun() follow whoever stood at the end, or below it
function Stream:followers(last)
  local buffer = self.buffer
  local at_end = last == api.nvim_buf_line_count(buffer) - 1
  local here = api.nvim_get_current_win()
  local typing = api.nvim_get_mode().mode:find("^[^n]") and here
  local found = {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local row = api.nvim_win_get_cursor(window)[1] - 1
    if at_end and row == last and window ~= typing then
      found[#found + 1] = window
    elseif row > last and window ~= here then
      found[#found + 1] = window
    end
  end
  return function()
    -- At its end, because a paragraph can be longer than the window is high.
    local to = { api.nvim_buf_line_count(buffer), vim.v.maxcol }
    for _, window in ipairs(found) do
      -- Its own place again, if it stands below: only so is a window scrolled that is not current.
      api.nvim_win_set_cursor(window, at_end and to or api.nvim_win_get_cursor(window))
    end
  end
end

---@return zeke.Place? place nil: it is gone, and what came with it
---@return string before what has to stand between it and the text
---@return string after
function Stream:place()
  local buffer = self.buffer
  local at = api.nvim_buf_get_extmark_by_id(buffer, namespace, self.mark, {})
  local above = -1
  if self.heading then
    local row = self.heading()
    if not row then
      return nil, "", ""
    end
    above = row
  end
  local changed = api.nvim_buf_get_changedtick(buffer) ~= self.tick
  if not at[1] then
    return nil, "", ""
  end
  local row, column = at[1], at[2]
  if row <= above or row >= api.nvim_buf_line_count(buffer) then
    -- What stood there was deleted to the end.
    row = math.max(above, api.nvim_buf_line_count(buffer) - 1)
    local line = api.nvim_buf_get_lines(buffer, row, row + 1, false)[1]
    return { row = row, column = #line }, line == "" and "" or row == above and "\n\n" or "\n", ""
  end
  local behind = changed and api.nvim_buf_get_text(buffer, row, column, row, -1, {})[1] or ""
  return { row = row, column = column }, "", behind == "" and "" or "\n"
end

---@param text string
---@return boolean written false: it has to wait, or there is no place for it any more
function Stream:write(text)
  local buffer = self.buffer
  local standing = self:follow()
  if standing == "away" then
    self:hold()
    return false
  end
  local place, before, after = self:place()
  if not place then
    self:lose()
    return false
  end
  if peace.disturbs(buffer, place.row) or standing == "behind" and not peace.reigns(buffer) then
    self:hold()
    return false
  elseif standing == "behind" then
    Stream.change(buffer, function()
      self.steps:sort(text)
    end)
  else
    self:insert(place --[[@as zeke.Place]], before .. text, after)
  end
  if (self.column or 0) > ease.LONG then
    ease.buffer(buffer)
  end
  return true
end

---The text was taken away while it grew.
function Stream:lose()
  self.gone = true
  self.pending = {}
  if self.lost then
    self.lost()
  end
end

---@param place zeke.Place
---@param text string
---@param after string
function Stream:insert(place, text, after)
  local buffer = self.buffer
  local row, column = place.row, place.column
  local follow = self:followers(row)
  local lines = vim.split(text, "\n", { plain = true })
  local before = self.steps and self.steps:now() or 0 --[[@as integer]]
  self:join()
  Stream.change(buffer, function()
    local whole = after == "" and lines or vim.list_extend(vim.list_slice(lines), { "" })
    api.nvim_buf_set_text(buffer, row, column, row, column, whole)
    local past = #lines[#lines] + (#lines == 1 and column or 0)
    self:settle({ row = row + #lines - 1, column = past })
    if self.steps then
      self.steps:grown(text, before)
    end
  end)
  self.tick = api.nvim_buf_get_changedtick(buffer)
  follow()
end

---Go on once the person has let go of what more text would tear.
function Stream:hold()
  if not self.held then
    self.held = true
    peace.await(function()
      self.held = false
      self:flush()
    end)
  end
end

---@param problem string
function Stream:failed(problem)
  self.failures = self.failures + 1
  if self.failures == 1 then
    require("zeke.notice").internal("an answer that was to be written", problem)
  end
  if self.failures > MOST_TRIES then
    self.gone = true
    self.pending = {}
  else
    self:wait(MOST_MS)
  end
end

---Write what has come so far.
function Stream:flush()
  local text = table.concat(self.pending)
  if self.gone or not api.nvim_buf_is_loaded(self.buffer) then
    self.pending = {}
  elseif text ~= "" then
    local ok, written = pcall(self.write, self, text)
    if self.held then
      return
    elseif not ok then
      self:failed(tostring(written))
    elseif written then
      self.pending, self.failures = {}, 0
    end
  elseif self.ending and self:follow() == "away" then
    return self:hold()
  end
  local ending = self.ending
  self.ending = nil
  if ending then
    ending()
  end
end

---@param time integer milliseconds until what comes meanwhile is written
function Stream:wait(time)
  if self.waiting then
    return
  end
  self.waiting = true
  vim.defer_fn(function()
    self.waiting = false
    if #self.pending > 0 and not self.held then
      self:step()
    end
  end, time)
end

---Write, and gather for a moment.
function Stream:step()
  self:flush()
  -- What is undone is made again each time: seldom, then.
  local behind = self.steps and self.steps.standing == "behind"
  local time = GATHER_MS + math.floor((self.column or 0) / BYTES_A_MS)
  self:wait(behind and MOST_MS or math.min(MOST_MS, time))
end

---@param text string as it shall stand there
function Stream:put(text)
  if text ~= "" and not self.gone then
    self.pending[#self.pending + 1] = text
    if not self.waiting and not self.held then
      self:step()
    end
  end
end

---@param text string of a model
function Stream:append(text)
  self.empty = self.empty and text == ""
  self:put(self.incoming:take(text))
end

---A line that is added to what a model says. No guard moves it aside.
---@param gap string line ends before it
---@param line string
function Stream:add(gap, line)
  self.empty = false
  local bare = require("zeke.stream.incoming").new():take(line, true)
  self:put(self.incoming:take(gap, true) .. bare)
end

---Nothing more comes.
---@param ending fun()? called once everything stands there, for which it waits for the person
function Stream:finish(ending)
  local rest = self.incoming:take("", true)
  self.pending[#self.pending + 1] = rest ~= "" and rest or nil
  self.ending = ending
  if not self.held then
    self:flush()
  end
end

---@return string what came and is not written
function Stream:unwritten()
  return table.concat(self.pending) .. self.incoming:take("", true)
end

---Nothing of it is written any more.
function Stream:drop()
  self.gone = true
  self.pending, self.ending = {}, nil
end

---@return integer? row from 0, of the end of the text; nil: it was taken out
function Stream:row()
  local place = self:place()
  return place and place.row
end

---Put a sentence where the text ended early.
---@param message string
function Stream:stopped(message)
  local gap = self.empty and "" or "\n\n"
  self:put(self.incoming:take("", true) .. gap .. Stream.NOTE .. message)
  if not self.held then
    self:flush()
  end
end

---How a note that is not part of the answer begins.
Stream.NOTE = "> **Stopped:** "

return Stream
