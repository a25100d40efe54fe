---`:checkhealth zeke`: walks the chain from this Neovim to the model, with advice at each link.
---The one place that waits, and never long: a report has to be whole.
local M = {}

local LIMIT_MS = 4000 -- a Python that was not run lately takes its time
local OVER_TIME = 124 -- what `vim.system` makes of that

local function check_neovim()
  local health = vim.health
  local version = tostring((vim.version --[[@as fun(): vim.Version]])())
  if vim.fn.has("nvim-0.11") == 1 then
    health.ok("Neovim " .. version)
  else
    health.error("Neovim " .. version .. " is too old", "Install Neovim 0.11 or newer.")
  end
  for name, definition in pairs(vim.g.zeke_left_alone or {}) do
    health.warn(
      (":%s belongs to another plugin (%s)"):format(name, definition),
      "Use `:Zeke` with the name of the command, or take the other definition away."
    )
  end
end

---What `:Zeke install` made, if anything.
local function check_installed()
  local health, place = vim.health, require("zeke.install.place")
  local stamp = place.stamp(place.current())
  if not stamp then
    return health.info("`:Zeke install` has made no environment here.")
  end
  local more = stamp.extra == "local" and ", with what a local model needs" or ""
  local text = ("`:Zeke install` made %s: %s%s"):format(place.current(), stamp.version, more)
  local fit, ours = require("zeke.fit"), require("zeke.version")
  if not vim.uv.fs_stat(place.python()) then
    health.error(text .. "; its Python is gone", "Run `:Zeke install` again.")
  elseif fit.newer(ours, stamp.version) then
    health.warn(text .. ("; this plugin is %s"):format(ours), "Run `:Zeke install` again.")
  elseif fit.newer(stamp.version, ours) then
    health.warn(text .. ("; this plugin is %s"):format(ours), "Update the plugin.")
  else
    health.ok(text)
  end
end

local function check_python()
  local health = vim.health
  local advice = require("zeke.launch").NOT_INSTALLED
  local candidates = require("zeke.python").candidates()
  for _, interpreter in ipairs(candidates) do
    local argv = vim.list_extend(vim.list_slice(interpreter.argv), { "--version" })
    local ok, job = pcall(vim.system, argv, { cwd = "/", env = interpreter.env, text = true })
    local result = ok and job:wait(LIMIT_MS)
    local where = ("%s (%s)"):format(interpreter.argv[1], interpreter.origin)
    if result and result.code == 0 then
      return health.ok(("%s has zeke-bridge: %s"):format(where, vim.trim(result.stdout or "")))
    end
    local slow = result and result.code == OVER_TIME
    health.info(where .. (slow and " does not answer" or " does not have zeke-bridge"))
  end
  if candidates[1] and candidates[1].origin == "chosen" then
    advice = "Install it there with `pip install zeke-bridge`, "
      .. "or take the setting `python` away and run `:Zeke install`."
  end
  health.error("No Python with zeke-bridge was found", advice)
end

local function check_runtime()
  local runtime = require("zeke.runtime")
  local problem = runtime.check()
  if problem then
    return vim.health.error(problem)
  end
  local found = vim.uv.fs_stat(runtime.socket())
  if not found then
    return vim.health.info("No broker has run yet; the next command starts one.")
  end
  if bit.band(found.mode, 63) == 0 then
    vim.health.ok(runtime.socket() .. " is reachable for you alone")
  else
    vim.health.error(runtime.socket() .. " is open to others", "Run `zeke broker stop`.")
  end
end

---@param core table
local function check_core(core)
  local health = vim.health
  local text = ("The core (%s) is %s"):format(core.where or "?", core.status or "?")
  if core.message then
    return health.error(text, core.message)
  end
  health.ok(text)
  local names, usable = vim.tbl_keys(core.providers or {}), false
  table.sort(names)
  for _, name in ipairs(names) do
    health.info(("%s: %s"):format(name, core.providers[name]))
    usable = usable or core.providers[name] == "healthy"
  end
  if not usable then
    local advice = "Run `zeke model install` for a local one, or `:ZekeAuth` for a key."
    health.error("No model is there to ask", advice)
  end
end

---@param consents table
local function check_consents(consents)
  local health = vim.health
  local trust = consents.trust or "none"
  if trust == "untrusted" or trust == "broken" then
    health.warn(".zeke-consents.json of this project is " .. trust, "`:ZekeConsents` shows why.")
  else
    health.ok("Consents of this project: " .. trust)
  end
  if consents.notice and consents.notice ~= "" then
    health.info(consents.notice)
  end
end

local function check_broker()
  local health = vim.health
  local data, problem
  require("zeke.replies").state("health", function(found, why)
    data, problem = found, why or false
  end)
  vim.wait(LIMIT_MS, function()
    return problem ~= nil
  end, 10)
  local greeting = require("zeke.connection").greeting()
  if greeting then
    health.ok(("Broker %s answers (process %s)"):format(greeting.version, greeting.pid))
    health.info("Log: " .. greeting.log)
  end
  if not data then
    return health.error(
      problem or ("The broker did not answer within %d s"):format(LIMIT_MS / 1000),
      "Run `zeke broker stop`, then `:checkhealth zeke` again; `zeke doctor` says more."
    )
  end
  check_core(data.core or {})
  check_consents(data.consents or {})
end

---@param agents table[] as `agent.list` has them
local function list_agents(agents)
  local visible, missing = require("zeke.columns").visible, {}
  for _, agent in ipairs(agents) do
    local text = ("`:ZekeAgent %s`: %s"):format(visible(agent.name), visible(agent.title))
    if agent.builtin or agent.installed then
      vim.health.ok(text)
    else
      missing[#missing + 1] = ("%s: %s"):format(visible(agent.name), visible(agent.install))
    end
  end
  if #missing > 0 then
    vim.health.info("Not installed, and how they are:\n" .. table.concat(missing, "\n"))
  end
end

local function check_agents()
  local data, problem
  require("zeke.replies").ask("agent.list", { cwd = vim.fn.getcwd() }, function(found, why)
    data, problem = found, why or false
  end)
  vim.wait(LIMIT_MS, function()
    return problem ~= nil
  end, 10)
  if data then
    list_agents(data.agents or {})
  else
    vim.health.error(problem or "The broker did not say which agents there are")
  end
end

function M.check()
  vim.health.start("Neovim")
  check_neovim()
  vim.health.start("Python")
  check_python()
  check_installed()
  vim.health.start("Broker")
  check_runtime()
  check_broker()
  vim.health.start("Agents")
  check_agents()
end

return M
