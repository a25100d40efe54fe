---One open `:ZekeConsents`: what the broker said last, what is marked and opened, and which of it
---has just moved. Asks anew when the broker says that something changed; answers nothing itself.
local M = {
  guard_ms = 400, -- as long as the prompt's
  now = os.time, ---@type fun(): integer seconds since the epoch
}

local api = vim.api

local APART_MS = 100 -- between two questions to the broker, however much changes
local MOMENT = " One moment: the list has just changed. "
local FEET = {
  waiting = " 1 once  2 session  3 project  d denies  <Space> marks  <CR> details ",
  grant = " r revokes  w why  <Space> marks  <CR> details  q closes ",
  refused = " r takes it back  <Space> marks  <CR> details  q closes ",
  decision = " w why  <CR> details  q closes ",
  file = " t trusts  x rejects  e keeps out of git  q closes ",
}
local FOOT = " <Space> marks  1 2 3 d answer  r revokes  t trusts  x rejects  q closes "

---@class zeke.Inbox
---@field panel zeke.Panel
---@field cwd string
---@field data table? nil: nothing is known that could be acted on
---@field marks table<string, boolean>
---@field opened table<string, boolean>
---@field lost_marks boolean what was marked is gone, and the person has not heard of it
---@field private at table<string, string> where and how each item stood when it was last drawn
---@field private moved table<string, "listed"|"moved"> items that did not stand there a moment ago
---@field private read table<string, table<string, boolean>> by hash: the grants that were in sight
---@field private pause zeke.Pause
---@field private timer uv.uv_timer_t
---@field private asking boolean
---@field private stale boolean
---@field private last integer
local Inbox = {}
Inbox.__index = Inbox

---@param title string
---@return zeke.Inbox
function M.open(title)
  local self = setmetatable({
    panel = require("zeke.panel").open("consents", title),
    cwd = vim.fn.getcwd(),
    marks = {},
    opened = {},
    lost_marks = false,
    at = {},
    moved = {},
    read = {},
    pause = require("zeke.pause").new(),
    timer = assert(vim.uv.new_timer()),
    asking = false,
    stale = false,
    last = 0,
  }, Inbox)
  self:watch()
  self:refresh()
  return self
end

---@package
function Inbox:watch()
  local buffer = self.panel.buffer
  local function on(events, callback)
    api.nvim_create_autocmd(events, { buffer = buffer, callback = callback })
  end
  on({ "CursorMoved", "WinEnter" }, function()
    self:note_sight()
    self:foot()
  end)
  on("WinScrolled", function()
    self:note_sight()
  end)
  on("BufWipeout", function()
    self.pause:close()
    self.timer:close()
  end)
  -- How long a question waits is told by the second.
  self.timer:start(
    1000,
    1000,
    vim.schedule_wrap(function()
      if self.data and #(self.data.waiting or {}) > 0 then
        self:draw()
      end
    end)
  )
end

---Ask the broker, unless that is under way; then once more after it.
function Inbox:refresh()
  if self.asking or not self.panel:there() then
    self.stale = self.asking
    return
  end
  self.asking, self.stale, self.last = true, false, vim.uv.now()
  local wanted = { what = "consents", cwd = self.cwd }
  require("zeke.replies").ask("state.get", wanted, function(data, problem)
    local stale = self.stale
    self.asking, self.stale = false, false
    self:take(data, problem)
    if stale then
      self:soon()
    end
  end)
end

---Ask the broker, not too often.
function Inbox:soon()
  local wait = self.last + APART_MS - vim.uv.now()
  if self.asking then
    self.stale = true
  elseif wait <= 0 then
    self:refresh()
  elseif not self.stale then
    self.stale = true
    vim.defer_fn(function()
      self:refresh()
    end, wait)
  end
end

---@param data table?
---@param problem string?
function Inbox:take(data, problem)
  if not self.panel:there() then
    return
  end
  self.data = nil
  if data then
    self:keep_marks(data)
    self.data = data
    return self:draw()
  end
  self.at, self.moved, self.marks = {}, {}, {}
  self.panel:show({ { text = problem or "The broker said nothing.", group = "ZekeError" } })
  self:foot()
end

---@private
---@return zeke.ConsentLine[]
function Inbox:lines()
  return require("zeke.consents.lines").of(self.data or {}, {
    marks = self.marks,
    opened = self.opened,
    width = self.panel:width(),
    now = M.now(),
  })
end

---@private
---@param data table
function Inbox:keep_marks(data)
  if not next(self.marks) then
    return
  end
  local there = {}
  for _, line in
    ipairs(require("zeke.consents.lines").of(data, {
      marks = {},
      opened = {},
      width = self.panel:width(),
      now = M.now(),
    }))
  do
    there[line.item and line.item.key or ""] = true
  end
  for key in pairs(self.marks) do
    if not there[key] then
      self.marks[key] = nil
      self.lost_marks = not next(self.marks)
    end
  end
