---A short time in which keys do not count, because what they would hit has just appeared or moved.
---Time in which Neovim stood still, and so drew nothing, is not part of it.
local M = {}

local LATE_MS = 100

---@class zeke.Pause
---@field private timer uv.uv_timer_t
---@field private running boolean
local Pause = {}
Pause.__index = Pause

---@return zeke.Pause
function M.new()
  return setmetatable({ timer = assert(vim.uv.new_timer()), running = false }, Pause)
end

---@return boolean
function Pause:holds()
  return self.running
end

---(Re)start it.
---@param ms integer
---@param ended fun()
function Pause:start(ms, ended)
  self.running = true
  local due = vim.uv.hrtime() + ms * 1e6
  self.timer:start(
    ms,
    0,
    vim.schedule_wrap(function()
      if not self.running or self.timer:is_active() then
        return -- stopped, or started again, meanwhile
      end
      if vim.uv.hrtime() - due > LATE_MS * 1e6 then
        return self:start(ms, ended)
      end
      self.running = false
      ended()
    end)
  )
end

function Pause:stop()
  self.running = false
  self.timer:stop()
end

function Pause:close()
  self:stop()
  if not self.timer:is_closing() then
    self.timer:close()
  end
end

return M
