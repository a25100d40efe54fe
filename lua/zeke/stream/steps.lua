---The undo steps of a text that grows while a person writes in the same buffer. Neovim has one line
---of steps for both, and what comes between two changes of the person's becomes a step too. Before
---that can be seen, the steps are made again: one for the text, then those of the person.
---Knows when undo has led somewhere; not what the text is, nor when it grows.
local M = {}

local api = vim.api
local edit = require("zeke.stream.edit")
local tree = require("zeke.stream.tree")
local views = require("zeke.stream.views")

---@alias zeke.Standing
---| "here" all of the text stands in the buffer
---| "behind" it does, and something was undone that redo brings back
---| "away" its step is undone, and redo brings it back
---| "gone" no redo does

---@class zeke.Place
---@field row integer from 0
---@field column integer

---@class zeke.Steps
---@field standing zeke.Standing
---@field private buffer integer
---@field private root integer the step in which it began
---@field private first integer row from 0, where it begins
---@field private place fun(): zeke.Place? where it ends; nil: it is not there
---@field private settle fun(place: zeke.Place) it ends there
---@field top integer rows above this one are the same in all of its steps
---@field private text string[] all that was written of it
---@field private total integer bytes of it
---@field private reached table<integer, integer> bytes of it that stand after a step, by step
---@field private last integer where undo or a change led last
---@field private own table<integer, true> steps that are nothing but text
---@field private covered integer the last step of the person's that others write in as well
---@field ended boolean
local Steps = {}
Steps.__index = Steps

---The text has just begun, by the change that was the last one in this buffer.
---@param buffer integer
---@param row integer from 0, where it will begin
---@param place fun(): zeke.Place?
---@param settle fun(place: zeke.Place)
---@return zeke.Steps
function M.new(buffer, row, place, settle)
  local root = vim.fn.undotree(buffer).seq_cur
  local self = setmetatable({
    standing = "here",
    buffer = buffer,
    root = root,
    place = place,
    settle = settle,
    first = row,
    top = row,
    text = {},
    total = 0,
    reached = { [root] = 0 },
    last = root,
    own = { [root] = true },
    covered = 0,
    ended = false,
  }, Steps)
  api.nvim_buf_attach(buffer, false, {
    on_lines = function(_, _, _, first)
      self.top = math.min(self.top, first)
      return self.ended
    end,
  })
  return self
end

---What comes from here on is a step of its own: `:help undo-break`.
local function interrupt()
  vim.cmd(("noautocmd setlocal undolevels=%d"):format(vim.bo.undolevels))
end

---@return integer the step whose text stands in the buffer
function Steps:now()
  return api.nvim_buf_call(self.buffer, vim.fn.changenr)
end

