---A window that follows what happens: after an event it is looked at again, once a second at most,
---and now and then by itself, but only while somebody can see it. Knows nothing of what it shows.
local M = {}

local api = vim.api

local LEAST_MS = 1000
-- Other Neovims make costs too, and the hour goes on.
local SLOW_MS = 60000
-- After which something else may be shown; true: also of what is slow to ask for.
local EVENTS = {
  ZekeTaskStarted = false,
  ZekeTaskDone = false,
  ZekeTaskFailed = false,
  ZekeStatusChanged = false,
  ZekeCostAlert = false,
  ZekeModelChanged = false,
  ZekeAuthDone = true,
}

---Asks for what is shown, and shows it; not `whole`: without what is slow to ask for. `done` once
---all is there.
---@alias zeke.Load fun(done: fun(), whole: boolean)

---@class zeke.Live
---@field package panel zeke.Panel
---@field package load zeke.Load
---@field package group integer
---@field package timer uv.uv_timer_t
---@field package last integer when it was looked at
---@field package loading integer? the number of what is under way
---@field package number integer
---@field package stale boolean something happened since
---@field package whole boolean all of it is to be asked for
local Live = {}
Live.__index = Live

---@return boolean
function Live:visible()
  local window = self.panel:where()
  return window ~= nil
    and api.nvim_win_get_tabpage(window) == api.nvim_get_current_tabpage()
    and not api.nvim_win_get_config(window).hide
end

function Live:close()
  if not self.timer:is_closing() then
    self.timer:close()
    api.nvim_del_augroup_by_id(self.group)
  end
end

---@param after integer milliseconds
function Live:later(after)
  if not self.timer:is_closing() then
    self.timer:start(
      after,
      0,
      vim.schedule_wrap(function()
        self:look()
      end)
    )
  end
end

---@package
function Live:look()
  if not self.panel:there() then
    return self:close()
  elseif self.loading or not self:visible() then
    self.stale = true -- what is asked for already may be older, and who comes back will look
    return
  end
  self.number = self.number + 1
  local number, whole = self.number, self.whole
  self.loading, self.stale, self.whole, self.last = number, false, false, vim.uv.now()
  self.load(function()
    if self.loading == number then
      self.loading = nil
      self:later(self.stale and LEAST_MS or SLOW_MS)
    end
  end, whole)
end

---Look again now, whatever is under way.
function Live:again()
  self.loading, self.whole = nil, true
  self:look()
end

---@param whole boolean
function Live:happened(whole)
  self.whole = self.whole or whole
  if self.loading or not self:visible() then
    self.stale = true
  else
    self:later(math.max(0, self.last + LEAST_MS - vim.uv.now()))
  end
end

---@param panel zeke.Panel
---@param load zeke.Load
---@return zeke.Live which has begun
function M.follow(panel, load)
  local self = setmetatable({
    panel = panel,
    load = load,
    group = api.nvim_create_augroup("zeke-live-" .. panel.buffer, { clear = true }),
    timer = assert(vim.uv.new_timer()),
    last = 0,
    number = 0,
    stale = false,
    whole = true,
  }, Live)
  api.nvim_create_autocmd("User", {
    group = self.group,
    pattern = vim.tbl_keys(EVENTS),
    callback = function(event)
      self:happened(EVENTS[event.match] == true)
    end,
  })
  api.nvim_create_autocmd({ "TabEnter", "WinEnter" }, {
    group = self.group,
    callback = function()
      if self.stale and not self.loading and self:visible() then
        self:later(0)
      end
    end,
  })
  api.nvim_create_autocmd("BufWipeout", {
    group = self.group,
    buffer = panel.buffer,
    callback = function()
      vim.schedule(function()
        self:close()
      end)
    end,
  })
  self:look()
  return self
end

return M
