---A few words for a statusline, kept by events: asking for them costs nothing.
local M = {}

local model = ""
local heard = false -- whether the broker has said anything yet
local used = false -- whether anybody has asked for these words
local today = 0 ---@type number US dollars

---@return string
function M.text()
  used = true
  local tasks, waiting = require("zeke.tasks").attended(), require("zeke.prompt").count()
  local parts = {}
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
  if heard and today > 0 then
    parts[#parts + 1] = require("zeke.figures").money(today) .. " today"
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
  today = stats.costs and tonumber(stats.costs.today) or 0
  M.refresh()
end

---An answer is there. One that cost something has made a new sum.
---@param cost {total_cost: number?}?
function M.answered(cost)
  if used and cost and (cost.total_cost or 0) > 0 then
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
