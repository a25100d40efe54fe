---The tasks this Neovim has submitted: each hears its events, and exactly one ending.
local M = {}

local START_LIMIT_MS = 10000
---How long a cancelled task may go on writing what the person said yes to.
M.cancel_limit_ms = 1500
local SILENT = "The broker does not answer: run `zeke broker stop`, then try again."

---@class zeke.Failure
---@field code string
---@field message string
---@field retryable boolean?
---@field settled table[]? what had become of files by then

---@class zeke.Task
---@field id string
---@field kind string
---@field on table<string, fun(payload: table)> by event: delta, patch, files, apply, done, failed
---@field started boolean
---@field committed boolean the person said yes to an effect: only the broker can end it now
---@field quiet boolean nobody asked for it with a command, and it is not counted where people look

local number = 0
local running = {} ---@type table<string, zeke.Task>
local silent = {} ---@type table<string, zeke.Task> given up after a yes; they may still be heard of
local stopped = {} ---@type table<string, zeke.Task> the broker still says what became of their work

---@return integer
function M.count()
  return vim.tbl_count(running)
end

---@return integer count of those that the person has started
function M.attended()
  return #vim.tbl_filter(function(task)
    return not task.quiet
  end, vim.tbl_values(running))
end

---@return string[] ids
function M.ids()
  local ids = vim.tbl_keys(running)
  table.sort(ids)
  return ids
end

---@param id string
---@return zeke.Task?
function M.get(id)
  return running[id]
end

---@param task zeke.Task
---@param event string
---@param payload table
local function tell(task, event, payload)
  if event == "done" or event == "failed" then
    running[task.id] = nil
    require("zeke.statusline").refresh()
  end
  local handler = task.on[event]
  if handler then
    handler(payload)
  end
end

---@param task zeke.Task
---@param code string
---@param message string
local function fail(task, code, message)
  local failure = { id = task.id, code = code, message = message, retryable = false }
  tell(task, "failed", failure)
  require("zeke.events").announce("task.failed", failure)
end

---Tell the broker to stop it, or never tell it of it.
---@param task zeke.Task
local function withdraw(task)
  local connection = require("zeke.connection")
  connection.forget(function(_, params)
    return params.id == task.id
  end)
  if connection.phase() == "ready" then
    connection.notify("task.cancel", { id = task.id })
  end
end

---@param kind string
---@param on table<string, fun(payload: table)>
---@param quiet boolean?
---@return zeke.Task
local function register(kind, on, quiet)
  number = number + 1
  local task = { id = tostring(number), kind = kind, on = on, started = false, committed = false }
  task.quiet = quiet or false
  running[task.id] = task
  if not quiet then
    require("zeke.act").mark()
  end
  require("zeke.statusline").refresh()
  return task
end

---@param task zeke.Task
---@param params table
local function post(task, params)
  require("zeke.connection").notify(
    "task.submit",
    vim.tbl_extend("force", params, {
      id = task.id,
      kind = task.kind,
      cwd = params.cwd or vim.fn.getcwd(),
      here = vim.fn.getcwd(),
      model = require("zeke.models").chosen(),
    })
  )
  vim.defer_fn(function()
    if running[task.id] == task and not task.started then
      withdraw(task)
      fail(task, "broker_silent", SILENT)
    end
  end, START_LIMIT_MS)
end

---@param kind string
---@param params table the fields of `task.submit` beside id, kind, here and model; cwd: not here
---@param on table<string, fun(payload: table)>
---@param quiet boolean? it comes from typing, and not from something the person did with Zeke
---@return string id
function M.submit(kind, params, on, quiet)
  local task = register(kind, on, quiet)
  post(task, params)
  return task.id
end

---A task that cannot be submitted yet: it counts as running.
---@param kind string
---@param params table
---@param on table<string, fun(payload: table)>
---@return string id
---@return fun(more: table) release submits it, if it was not stopped meanwhile
---@return fun(code: string, message: string) give_up
function M.hold(kind, params, on)
  local task = register(kind, on)
  return task.id,
    function(more)
      if running[task.id] == task then
        post(task, vim.tbl_extend("force", params, more))
      end
    end,
    function(code, message)
      if running[task.id] == task then
        fail(task, code, message)
      end
    end
end

---A task that the broker has begun. Nobody asked for it with a command.
---@param id string
---@param kind string
---@param on table<string, fun(payload: table)>
function M.adopt(id, kind, on)
  running[id] = { id = id, kind = kind, on = on, started = true, committed = false, quiet = true }
end

---An event of the broker. Those of a task that has ended here are late, and ignored.
---@param event string the part after `task.`
---@param payload table
---@return boolean timely
function M.on_event(event, payload)
  local task = running[payload.id]
  if not task then
    local given_up = silent[payload.id]
    if given_up and event == "settled" and given_up.on.late then
      given_up.on.late(payload)
    end
    local over = stopped[payload.id]
    if over and event == "update" and over.on.late_update then
      over.on.late_update(payload)
    elseif event == "done" or event == "failed" then
      stopped[payload.id] = nil
    end
    return false
  end
  task.started = true
  tell(task, event, payload)
  return true
end

---Say something about a task that waits for the person.
---@param method string
---@param params table with `id`
function M.answer(method, params)
  require("zeke.act").mark()
  require("zeke.connection").notify(method, params)
end

---Only the broker knows what becomes of it, and it may hang.
---@param task zeke.Task
local function give_time(task)
  vim.defer_fn(function()
    if running[task.id] == task then
      silent[task.id] = task
      fail(task, "broker_silent", SILENT)
    end
  end, M.cancel_limit_ms)
end

---Stop one task, or all. The person sees the end at once, even when the broker hangs; but what is
---being written ends when the broker says so.
---@param id string?
---@return integer count, integer asked how many of them the broker has to end
function M.cancel(id)
  local count, asked = 0, 0
  for _, known in ipairs(id and { id } or M.ids()) do
    local task = running[known]
    if task then
      count = count + 1
      withdraw(task)
      -- What is being written may be written: then the buffer has to hear of it.
      if task.committed then
        asked = asked + 1
        give_time(task)
      else
        stopped[known] = task.started and task or nil
        fail(task, "cancelled", "Cancelled.")
      end
    end
  end
  return count, asked
end

---@param code string
---@param message string
---@return integer count of those that failed
function M.fail_all(code, message)
  local ids = M.ids()
  silent, stopped = {}, {}
  for _, id in ipairs(ids) do
    fail(running[id], code, message)
  end
  return #ids
end

return M
