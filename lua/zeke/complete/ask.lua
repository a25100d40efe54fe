---What belongs at the cursor: from what was asked before, or from the broker. One request at a
---time; a newer one, or a cursor that has gone elsewhere, ends the one before at the provider.
local M = {}

local api = vim.api

local Around = require("zeke.complete.around")
local Cache = require("zeke.complete.cache")
local Suggestion = require("zeke.complete.suggestion")

local MOST_PLACES = 200

local cache = Cache.new(MOST_PLACES)
local pending ---@type {id: string, around: zeke.Around}?

---@param buffer integer
---@return string
local function place(buffer)
  local model = require("zeke.models").chosen() or ""
  return ("%d\0%s\0%s"):format(buffer, api.nvim_buf_get_name(buffer), model)
end

---@param around zeke.Around
---@return boolean
local function is_here(around)
  local row, col = unpack(api.nvim_win_get_cursor(0))
  return around.buffer == api.nvim_get_current_buf()
    and around.tick == api.nvim_buf_get_changedtick(around.buffer)
    and around.row == row - 1
    and around.col == col
end

function M.cancel()
  local ended = pending
  pending = nil
  if ended then
    require("zeke.tasks").cancel(ended.id)
  end
end

---@return boolean waiting for an answer that belongs at the cursor; any other is ended
function M.waits()
  if pending and not is_here(pending.around) then
    M.cancel()
  end
  return pending ~= nil
end

---@param buffer integer
---@return boolean an answer is on its way
function M.asking(buffer)
  return pending ~= nil and pending.around.buffer == buffer
end

---What is known to belong at the cursor without a request.
---@return zeke.Suggestion? suggestion, boolean known nothing may belong there
function M.known()
  local prefix, suffix = Around.text(Cache.before, Cache.after)
  local buffer = api.nvim_get_current_buf()
  if not prefix or not suffix then
    return nil, false
  end
  local texts = cache:get(place(buffer), prefix, suffix)
  if not texts then
    return nil, false
  end
  local cursor = api.nvim_win_get_cursor(0)
  return Suggestion.new({
    buffer = buffer,
    row = cursor[1] - 1,
    col = cursor[2],
    tick = api.nvim_buf_get_changedtick(buffer),
    prefix = prefix,
    suffix = suffix,
    after = api.nvim_get_current_line():sub(cursor[2] + 1),
  }, texts),
    true
end

---@param around zeke.Around
---@param texts string[]
function M.remember(around, texts)
  cache:put(place(around.buffer), around.prefix, around.suffix, texts)
end

---@param around zeke.Around
---@param alternative integer how often the same was asked before
---@return table params of `task.submit`
local function question(around, alternative)
  local name = api.nvim_buf_get_name(around.buffer)
  local prefix, suffix = Around.whole(around)
  return {
    buffer = {
      path = require("zeke.context").whose(around.buffer),
      is_file = require("zeke.context").path_of(around.buffer) ~= "",
      name = vim.fn.fnamemodify(name, ":t"),
      language = vim.bo[around.buffer].filetype,
      text = "",
    },
    prefix = prefix,
    suffix = suffix,
    alternative = alternative,
    max_lines = require("zeke.config").get().complete.max_lines,
  }
end

---@param around zeke.Around
---@param alternative integer
---@param on {done: fun(text: string), failed: fun(failure: zeke.Failure)} while the cursor is there
function M.send(around, alternative, on)
  M.cancel()
  local request = { id = "", around = around }
  pending = request
  ---@param handler fun(said: any)
  local function ended(handler, said)
    if pending == request then
      pending = nil
      if is_here(around) then
        handler(said)
      end
    end
  end
  request.id = require("zeke.tasks").submit("complete", question(around, alternative), {
    done = function(payload)
      ended(on.done, payload.text or "")
    end,
    failed = function(failure)
      ended(on.failed, failure)
    end,
  }, true)
end

---What was suggested was by other settings.
function M.forget()
  cache = Cache.new(MOST_PLACES)
end

return M
