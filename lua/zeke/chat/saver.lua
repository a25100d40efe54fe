---Writes a chat as it grows: at most once a second, without anybody waiting for it.
local M = {}

local disk = require("zeke.chat.disk")
local store = require("zeke.chat.store")

local EVERY_MS = 700

---@class zeke.Saver
---@field id string
---@field private collect fun(): zeke.ChatFile?
---@field private due boolean a change is not written yet
---@field private timed boolean
---@field private writing boolean
---@field private closed boolean
---@field private last string? what to write when this write is done
---@field private swept boolean
---@field private began boolean a file is there, or on its way
---@field private complained boolean
local Saver = {}
Saver.__index = Saver

local all = {} ---@type table<string, zeke.Saver> by id

---@param id string
---@param collect fun(): zeke.ChatFile? what to write; nil: nothing yet
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
  if self.last then
    local text = self.last
    self.last = nil
    self:write(text)
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

---Write what is not written yet, unless that goes on already: then it is next.
function Saver:save()
  if self.due and not self.writing and not self.closed then
    self.due = false
    local file = self.collect()
    if file then
      self:write(store.encode(file))
    end
  end
end

---The buffer goes away: what stands in it is written, and another Neovim may go on with it.
function Saver:close()
  local file = (self.due or self.writing) and self.collect()
  local text = file and store.encode(file)
  self.closed = true
  all[self.id] = nil
  if vim.v.exiting ~= vim.NIL then
    if text then
      disk.replace_at_exit(store.path(self.id), text) -- nothing is called back any more
    end
    store.unlock(self.id)
  elseif text and self.writing then
    self.last = text -- two at once would be written in any order
  elseif text then
    self:write(text)
  else
    store.unlock(self.id)
  end
end

return M
