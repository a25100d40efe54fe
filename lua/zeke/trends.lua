---What a core's figures say of the last day and month, as charts. A core that says nothing of it
---has none. Pure: figures in, lines out.
local M = {}

local DAYS = 30

---@param rows table[]
---@param key string
---@return (number|false)[]
local function column(rows, key)
  return vim.tbl_map(function(row)
    local value = row[key]
    return type(value) == "number" and value == value and value or false
  end, rows)
end

---@param values (number|false)[]
---@return number
local function sum(values)
  return vim.iter(values):fold(0, function(total, value)
    return total + (value or 0)
  end)
end

---@param rows table[]
---@return zeke.Series
local function costs(rows)
  local money, values = require("zeke.figures").money, column(rows, "cost")
  local total, unpriced = sum(values), sum(column(rows, "unpriced"))
  for index, row in ipairs(rows) do
    if (values[index] or 0) <= 0 and (tonumber(row.unpriced) or 0) > 0 then
      values[index] = false
    end
  end
  local said = money(total, unpriced)
  return { name = "cost", values = values, total = said, said = money, missing = "unknown" }
end

---@param rows table[]
---@return zeke.Series
local function requests(rows)
  local values = column(rows, "requests")
  local function said(count)
    return ("%d"):format(count)
  end
  return { name = "requests", values = values, total = said(sum(values)), said = said }
end

---@param rows table[] hours
---@param average any seconds, of all of them
---@return zeke.Series
local function times(rows, average)
  local time, values = require("zeke.figures").time, column(rows, "average_s")
  return { name = "response", values = values, total = time(average), said = time }
end

---@param stats table what `state.get stats` brings
---@param width integer
---@return zeke.PanelLine[]
function M.day(stats, width)
  local hours = stats.costs and stats.costs.by_hour or {}
  local title = require("zeke.figures").icon("trend") .. "Last 24 hours:"
  local all = { costs(hours), requests(hours), times(hours, stats.average_response_s) }
  return require("zeke.chart").over_time(title, all, function(index)
    return "at " .. os.date("%H:%M", math.floor(tonumber(hours[index].start) or 0))
  end, width)
end

---@param stats table
---@param width integer
---@return zeke.PanelLine[]
function M.month(stats, width)
  local days = stats.costs and stats.costs.by_day or {}
  days = vim.list_slice(days, math.max(1, #days - DAYS + 1))
  local title = require("zeke.figures").icon("trend") .. ("Last %d days:"):format(#days)
  return require("zeke.chart").over_time(title, { costs(days), requests(days) }, function(index)
    return "on " .. require("zeke.columns").visible(days[index].day)
  end, width)
end

---@param stats table
---@param width integer
---@return zeke.PanelLine[]
function M.providers(stats, width)
  local figures = require("zeke.figures")
  local bars = {}
  for _, row in ipairs(stats.costs and stats.costs.by_provider or {}) do
    if type(row.cost) == "number" and row.cost > 0 then
      local said = figures.money(row.cost, row.unpriced)
      bars[#bars + 1] = { name = figures.provider(row.provider), value = row.cost, said = said }
    end
  end
  local title = figures.icon("chart") .. "Cost by provider, this month:"
  return #bars > 1 and require("zeke.chart").bars(title, bars, width) or {}
end

return M
