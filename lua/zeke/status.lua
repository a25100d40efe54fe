---`:ZekeStatus`: what runs, on what, and why.
local M = {}

---@param lines zeke.PanelLine[]
---@param name string
---@param text string
local function row(lines, name, text)
  lines[#lines + 1] = { text = ("%-10s%s"):format(name, text) }
end

---@param lines zeke.PanelLine[]
---@param core table
local function add_core(lines, core)
  row(lines, "Core", ("%s, %s"):format(core.where or "?", core.status or "?"))
  if core.message then
    lines[#lines + 1] = { text = (" "):rep(10) .. core.message, group = "ZekeError" }
  end
  local names = vim.tbl_keys(core.providers or {})
  table.sort(names)
  for index, name in ipairs(names) do
    row(lines, index == 1 and "Providers" or "", ("%s: %s"):format(name, core.providers[name]))
  end
end

---@param lines zeke.PanelLine[]
---@param last table what the last answer said of itself
local function add_route(lines, last)
  local cached = last.cached and ", from the cache" or ""
  row(lines, "Last", ("%s (%s%s)"):format(last.model, last.provider, cached))
  local route = last.route or {}
  if route.reason and route.reason ~= "" then
    row(lines, "", ("%s: %s"):format(route.task, route.reason))
  end
  for _, tried in ipairs(route.tried or {}) do
    row(lines, "", ("· %s: %s"):format(tried.candidate, tried.outcome))
  end
end

---@param data table what `state.get status` brings
---@return zeke.PanelLine[]
function M.lines(data)
  local lines = {} ---@type zeke.PanelLine[]
  local broker = data.broker or {}
  local minutes = math.floor((broker.uptime_s or 0) / 60)
  row(
    lines,
    "Broker",
    ("%s, process %s, up %d min, editors: %s"):format(
      broker.version or "?",
      broker.pid or "?",
      minutes,
      broker.editors or "?"
    )
  )
  row(lines, "Log", broker.log or "?")
  add_core(lines, data.core or {})
  row(lines, "Model", require("zeke.models").chosen() or data.model or "auto")
  if data.last and data.last.model then
    add_route(lines, data.last)
  end
  local tasks = {}
  for _, task in ipairs(data.tasks or {}) do
    tasks[#tasks + 1] = ("%s (%s)"):format(task.kind, task.id)
  end
  row(lines, "Tasks", #tasks > 0 and table.concat(tasks, ", ") or "none")
  local waiting = require("zeke.prompt").count()
  row(lines, "Waiting", waiting > 0 and waiting .. " (:ZekeConsents)" or "none")
  return lines
end

function M.run()
  local panel = require("zeke.panel").open("status", "Zeke status")
  require("zeke.replies").state("status", function(data, problem)
    panel:show(data and M.lines(data) or { { text = problem or "?", group = "ZekeError" } })
  end)
end

return M
