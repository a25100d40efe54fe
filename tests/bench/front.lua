-- Measurements from inside a real Neovim: nvim --headless --clean -l front.lua WHAT ARGUMENTS
-- Prints one JSON object. Waiting in place is fine here: nobody is looking.
local root = vim.env.ZEKE_BENCH_ROOT
vim.opt.runtimepath:prepend(root)
vim.g.zeke_python = vim.env.ZEKE_BENCH_PYTHON

local connection = require("zeke.connection")
local uv = vim.uv

local function now()
  return uv.hrtime() / 1e6
end

local function until_true(condition, limit)
  if not vim.wait(limit or 20000, condition, 1) then
    error("waited too long")
  end
end

local function ready()
  return connection.phase() == "ready"
end

-- The longest time in which Neovim's loop served nobody, in ms.
local function stalls(work)
  local timer = assert(uv.new_timer())
  local last, longest = now(), 0
  timer:start(0, 1, function()
    local this = now()
    longest = math.max(longest, this - last)
    last = this
  end)
  work()
  timer:stop()
  timer:close()
  return longest
end

local M = {}

function M.first_answer()
  local start = now()
  connection.ensure()
  until_true(ready)
  return { ms = now() - start }
end

function M.connect()
  local start = now()
  local channel = vim.fn.sockconnect("pipe", require("zeke.runtime").socket(), { rpc = true })
  local elapsed = now() - start
  vim.fn.chanclose(channel)
  return { ms = elapsed }
end

function M.round_trips(arguments)
  connection.ensure()
  until_true(ready)
  local samples = {}
  for _ = 1, arguments.count do
    local answered = false
    local start = now()
    require("zeke.replies").ask("state.get", { what = "tasks" }, function()
      answered = true
    end)
    -- vim.wait with a long interval returns as soon as an event makes the condition true.
    vim.wait(5000, function()
      return answered
    end, 1000)
    samples[#samples + 1] = now() - start
  end
  return { ms = samples }
end

function M.killed()
  connection.ensure()
  until_true(ready)
  local pid = connection.greeting().pid
  local start = now()
  uv.kill(pid, "sigkill")
  until_true(function()
    return connection.phase() ~= "ready"
  end)
  connection.ensure()
  until_true(ready)
  return { ms = now() - start }
end

-- A broker that has loaded all it ever loads.
function M.warm()
  connection.ensure()
  until_true(ready)
  local answered = false
  require("zeke.replies").ask("state.get", { what = "status" }, function()
    answered = true
  end)
  until_true(function()
    return answered
  end)
  return { pid = connection.greeting().pid }
end

-- Streams into a window while something happens to the broker.
function M.stall(arguments)
  connection.ensure()
  until_true(ready)
  local pid = connection.greeting().pid
  require("zeke.models").choose(arguments.model)
  vim.cmd("edit " .. vim.fn.fnameescape(arguments.file))
  local longest = stalls(function()
    vim.cmd("1,2ZekeExplain")
    vim.wait(1500)
    if arguments.signal then
      uv.kill(pid, arguments.signal)
    end
    vim.wait(arguments.after)
  end)
  if arguments.signal == "sigstop" then
    uv.kill(pid, "sigkill")
  end
  return { ms = longest, deltas = vim.g.zeke_bench_deltas or 0 }
end

vim.api.nvim_create_autocmd("User", {
  pattern = "ZekeTaskDelta",
  callback = function()
    vim.g.zeke_bench_deltas = (vim.g.zeke_bench_deltas or 0) + 1
  end,
})

vim.cmd.runtime("plugin/zeke.lua")
print(vim.json.encode(M[_G.arg[1]](vim.json.decode(_G.arg[2]))))
vim.cmd("qa!")
