---When to ask: a moment after the last key, where completion is wanted and somebody is typing.
local M = {}

local api = vim.api

local Around = require("zeke.complete.around")
local Suggestion = require("zeke.complete.suggestion")
local ask = require("zeke.complete.ask")
local lsp = require("zeke.complete.lsp")
local policy = require("zeke.complete.policy")
local refusals = require("zeke.complete.refusals")
local shown = require("zeke.complete.shown")

local timer = assert(vim.uv.new_timer())
local seen ---@type {tick: integer, row: integer, col: integer}? nil: insert mode has just begun
local due = false -- something was typed that nobody has asked about yet

---@param around zeke.Around
---@param wished boolean the person asked for it
local function send(around, wished)
  ask.send(around, 0, {
    done = function(text)
      refusals.answered()
      ask.remember(around, { text })
      if not shown.show(Suggestion.new(around, { text })) then
        lsp.nothing(around.buffer)
        if wished then
          require("zeke.notice").info("Nothing comes to mind for this place.")
        end
      end
    end,
    failed = function(failure)
      lsp.nothing(around.buffer)
      refusals.failed(around.buffer, failure, wished)
    end,
  })
end

---@param buffer integer
---@return boolean
local function welcome(buffer)
  return policy.wanted(buffer)
    and not refusals.silent(buffer)
    and not policy.problem(buffer)
    and policy.typing()
    and not shown.menu()
end

---The time is up.
local function ask_now()
  local buffer = api.nvim_get_current_buf()
  if not due or not welcome(buffer) or ask.waits() or shown.follow() then
    return
  end
  due = false
  local around = Around.cursor()
  if around and (around.prefix .. around.suffix):find("%S") then
    send(around, false)
  end
end

---@param wait_ms number
local function arm(wait_ms)
  timer:start(math.floor(math.max(0, wait_ms)), 0, vim.schedule_wrap(ask_now))
end

---@return boolean moved, boolean typed since the last look
local function look()
  local cursor = api.nvim_win_get_cursor(0)
  local before = seen
  seen = { tick = api.nvim_buf_get_changedtick(0), row = cursor[1], col = cursor[2] }
  return not vim.deep_equal(before, seen), not before or before.tick ~= seen.tick
end

---Something was typed, or the cursor has moved.
function M.moved()
  local moved, typed = look()
  if not moved then
    return -- one key is told in several ways
  end
  local buffer = api.nvim_get_current_buf()
  ask.waits()
  if shown.follow() then
    return timer:stop()
  end
  due = typed
  timer:stop()
  if not typed or not policy.wanted(buffer) or not policy.typing() then
    return
  end
  local suggestion, known = ask.known()
  if known then
    due = false
    shown.show(suggestion)
  elseif not lsp.attached(buffer) then
    arm(require("zeke.config").get().complete.debounce_ms)
  end
end

---Neovim wants to know what belongs at the cursor.
---@param buffer integer
function M.asked(buffer)
  if buffer ~= api.nvim_get_current_buf() or not policy.typing() then
    return lsp.nothing(buffer)
  end
  if not shown.follow() and due and not ask.waits() then
    arm(require("zeke.config").get().complete.debounce_ms - lsp.WAITS_MS)
  end
end

---Insert mode begins.
function M.entered()
  local buffer = api.nvim_get_current_buf()
  seen, due = nil, true
  if not policy.wanted(buffer) or policy.problem(buffer) then
    return lsp.detach(buffer)
  end
  if lsp.attach(buffer) or not lsp.attached(buffer) then
    arm(require("zeke.config").get().complete.debounce_ms)
  end
end

---Insert mode, or the window, is left.
function M.left()
  timer:stop()
  due = false
  ask.cancel()
  shown.clear()
end

---Ask at once, also where nothing comes by itself.
---@return string? problem
function M.wish()
  local problem = policy.problem(api.nvim_get_current_buf(), true)
  if problem then
    return problem
  elseif not policy.typing() then
    return "Completion is for insert mode, and not while a macro is recorded or run."
  end
  local around = Around.cursor()
  if not around then
    return "There are bytes around the cursor that are not UTF-8 text."
  elseif not (around.prefix .. around.suffix):find("%S") then
    return "There is nothing to complete: write something first."
  end
  if not shown.follow() then
    timer:stop()
    send(around, true)
  end
end

return M