---Something of it was written.
---@param text string
---@param before integer the step before that
function Steps:grown(text, before)
  self.text[#self.text + 1] = text
  self.total = self.total + #text
  self.last = self:now()
  self.reached[self.last] = self.total
  local shared = before == self.last and not self.own[before]
  self.own[self.last] = not shared or nil
  if api.nvim_get_current_buf() ~= self.buffer or not api.nvim_get_mode().mode:find("^[iR]") then
    return
  elseif shared then
    self:cover()
  else
    interrupt() -- What is typed now begins a step.
  end
end

---Keep these lines with the step that is open, or begin one. This command does so, and no more.
---@param first integer row from 1
---@param last integer? the end
local function keep(first, last)
  vim.cmd(("silent noautocmd %d,%sluado return"):format(first, last or "$"))
end

---Who inserts text goes on with the step that they began, and Neovim trusts that nobody else
---changes the buffer meanwhile: a line that they add or join then is undone in the wrong place.
---Unless all that they may touch is kept with that step.
function Steps:cover()
  if self.covered ~= self.last then
    self.covered = self.last
    local place = self.place()
    local below = place and api.nvim_win_get_cursor(0)[1] > place.row + 1
    keep(below and place.row + 2 or 1)
  end
end

---@return integer bytes of it that stand in the buffer, as far as can be told
function Steps:count()
  local place = self.place()
  if not place or place.row < self.first then
    return self.total
  end
  local lines = api.nvim_buf_get_text(self.buffer, self.first, 0, place.row, place.column, {})
  local stands = table.concat(lines, "\n")
  return vim.startswith(table.concat(self.text), stands) and #stands or self.total
end

---@param found zeke.UndoTree
---@param step integer?
---@return integer bytes of it that stand after that step
function Steps:reach(found, step)
  while step and not self.reached[step] do
    step = found:before(step)
  end
  return step and self.reached[step] or self:count() -- With few 'undolevels' steps are forgotten.
end

---@param found zeke.UndoTree
---@return zeke.Standing
function Steps:stands(found)
  if found:depth(found.here, self.root) or self.place() then
    return found.ahead and "behind" or "here"
  end
  return found:depth(self.root, found.here) and "away" or "gone"
end

---@return boolean it stands in steps of the person's, or between them
function Steps:mixed()
  return vim.tbl_count(self.reached) > 1
end

---@param step integer
local function go(step)
  if vim.fn.changenr() ~= step then
    vim.cmd(("silent noautocmd undo %d"):format(step))
  end
end

---Go to its first step. Where it ends there is certain; a mark may have lost it on the way.
function Steps:home()
  go(self.root)
  if self.place() then
    local text = table.concat(self.text):sub(1, self.reached[self.root])
    local row, column = edit.past(self.first, text)
    self.settle({ row = row, column = column })
  end
end

---The person may have changed or undone something. Where that has led into the middle of the
---text, they are led to where they meant.
---@return zeke.Standing
function Steps:follow()
  local found = tree.read(self.buffer)
  local from, was = self.last, self.standing
  self.last = found.here
  self.standing = self:stands(found)
  local there = found:depth(found.here, self.root)
  if there and (was == "away" or was == "gone") then
    api.nvim_buf_call(self.buffer, function()
      self:home()
      go(found.here)
    end)
  end
  local stands = there or self.place()
  local torn = stands and self:reach(found, found.here) < self.total
  local left = not there and found:depth(from, self.root) and self:mixed()
  if torn or left then
    self:sort("", from)
  end
  return self.standing
end

---@class zeke.StepLines
---@field lines string[] below the top, and all of the text is in them
---@field place zeke.Place? where that ends

---@param text string of it that is not there
---@return zeke.StepLines found those of now and that at its end
function Steps:look(text)
  local lines = api.nvim_buf_get_lines(self.buffer, self.top, -1, false)
  local place = self.place()
  if place and text ~= "" then
    local at = place.row - self.top + 1
    local behind = lines[at]:sub(place.column + 1)
    local grown = vim.split(lines[at]:sub(1, place.column) .. text, "\n", { plain = true })
    place = { row = place.row + #grown - 1, column = #grown[#grown] }
    local rest = vim.list_slice(lines, at + 1)
    lines = vim.list_extend(vim.list_slice(lines, 1, at - 1), grown)
    if behind ~= "" then
      lines[#lines + 1] = behind
    end
    vim.list_extend(lines, rest)
  end
  return { lines = lines, place = place }
end

---Take its steps away, but for the first one.
---@param found zeke.UndoTree
---@param steps integer[] oldest first
---@param text string
---@return table<integer, zeke.StepLines> by step
function Steps:take(found, steps, text)
  local taken = {}
  for index = #steps, 1, -1 do
    local step = steps[index]
    go(step)
    taken[step] = self:look(text:sub(self:reach(found, step) + 1))
    vim.cmd("silent noautocmd undo!")
  end
  go(self.root)
  taken[self.root] = self:look(text:sub(self.reached[self.root] + 1))
  return taken
end

---Put the text into its first step, and the steps of the person after it.
---@param found zeke.UndoTree
---@param steps integer[] oldest first
---@param taken table<integer, zeke.StepLines>
---@param text string
---@return table<integer, integer> new step by old
---@return table<integer, integer> new steps, by the one that comes after
function Steps:give(found, steps, taken, text)
  local root, place = self.root, self.place()
  local reached = self.reached[root]
  if place and #text > reached then
    local row, column = place.row, place.column
    local line = api.nvim_buf_get_lines(self.buffer, row, row + 1, false)[1]
    local lines = vim.split(text:sub(reached + 1), "\n", { plain = true })
    lines[#lines + 1] = #line > column and "" or nil
    pcall(vim.cmd.undojoin)
    api.nvim_buf_set_text(self.buffer, row, column, row, column, lines)
    self.settle(taken[root].place or place)
  end
  local new = { [root] = vim.fn.changenr() }
  local before = { [new[root]] = found:before(root) or 0 }
  for _, step in ipairs(steps) do
    local above = found:before(step) --[[@as integer]]
    new[step] = new[above]
    if not self.own[step] then
      go(new[above])
      interrupt()
      local was, is = taken[above].lines, taken[step].lines
      local cursor = edit.begins(self.top, was, is)
      -- Undo leads there; and what changes nothing in the end is a step as well.
      api.nvim_win_set_cursor(0, cursor)
      keep(cursor[1], cursor[1])
      edit.change(self.top, was, is)
      new[step] = vim.fn.changenr()
      before[new[step]] = new[above]
    end
  end
  return new, before
end

---Some of the steps that were taken back were nothing but text, and no steps of the person's: as
---many of theirs are meant.
---@param found zeke.UndoTree
---@param from integer where they were
---@param new table<integer, integer> step by old
---@param before table<integer, integer>
---@return integer step that they meant
local function meant(found, from, new, before)
  local here = new[found.here] or found.here
  local count = new[from] and found:depth(from, found.here) or 0
  local to = new[from]
  if count == 0 or count ~= vim.v.count1 and to ~= here then
    return here
  end
  for _ = 1, count == vim.v.count1 and count or 1 do
    to = before[to] or found:before(to) or to
  end
  return to
end

---@param found zeke.UndoTree
---@param from integer where the person was
---@param text string
---@return boolean moved they are led elsewhere than where they are
function Steps:again(found, from, text)
  local steps = found:after(self.root)
  self:home()
  local taken = self:take(found, steps, text)
  local new, before = self:give(found, steps, taken, text)
  local to = meant(found, from, new, before)
  go(new[from] or found.here) -- From there, so that the cursor goes where undo leads it.
  go(to)
  for old, step in pairs(new) do
    if step == to and taken[old].place then
      self.settle(taken[old].place)
    end
  end
  self.root = new[self.root]
  self.reached = { [self.root] = #text }
  self.last, self.own, self.covered = to, { [self.root] = true }, 0
  return to ~= (new[found.here] or found.here)
end

---Make the steps again.
---@param more string to be written at the end of the text
---@param from integer? where the person was, when they have just been led elsewhere
function Steps:sort(more, from)
  local buffer = self.buffer
  local found = tree.read(buffer)
  local text = table.concat(self.text) .. more
  self.text, self.total = { text }, #text
  local missing = text:sub(self:reach(found, found.here) + 1)
  local whole = self:look(missing)
  local _, added = missing:gsub("\n", "")
  local restore = views.keep(buffer, whole.place and whole.place.row - added or 0, added)
  local ok, moved = pcall(api.nvim_buf_call, buffer, function()
    return self:again(found, from or found.here, text)
  end)
  if not ok then -- Better many steps than a word lost.
    api.nvim_buf_set_lines(buffer, self.top, -1, false, whole.lines)
    if whole.place then
      self.settle(whole.place)
    end
    self.last = self:now()
    self.reached[self.last] = #text
  end
  restore(ok and moved == true)
  self.standing = self:stands(tree.read(buffer))
end

---Nothing grows any more.
function Steps:part()
  self.ended = true
  if self:mixed() then
    self:sort("")
  end
end

return M
