-- Measurements from inside Neovim, in milliseconds. Waiting in place is fine here: nobody is
-- looking. Only the longest stall is measured without it.
local connection = require("zeke.connection")
local uv = vim.uv

local LIMIT_MS = 9000
local M = {}

local function now()
  return uv.hrtime() / 1e6
end

---Wait until the condition is true; it is asked after every event, and each `interval` ms.
local function await(condition, interval)
  if not vim.wait(LIMIT_MS, condition, interval) then
    error("waited too long")
  end
end

local function working()
  connection.ensure()
  await(function()
    return connection.phase() == "ready"
  end, 1)
end

---To a broker that has answered, whether one runs already or not.
function M.first_answer()
  local start = now()
  working()
  return now() - start
end

function M.round_trips(count)
  working()
  local samples = {}
  for index = 1, count do
    local answered = false
    local start = now()
    require("zeke.replies").ask("state.get", { what = "tasks" }, function()
      answered = true
    end)
    await(function()
      return answered
    end, 1000)
    samples[index] = now() - start
  end
  return samples
end

function M.killed()
  working()
  local pid = connection.greeting().pid
  local start = now()
  uv.kill(pid, "sigkill")
  await(function()
    return connection.phase() ~= "ready"
  end, 1)
  working()
  return now() - start
end

---The broker's process.
function M.broker()
  working()
  return connection.greeting().pid
end

---Begin to watch for the longest time in which the loop served nobody.
function M.watch()
  local timer = assert(uv.new_timer())
  local last, longest = now(), 0
  timer:start(0, 1, function()
    local this = now()
    longest = math.max(longest, this - last)
    last = this
  end)
  _G.bench_watched = function()
    timer:stop()
    timer:close()
    return longest
  end
end

function M.watched()
  return _G.bench_watched()
end

return M