end

---@private
---@param lines zeke.ConsentLine[]
---@return table<string, string> where each item begins, and what it says but for its mark
local function standing(lines)
  local at = {}
  for row, line in ipairs(lines) do
    local key = line.item and line.item.key
    if key then
      at[key] = (at[key] or row .. ":") .. line.still:gsub("^%*", " ")
    end
  end
  return at
end

---Show what is known. Who stands elsewhere than before cannot be hit for a moment.
function Inbox:draw()
  local panel = self.panel
  if not (self.data and panel:there()) then
    return
  end
  local lines = self:lines()
  local at, moved = standing(lines), {}
  local how = next(self.at) and "moved" or "listed"
  for key, where in pairs(at) do
    if self.at[key] ~= where then
      moved[#moved + 1] = key
    end
  end
  self.at = at
  self:hold(moved, how)
  self:show(lines)
end

---Let nothing happen to these for a moment.
---@param keys string[] of items
---@param how "listed"|"moved"
function Inbox:hold(keys, how)
  if #keys == 0 then
    return
  end
  for _, key in ipairs(keys) do
    self.moved[key] = how
  end
  self.pause:start(M.guard_ms, function()
    self.moved = {}
    self:foot()
  end)
end

---@private
---@param lines zeke.ConsentLine[]
function Inbox:show(lines)
  local panel = self.panel
  local window = panel:where()
  local row = window and api.nvim_win_get_cursor(window)[1] or 1
  local item, above = panel:item(row), 0
  while item and row - above > 1 and (panel:item(row - above - 1) or {}).key == item.key do
    above = above + 1
  end
  panel:show(lines)
  if window and item then
    for index, line in ipairs(lines) do
      if line.item and line.item.key == item.key then
        local there = lines[index + above]
        local same = there and there.item and there.item.key == item.key
        local target = index + (same and above or 0)
        if target ~= api.nvim_win_get_cursor(window)[1] then
          api.nvim_win_set_cursor(window, { target, 0 })
        end
        break
      end
    end
  end
  self:note_sight()
  self:foot()
end

---@param items zeke.ConsentItem[]
---@param anew boolean the list as a whole may have come this moment
---@return boolean one of them did not stand where it stands a moment ago
function Inbox:unsteady(items, anew)
  for _, item in ipairs(items) do
    local how = self.moved[item.key]
    if how and not (anew and how == "listed") then
      return true
    end
  end
  return false
end

---@param kinds table<string, boolean>
---@return zeke.ConsentItem[] what is marked, else what the cursor is on
---@return boolean marked
function Inbox:chosen(kinds)
  local found, seen = {}, {}
  local function take(item)
    if item and kinds[item.kind] and not seen[item.key] then
      seen[item.key] = true
      found[#found + 1] = item
    end
  end
  if next(self.marks) then
    for _, line in ipairs(self.panel.lines) do
      take(line.item and self.marks[line.item.key] and line.item)
    end
    return found, true
  end
  take(self.panel:item())
  return found, false
end

---@private
---Remember which grants of the project's file were on the screen.
function Inbox:note_sight()
  local window = self.panel:where()
  if not (window and self.data and self.data.hash) then
    return
  end
  local read = self.read[self.data.hash] or {}
  self.read[self.data.hash] = read
  for row = vim.fn.line("w0", window), vim.fn.line("w$", window) do
    local item = self.panel:item(row)
    if item and item.kind == "grant" then
      read[item.key] = true
    end
  end
end

---@return integer? row of a grant of the project's file that was not in sight yet
---@return integer count of such grants
function Inbox:unread()
  local read, first, count, seen = self.read[self.data.hash] or {}, nil, 0, {}
  for row, line in ipairs(self.panel.lines) do
    local item = line.item
    if item and item.kind == "grant" and item.entry.scope == "project" then
      if not read[item.key] and not seen[item.key] then
        seen[item.key], count = true, count + 1
        first = first or row
      end
    end
  end
  return first, count
end

---The keys that mean something here, in the window's edge if it has one.
function Inbox:foot()
  local window = self.panel:where()
  if not window then
    return
  end
  local item = self.panel:item(api.nvim_win_get_cursor(window)[1])
  local text = item and FEET[item.kind] or FOOT
  if item and self:unsteady({ item }, false) then
    text = MOMENT
  end
  self.panel:foot(text)
end

---The broker is gone.
function Inbox:lost()
  self:take(nil, "The broker stopped: what waited is denied. :ZekeConsents asks a new one.")
end

return M
