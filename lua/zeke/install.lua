---`:Zeke install`: the Python side in an environment of its own, made beside whatever is there and
---taken into use only when it is whole. Nothing waits for it; whoever leaves Neovim cancels it.
local M = {}

local VENV_MS, PIP_MS, CHECK_MS = 180000, 1800000, 60000
local STOP_AGAIN_MS, MOST_STOPS = 100, 50
-- What the broker needs at its start: an import that fails here would fail there.
local CHECK = "import zeke_bridge, zeke_bridge.cli.zeke, zeke_bridge.app.serving; "
  .. "print(zeke_bridge.__version__)"
local USAGE = "`:Zeke install` takes nothing, `local`, `cancel` or `log`."

---@class zeke.Installation
---@field progress zeke.Progress
---@field log file
---@field process vim.SystemObj?
---@field cancelled boolean
---@field extra string

local running ---@type zeke.Installation?

---@return string
function M.log()
  return vim.fn.stdpath("log") .. "/zeke-install.log"
end

---The directory or the requirement that has the Python side of this very plugin.
---@param extra string
---@return string
local function source(extra)
  local root = require("zeke.python").root()
  local chosen = extra ~= "" and "[" .. extra .. "]" or ""
  if vim.uv.fs_stat(root .. "/pyproject.toml") and vim.uv.fs_stat(root .. "/zeke_bridge") then
    return root .. chosen
  end
  return ("zeke-bridge%s==%s"):format(chosen, require("zeke.version"))
end

