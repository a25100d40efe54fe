---Writes a chat as it grows: at most once a second, without anybody waiting for it.
local M = {}

local disk = require("zeke.chat.disk")
local store = require("zeke.chat.store")

local EVERY_MS = 700

---@class zeke.Saver
---@field id string
---@field private collect fun(): zeke.ChatFile|false|nil
---@field private due boolean a change is not written yet
---@field private timed boolean
---@field private writing boolean
---@field private closed boolean
---@field private last string|false|nil what to write when this write is done; false: take it away
---@field private swept boolean
---@field private began boolean a file is there, or on its way
---@field private complained boolean
local Saver = {}
Saver.__index = Saver

local all = {} ---@type table<string, zeke.Saver> by id

---@param id string
---@param collect fun(): zeke.ChatFile|false|nil what to write; false: what is there shall go
---@param resumed boolean it is locked by us already
---@return zeke.Saver
function M.new(id, collect, resumed)
  local saver = setmetatable({
    id = id,
    collect = collect,
    due = false,
    timed = false,
    writing = false,
    closed = false,
    swept = false,
    began = resumed,
    complained = false,
  }, Saver)
  all[id] = saver
  return saver
end

---Something has changed.
function Saver:touch()
  self.due = true
  if not self.timed then
    self.timed = true
    vim.defer_fn(function()
      self.timed = false
      self:save()
    end, EVERY_MS)
  end
end

---@param problem string? of the last write
function Saver:written(problem)
  self.writing = false
  if problem and not self.complained then
    local said = ("This chat could not be saved: %s. It goes on unsaved."):format(problem)
    require("zeke.notice").error(said)
  end
  self.complained = problem ~= nil
  if not problem then
    if not self.swept then
      self.swept = true
      store.sweep(all) -- there is one more now
    end
    require("zeke.events").announce("chat.saved", { id = self.id, path = store.path(self.id) })
  end
  self:go_on()
end

---What came in the meantime.
function Saver:go_on()
  if self.last ~= nil then
    local text = self.last
    self.last = nil
    self:put(text)
  elseif self.closed then
    store.unlock(self.id)
  elseif self.due and not self.timed then
    self:touch()
  end
end

---@param text string
function Saver:write(text)
  if not self.began then
    self.began = true
    store.lock(self.id, function() end)
  end
  self.writing = true
  disk.replace(store.path(self.id), text, function(problem)
    self:written(problem)
  end)
end

---@param text string|false
function Saver:put(text)
  if text then
    return self:write(text)
  end
  self.writing = true
  disk.remove(store.path(self.id), function()
    self.writing = false
    self:go_on()
  end)
end

---@return string|false|nil text to be written; false: one that was is out of date
function Saver:text()
  local file = self.collect()
  if file then
    return store.encode(file)
  elseif file == false and self.began then
    return false
  end
end

---Write what is not written yet, unless that goes on already: then it is next.
function Saver:save()
  if self.due and not self.writing and not self.closed then
    self.due = false
    local text = self:text()
    if text ~= nil then
      self:put(text)
    end
  end
end

---The buffer goes away: what stands in it is written, and another Neovim may go on with it.
function Saver:close()
  local text ---@type string|false|nil
  if self.due or self.writing then
    text = self:text()
  end
  self.closed = true
  all[self.id] = nil
  if vim.v.exiting ~= vim.NIL then
    if text then
      disk.replace_at_exit(store.path(self.id), text) -- nothing is called back any more
    elseif text == false then
      vim.uv.fs_unlink(store.path(self.id))
    end
    store.unlock(self.id)
  elseif text ~= nil and self.writing then
    self.last = text -- two at once would be written in any order
  elseif text ~= nil then
    self:put(text)
  else
    store.unlock(self.id)
  end
end

return M
