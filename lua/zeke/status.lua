---`:ZekeStatus`: what runs, on what, what it has done, and why.
local M = {}

local ROUTES = 5

local INDENT = 10
local FOOT = " m model · p provider · c costs · R looks again · ? keys · q closes "

---@param lines zeke.PanelLine[]
---@param name string
---@param text string
---@param width integer? none: one line, however long
---@param group string?
local function row(lines, name, text, width, group)
  local parts = width and require("zeke.columns").wrapped(text, width - INDENT) or { text }
  for index, part in ipairs(parts) do
    local head = ("%-" .. INDENT .. "s"):format(index == 1 and name or "")
    lines[#lines + 1] = { text = head .. part, group = group }
  end
end

---@param data table what `state.get status` brings
---@param width integer
---@return zeke.PanelLine[] the broker, the core, the model
local function add_places(data, width)
  local lines, broker, core = {}, data.broker or {}, data.core or {}
  local about = ("%s, process %s, up %d min, editors: %s"):format(
    broker.version or "?",
    broker.pid or "?",
    math.floor((broker.uptime_s or 0) / 60),
    broker.editors or "?"
  )
  row(lines, "Broker", about)
  row(lines, "Core", ("%s, %s"):format(core.where or "?", core.status or "?"))
  if core.message then
    row(lines, "", core.message, width, "ZekeError")
  end
  row(lines, "Model", require("zeke.models").chosen() or data.model or "auto")
  return lines
end

---@param lines zeke.PanelLine[]
---@param last table what the last answer said of itself
---@param width integer
local function add_last(lines, last, width)
  local cached = last.cached and ", from the cache" or ""
  row(lines, "Last", ("%s (%s%s)"):format(last.model, last.provider, cached))
  local route = last.route or {}
  if route.reason and route.reason ~= "" then
    row(lines, "", ("%s: %s"):format(route.task, route.reason), width)
  end
  for _, tried in ipairs(route.tried or {}) do
    local mark = require("zeke.config").get().ui.plain and "-" or "·"
    row(lines, "", ("%s %s: %s"):format(mark, tried.candidate, tried.outcome), width)
  end
end

---@param data table
---@return {provider: string, state: string}[] what the core says of its providers right now
local function providers_of(data)
  local states = data.core and data.core.providers or {}
  local names = vim.tbl_keys(states)
  table.sort(names)
  return vim.tbl_map(function(name)
    return { provider = name, state = states[name], ["local"] = name == "local" }
  end, names)
end

---@param data table
---@param stats table?
---@param problem string? why there are no figures
---@param width integer
---@return zeke.PanelLine[]
local function trees(data, stats, problem, width)
  local figures = require("zeke.figures")
  local lines
  if stats then
    lines = figures.analytics(stats, width)
  else
    local title = figures.icon("chart") .. "GhostLLM Analytics:"
    lines = figures.tree(title, { problem or "…" }, width)
  end
  lines[#lines + 1] = { text = "" }
  local rows = stats and stats.providers or {}
  vim.list_extend(lines, figures.health(#rows > 0 and rows or providers_of(data), width))
  if stats then
    local chart = require("zeke.trends").day(stats, width)
    if #chart > 0 then
      lines[#lines + 1] = { text = "" }
      vim.list_extend(lines, chart)
    end
    lines[#lines + 1] = { text = "" }
    vim.list_extend(lines, figures.routes(stats, ROUTES, width))
  end
  return lines
end

---@param data table what `state.get status` brings
---@param stats table? what `state.get stats` brings
---@param problem string? why there are none
---@param width integer
---@return zeke.PanelLine[]
function M.lines(data, stats, problem, width)
  local lines = add_places(data, width)
  lines[#lines + 1] = { text = "" }
  vim.list_extend(lines, trees(data, stats, problem, width))
  lines[#lines + 1] = { text = "" }
  if data.last and data.last.model then
    add_last(lines, data.last, width)
  end
  local tasks = {}
  for _, task in ipairs(data.tasks or {}) do
    tasks[#tasks + 1] = ("%s (%s)"):format(task.kind, task.id)
  end
  local agents = package.loaded["zeke.agents"] and require("zeke.agents").described() or {}
  if #agents > 0 then
    row(lines, "Agents", table.concat(agents, ", "))
  end
  row(lines, "Tasks", #tasks > 0 and table.concat(tasks, ", ") or "none")
  local waiting = require("zeke.prompt").count()
  row(lines, "Waiting", waiting > 0 and waiting .. " (:ZekeConsents)" or "none")
  row(lines, "Log", data.broker and data.broker.log or "?")
  return lines
end

---@param known {data: table?, stats: table?, problem: string?, failure: string?} what came last
---@return fun(panel: zeke.Panel, done: fun())
local function loader(known)
  return function(panel, done)
    require("zeke.overview").gather({ "status", "stats" }, function(what, data, problem)
      if what == "status" then
        known.data = data or known.data
        known.failure = not data and problem or nil
      else
        known.stats, known.problem = data or known.stats, problem
        if data then
          require("zeke.statusline").spent(data)
        end
      end
      if known.failure then
        panel:show({ { text = known.failure, group = "ZekeError" } })
      elseif known.data and panel:there() then
        panel:show(M.lines(known.data, known.stats, known.problem, panel:width()))
      end
    end, done)
  end
end

function M.run()
  local panel = require("zeke.overview").open("status", "Zeke status", FOOT, loader({}), {})
  -- What is too long goes on under its row's text.
  vim.wo[panel.window][0].breakindent = true
  vim.wo[panel.window][0].breakindentopt = "shift:" .. INDENT
end

return M