---Run a program to its end; only inside the coroutine of `install`.
---@async
---@param argv string[]
---@param limit integer ms
---@param on_line fun(line: string)?
---@return vim.SystemCompleted result
local function run(argv, limit, on_line)
  local current = assert(running)
  local here = assert(coroutine.running())
  local output, rest = {}, ""
  require("zeke.install.place").hold()
  current.log:write("\n$ ", table.concat(argv, " "), "\n")
  local function take(_, data)
    if not data then
      return
    end
    output[#output + 1] = data
    rest = rest .. data
    for line in rest:gmatch("([^\n]*)\n") do
      if on_line then
        vim.schedule_wrap(on_line)(line)
      end
    end
    rest = rest:match("[^\n]*$") or ""
  end
  local ok, process = pcall(vim.system, argv, {
    cwd = "/",
    env = require("zeke.install.pip").environment(),
    clear_env = true,
    detach = true, -- a group of its own, so that cancelling reaches what pip starts
    timeout = limit,
    stdout = take,
    stderr = take,
  }, function(result)
    result.stdout = table.concat(output)
    vim.schedule(function()
      current.process = nil
      current.log:write(result.stdout, ("\n(exit %d)\n"):format(result.code))
      current.log:flush()
      assert(coroutine.resume(here, result))
    end)
  end)
  if not ok then
    return { code = 127, signal = 0, stdout = tostring(process) }
  end
  current.process = process
  return coroutine.yield()
end

---@async
---@param base zeke.Base
---@param environment string
---@param current zeke.Installation
---@return string? problem
local function fill(base, environment, current)
  local pip, place = require("zeke.install.pip"), require("zeke.install.place")
  current.progress:report("making an environment", 5)
  local made = run(pip.make(base, environment), VENV_MS)
  if current.cancelled then
    return nil
  elseif made.code ~= 0 then
    local output = made.stdout or ""
    return place.crowded()
      or pip.failure(output, { count = 0, last = vim.trim(output):match("[^\n]*$") })
  end
  local reader = { count = 0 } ---@type zeke.PipReader
  current.progress:report("asking for packages", 15)
  local filled = run(pip.install(base, environment, source(current.extra)), PIP_MS, function(line)
    local step, percent = pip.read(reader, line)
    if step and running == current and not current.cancelled then
      current.progress:report(step, percent)
    end
  end)
  if not current.cancelled and filled.code ~= 0 then
    local late = filled.code == 124
    return place.crowded()
      or late and "pip did not end within 30 minutes: `:Zeke install log` shows how far it came."
      or pip.failure(filled.stdout or "", reader)
  end
end

---@async
---@param environment string
---@param current zeke.Installation
---@return string? problem
local function check(environment, current)
  current.progress:report("trying it", 95)
  local result = run({ environment .. "/bin/python", "-I", "-c", CHECK }, CHECK_MS)
  if current.cancelled then
    return nil
  end
  local version = vim.trim(result.stdout or ""):match("[^\n]*$")
  if result.code ~= 0 then
    return ("What was installed does not run (%s): `:Zeke install log` has more."):format(version)
  end
  local ours = require("zeke.version")
  if version ~= ours then
    local text = "The Python side that came is version %s, this plugin %s: update the plugin."
    return text:format(version, ours)
  end
  local stamp = { version = version, extra = current.extra, source = source(current.extra) }
  return require("zeke.install.place").adopt(environment, stamp)
end

---@async
---@param current zeke.Installation
---@return string? problem
local function install(current)
  local place = require("zeke.install.place")
  current.progress:report("looking for Python", 1)
  local base, problem = require("zeke.install.base").find(run)
  if current.cancelled or not base then
    return problem
  end
  local environment = place.next()
  problem = fill(base, environment, current)
  if not problem and not current.cancelled then
    problem = check(environment, current)
  end
  if problem or current.cancelled then
    -- A half-made one counts for nothing and only takes room.
    run({ "rm", "-rf", "--", environment }, VENV_MS)
  end
  return problem
end

---@param current zeke.Installation
---@param problem string?
local function finish(current, problem)
  require("zeke.install.place").unlock()
  current.log:close()
  running = nil
  if current.cancelled then
    return current.progress:finish("The installation was cancelled; nothing was changed.", false)
  end
  if problem then
    return current.progress:finish(problem, false)
  end
  local config = require("zeke.config").get()
  local where = vim.fn.fnamemodify(require("zeke.install.place").current(), ":~")
  local text = ("zeke-bridge %s is installed in %s."):format(require("zeke.version"), where)
  if config.python or vim.g.zeke_python then
    text = text .. " The setting `python` names another one, which stays in use: take it away."
  end
  current.progress:finish(text, true)
end

---Where Python keeps its own files open, a group that does not end by itself is ended.
---What is just being started does not hear it, as its starter holds signals back: it is said again.
---@param current zeke.Installation
---@param tries integer?
local function stop(current, tries)
  current.cancelled = true
  local pid, left = current.process and current.process.pid, tries or MOST_STOPS
  if pid and left > 0 then
    pcall(vim.uv.kill, -pid, "sigterm")
    vim.defer_fn(function()
      if current.process and current.process.pid == pid then
        stop(current, left - 1)
      end
    end, STOP_AGAIN_MS)
  end
end

function M.cancel()
  if not running then
    return require("zeke.notice").info("Nothing is being installed.")
  end
  stop(running)
end

---@param extra string "" keeps what the last installation had
function M.start(extra)
  local notice, place = require("zeke.notice"), require("zeke.install.place")
  if running then
    return notice.info("The installation is under way: `:Zeke install cancel` stops it.")
  end
  local problem = place.make() or place.lock()
  if problem then
    return notice.error(problem)
  end
  vim.fn.mkdir(vim.fs.dirname(M.log()), "p")
  local log, why = io.open(M.log(), "w")
  if not log then
    place.unlock()
    return notice.error(("%s cannot be written: %s."):format(M.log(), why))
  end
  local before = place.stamp(place.current())
  extra = extra ~= "" and extra or before and before.extra or ""
  local current ---@type zeke.Installation
  local progress = require("zeke.progress").start("Zeke install", function()
    stop(current)
  end)
  current = { log = log, cancelled = false, extra = extra, progress = progress }
  running = current
  vim.api.nvim_create_autocmd("VimLeavePre", {
    group = vim.api.nvim_create_augroup("zeke_install", {}),
    callback = function()
      if running then
        stop(running)
        place.unlock()
      end
    end,
  })
  coroutine.wrap(function()
    local ok, failed = xpcall(install, debug.traceback, current)
    if not ok then
      notice.internal(":Zeke install", failed --[[@as string]])
    end
    finish(current, ok and failed or not ok and "The installation failed." or nil)
  end)()
end

---@param text string what follows `:Zeke install`
function M.run(text)
  if text == "" or text == "local" then
    return M.start(text)
  elseif text == "cancel" then
    return M.cancel()
  elseif text == "log" then
    return require("zeke.log").open(M.log())
  end
  require("zeke.notice").error(USAGE)
end

---@param lead string
---@return string[]
function M.complete(lead)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, { "cancel", "local", "log" })
end

return M
