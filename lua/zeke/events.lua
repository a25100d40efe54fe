---Where everything the broker says comes in. Never raises, whatever it says.
local M = {}

---@param value any
---@return any value without `vim.NIL`, which is true in a condition
local function plain(value)
  if value == vim.NIL then
    return nil
  elseif type(value) == "table" then
    for key, below in pairs(value) do
      if below == vim.NIL or type(below) == "table" then
        value[key] = plain(below)
      end
    end
  end
  return value
end

---An open `:ZekeConsents` follows.
local function look_again()
  if package.loaded["zeke.consents"] then
    require("zeke.consents").changed()
  end
end

---@type table<string, fun(payload: table)>
local routes = {
  ["broker.ready"] = function(payload)
    require("zeke.connection").on_ready(payload)
  end,
  ["broker.refused"] = function(payload)
    require("zeke.connection").on_refused(payload)
  end,
  ["state"] = function(payload)
    require("zeke.replies").on_state(payload)
  end,
  ["consent.asked"] = function(payload)
    require("zeke.prompt").asked(payload)
    look_again()
  end,
  ["consent.closed"] = function(payload)
    require("zeke.prompt").closed(payload)
    look_again()
  end,
  ["consent.changed"] = look_again,
  ["status.changed"] = function(payload)
    require("zeke.statusline").changed(payload)
    look_again()
  end,
  ["cost.alert"] = function(payload)
    require("zeke.alert").show(payload)
  end,
  ["auth.code"] = function(payload)
    require("zeke.auth.login").code(payload)
  end,
  ["auth.done"] = function(payload)
    require("zeke.auth.login").done(payload)
  end,
  ["auth.failed"] = function(payload)
    require("zeke.auth.login").failed(payload.message or "?")
  end,
  ["agent.update"] = function(payload)
    require("zeke.agents").on_update(payload)
  end,
  ["agent.closed"] = function(payload)
    require("zeke.agents").on_closed(payload)
  end,
  ["agent.asked"] = function(payload)
    require("zeke.agents.ask").asked(payload)
  end,
  ["agent.unasked"] = function(payload)
    require("zeke.agents.ask").unasked(payload)
  end,
  ["file.written"] = function(payload)
    require("zeke.review.unasked").written(payload)
  end,
  ["editor.asked"] = function(payload)
    require("zeke.asked").on_asked(payload)
  end,
  ["notice"] = function(payload)
    require("zeke.notice").say(payload.level, payload.message)
  end,
}

---@param name string
---@param payload table
---@return boolean timely false: it is of a task that has ended here already
local function route(name, payload)
  local task_event = name:match("^task%.(.+)$")
  if task_event then
    if task_event == "done" then
      require("zeke.statusline").answered(payload.cost)
    end
    if task_event == "started" and payload.kind == "review" then
      require("zeke.review.follow").begun(payload)
    end
    return require("zeke.tasks").on_event(task_event, payload)
  elseif routes[name] then
    routes[name](payload)
  end
  return true
end

---`task.done` is the User event `ZekeTaskDone`.
---@param name string
---@return string
local function pattern(name)
  return "Zeke" .. name:gsub("%f[%a]%a", string.upper):gsub("[^%a]", "")
end

---Tell the person's own autocommands.
---@param name string as in `task.delta`
---@param payload table
function M.announce(name, payload)
  local options = { pattern = pattern(name), data = payload, modeline = false }
  pcall(vim.api.nvim_exec_autocmds, "User", options)
end

---@param name string as in `task.delta`
---@param payload table
function M.dispatch(name, payload)
  payload = plain(payload) or {}
  local ok, result = xpcall(route, debug.traceback, name, payload)
  if not ok then
    vim.schedule(function()
      require("zeke.notice").internal(name, tostring(result))
    end)
  end
  if result ~= false then
    M.announce(name, payload)
  end
end

return M
