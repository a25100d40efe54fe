---The one line to the broker: found or started when first needed, never waited for.
---
---    idle ──▸ starting ──▸ greeting ──▸ ready ──▸ idle (the broker is gone)
---
---What is sent before `ready` waits in a queue. The rpc channel does not tell when its other end
---dies, so a second, raw pipe to the same socket does.
local M = {}

local runtime = require("zeke.runtime")

local LIMIT_MS = 10000
local FAREWELL_MS = 100
local MOST_TRIES = 4
local LOST = "The broker stopped: what was running ends here. The next command starts a new one."

---@class zeke.Greeting
---@field version string
---@field pid integer
---@field session string
---@field log string
---@field project table?
---@field reply integer the channel that was said to be ours

---@class zeke.Line one attempt to be connected, from its start to its end
---@field channel integer?
---@field pipe uv.uv_pipe_t?
---@field timer uv.uv_timer_t?
---@field tries integer
---@field refused boolean a broker has said no already

local start ---@type fun(current: zeke.Line)
local phase = "idle" ---@type "idle"|"starting"|"greeting"|"ready"
local line ---@type zeke.Line?
local queue = {} ---@type [string, table][]
local greeting ---@type zeke.Greeting?

---@return "idle"|"starting"|"greeting"|"ready"
function M.phase()
  return phase
end

---@return zeke.Greeting? greeting what the broker said of itself, while connected
function M.greeting()
  return phase == "ready" and greeting or nil
end

---@param handle uv.uv_handle_t?
local function close(handle)
  if handle and not handle:is_closing() then
    handle:close()
  end
end

---@param ended zeke.Line
local function unplug(ended)
  require("zeke.unsaved").stop()
  close(ended.timer)
  close(ended.pipe)
  if ended.channel then
    pcall(vim.fn.chanclose, ended.channel)
  end
  ended.channel, ended.pipe, ended.timer = nil, nil, nil
end

---They ended with the broker.
local function forget_agents()
  if package.loaded["zeke.agents.link"] then
    require("zeke.agents.link").lost()
  end
  if package.loaded["zeke.agents.ask"] then
    require("zeke.agents.ask").lost()
  end
end

---Give up: everything that waits hears why.
---@param code string
---@param message string
local function fail(code, message)
  if line then
    unplug(line)
  end
  line, phase, queue, greeting = nil, "idle", {}, nil
  forget_agents()
  local tasks = require("zeke.tasks").fail_all(code, message)
  local asked = require("zeke.replies").fail_all(message)
  if package.loaded["zeke.auth.login"] then
    require("zeke.auth.login").failed(message)
  end
  require("zeke.prompt").withdraw_all()
  require("zeke.statusline").reset()
  if tasks + asked == 0 then
    require("zeke.notice").error(message)
  end
end

---A broker that leaves instead of greeting is replaced. One that was leaving already when it was
---found says nothing, so that may take more than one try.
---@param ended zeke.Line
---@return boolean retried
local function retry(ended)
  if ended.tries >= MOST_TRIES then
    return false
  end
  ---@type zeke.Line
  local current = { tries = ended.tries + 1, refused = ended.refused, timer = ended.timer }
  ended.timer = nil
  unplug(ended)
  line = current
  start(current)
  return true
end

---@param ended zeke.Line
local function lost(ended)
  if line ~= ended then
    return
  end
  if phase ~= "ready" then
    if not retry(ended) then
      fail("broker_lost", "The broker stopped while starting: see :ZekeLog, then try again.")
    end
    return
  end
  local busy = require("zeke.tasks").count() > 0
  if busy or require("zeke.replies").waiting() then
    fail("broker_lost", LOST)
  else
    -- An idle broker ends by itself; nobody has to hear of it but who logs in.
    if package.loaded["zeke.auth.login"] then
      require("zeke.auth.login").failed(LOST)
    end
    unplug(ended)
    line, phase, greeting = nil, "idle", nil
    forget_agents()
    require("zeke.prompt").withdraw_all()
    require("zeke.statusline").reset()
  end
  if busy then
    M.ensure()
  end
end

---@param current zeke.Line
local function watch(current)
  local pipe = assert(vim.uv.new_pipe(false))
  current.pipe = pipe
  local gone = vim.schedule_wrap(function()
    if phase ~= "greeting" then
      return lost(current)
    end
    -- What it says as it leaves comes by the other line, and may come after this.
    vim.defer_fn(function()
      lost(current)
    end, FAREWELL_MS)
  end)
  pipe:connect(runtime.socket(), function(problem)
    if problem then
      return gone()
    end
    pipe:read_start(function(failed, data)
      if failed or not data then
        close(pipe)
        gone()
      end
    end)
  end)
