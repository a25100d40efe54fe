---A few words for a statusline, kept by events: asking for them costs nothing.
local M = {}

local model = ""
local heard = false -- whether the broker has said anything yet
local used = false -- whether anybody has asked for these words
local today = 0 ---@type number US dollars
local unpriced = 0 ---@type number answers of today of which nobody knows the price

---@return string[] names of the agents that are at work
local function at_work()
  local links = package.loaded["zeke.agents.link"]
  local busy = vim.tbl_filter(function(link)
    return link.chat:busy()
  end, links and links.all() or {})
  local names = vim.tbl_map(function(link)
    return link:label()
  end, busy)
  table.sort(names)
  return names
end

---@return string
function M.text()
  used = true
  local tasks, waiting = require("zeke.tasks").attended(), require("zeke.prompt").count()
  local parts, agents = {}, at_work()
  if package.loaded["zeke.agents.ask"] then
    waiting = waiting + require("zeke.agents.ask").count()
  end
  if #agents > 0 then
    local names = #agents > 2 and #agents .. " agents" or table.concat(agents, ", ")
    parts[1] = names .. (#agents == 1 and " works" or " work")
    tasks = tasks - #agents
  end
  if tasks > 0 then
    parts[#parts + 1] = tasks == 1 and "1 task" or tasks .. " tasks"
  end
  if waiting > 0 then
    parts[#parts + 1] = waiting .. " waiting"
  end
  local chosen = require("zeke.models").chosen() or model
  if heard and chosen ~= "" then
    parts[#parts + 1] = chosen
  end
  if heard and (today > 0 or unpriced > 0) then
    local said = require("zeke.figures").money(today, unpriced)
    parts[#parts + 1] = (today > 0 and said or "cost " .. said) .. " today"
  end
  return #parts > 0 and "zeke: " .. table.concat(parts, " · ") or ""
end

---Statuslines are drawn again only where one shows these words.
function M.refresh()
  if (vim.o.statusline .. vim.o.winbar .. vim.o.tabline):find("zeke", 1, true) then
    vim.schedule(function()
      vim.cmd.redrawstatus({ bang = true })
    end)
  end
end

---@param payload {tasks: integer, waiting: integer, model: string?}
function M.changed(payload)
  model, heard = payload.model or model, true
  require("zeke.prompt").told(payload.waiting or 0)
  M.refresh()
end

---@param stats table what `state.get stats` brings
function M.spent(stats)
  local costs = stats.costs or {}
  today = tonumber(costs.today) or 0
  unpriced = tonumber((costs.unpriced or {}).today) or 0
  M.refresh()
end

---An answer is there. One that cost something has made a new sum.
---@param cost {total_cost: number?, known: boolean?}?
function M.answered(cost)
  if used and cost and ((cost.total_cost or 0) > 0 or cost.known == false) then
    require("zeke.replies").state("stats", function(stats)
      if stats then
        M.spent(stats)
      end
    end)
  end
end

---The broker is gone.
function M.reset()
  heard = false
  M.refresh()
end

return M