end

---@param current zeke.Line
---@return boolean connected
local function attach(current)
  local ok, channel = pcall(vim.fn.sockconnect, "pipe", runtime.socket(), { rpc = true })
  if not ok or channel == 0 then
    return false
  end ---@cast channel integer
  current.channel = channel
  phase = "greeting"
  watch(current)
  local greeted = pcall(vim.rpcnotify, channel, "hello", {
    version = require("zeke.version"),
    token = runtime.token(),
    cwd = vim.fn.getcwd(),
    servername = vim.v.servername,
    pid = vim.fn.getpid(),
    ui = true, -- there is somebody who can be asked
    -- A project on it is code that Neovim runs: GhostWarden protects more there.
    runtimepath = vim.api.nvim_list_runtime_paths(),
    settings = require("zeke.config").given(),
    unsaved = require("zeke.unsaved").begin(),
    reply = channel,
  })
  return greeted
end

---@param current zeke.Line
function start(current)
  phase = "starting"
  require("zeke.launch").run(function(problem)
    if line ~= current then
      return
    end
    problem = problem or runtime.check()
    if problem then
      fail("broker_failed", problem)
    elseif not attach(current) then
      fail("broker_failed", "The broker started and cannot be reached: see :checkhealth zeke.")
    end
  end)
end

---Connect, or start what can be connected to, unless that is so or under way.
function M.ensure()
  if phase ~= "idle" then
    return
  end
  local problem = runtime.check()
  if problem then
    return vim.schedule(function()
      fail("broker_failed", problem)
    end)
  end
  local current = { tries = 1, refused = false } ---@type zeke.Line
  line, phase = current, "starting"
  local timer = assert(vim.uv.new_timer())
  current.timer = timer
  timer:start(
    LIMIT_MS,
    0,
    vim.schedule_wrap(function()
      if line == current and phase ~= "ready" then
        local message = "The broker did not answer within 10 s: run `zeke broker stop`, try again."
        fail("broker_failed", message)
      end
    end)
  )
  if not (runtime.has_socket() and attach(current)) then
    start(current)
  end
end

---Send now or as soon as the broker is ready.
---@param method string
---@param params table
function M.notify(method, params)
  if phase == "ready" and line and line.channel then
    -- A channel that broke this instant: the raw pipe reports it.
    pcall(vim.rpcnotify, line.channel, method, params)
    return
  end
  queue[#queue + 1] = { method, params }
  M.ensure()
end

---Take back what was not sent yet.
---@param matches fun(method: string, params: table): boolean
function M.forget(matches)
  queue = vim.tbl_filter(function(entry)
    return not matches(entry[1], entry[2])
  end, queue)
end

---@param payload zeke.Greeting
function M.on_ready(payload)
  if phase ~= "greeting" or not line or payload.reply ~= line.channel then
    return
  end
  close(line.timer)
  phase, greeting = "ready", payload
  local waiting = queue
  queue = {}
  for _, entry in ipairs(waiting) do
    M.notify(entry[1], entry[2])
  end
  local unlike = require("zeke.fit").greeted(payload.version)
  if unlike then
    require("zeke.notice").warn(unlike)
  end
  local notice = payload.project and payload.project.notice
  if notice and notice ~= "" then
    require("zeke.notice").warn(notice)
  end
end

---@param payload {reply: integer, code: string, message: string, restart: boolean?}
function M.on_refused(payload)
  if phase ~= "greeting" or not line or payload.reply ~= line.channel then
    return
  end
  -- An outdated broker is leaving; one with another token was replaced since we read the file.
  local worth_it = payload.restart or payload.code == "broker_failed"
  worth_it = worth_it and not line.refused
  line.refused = true
  if not (worth_it and retry(line)) then
    local outdated = payload.code == "outdated"
    fail(payload.code, outdated and require("zeke.fit").refused(payload.message) or payload.message)
  end
end

---Tell the broker the settings as they are now, if it was told others: `hello` has them.
function M.settings_changed()
  if phase == "ready" or phase == "greeting" then
    M.notify("settings.update", { settings = require("zeke.config").given() })
  end
end

return M
