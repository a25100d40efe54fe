---Numbers as small charts in text: a line of blocks for what changes over time, bars for shares.
---Where a screen reader reads (`ui.plain`), the numbers themselves. Pure: figures in, lines out.
local M = {}

local STEPS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local NOTHING = "·"
local EIGHTHS = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }
local MOST_BAR = 40
local MOST_NAME = 20

---@class zeke.Series
---@field name string
---@field values (number|false)[] oldest first; false: nothing is known of it
---@field total string what all of them are together
---@field said fun(value: number): string one of them in words
---@field missing string? what is said of one of which nothing is known

---@param values (number|false)[]
---@return number greatest, integer where it is
local function peak(values)
  local most, at = 0, 0 ---@type number, integer
  for index, value in ipairs(values) do
    if value and value > most then
      most, at = value, index
    end
  end
  return most, at
end

---@param values (number|false)[]
---@return string as many columns as values; nothing at all is the lowest step, little is above it
function M.line(values)
  local most = peak(values)
  local drawn = vim.tbl_map(function(value)
    if not value then
      return NOTHING
    elseif value <= 0 then
      return STEPS[1]
    end
    return STEPS[math.max(2, math.ceil(value / most * #STEPS))]
  end, values)
  return table.concat(drawn)
end

---@param part number
---@param whole number
---@param width integer
---@return string
function M.bar(part, whole, width)
  local eighths = whole > 0 and math.floor(part / whole * width * 8 + 0.5) or 0
  if part > 0 then
    eighths = math.max(1, eighths)
  end
  return ("█"):rep(math.floor(eighths / 8)) .. (EIGHTHS[eighths % 8] or "")
end

---@param series zeke.Series
---@param moment fun(index: integer): string
---@return string
local function summary(series, moment)
  local most, at = peak(series.values)
  if most <= 0 then
    return ("%s %s"):format(series.name, series.total)
  end
  return ("%s %s, most %s %s"):format(series.name, series.total, series.said(most), moment(at))
end

---@param series zeke.Series
---@return string
local function listed(series)
  return table.concat(
    vim.tbl_map(function(value)
      return value and series.said(value) or series.missing or "none"
    end, series.values),
    " "
  )
end

---What happened over a time, one row a series.
---@param title string
---@param all zeke.Series[] with as many values each
---@param moment fun(index: integer): string says when that was
---@param width integer
---@return zeke.PanelLine[] none when nothing happened at all
function M.over_time(title, all, moment, width)
  local plain = require("zeke.config").get().ui.plain
  local rows = vim.tbl_map(function(series)
    local text = summary(series, moment)
    if plain then
      return { text, below = "oldest first: " .. listed(series) }
    end
    return M.line(series.values) .. " " .. text
  end, all)
  local something = vim.iter(all):any(function(series)
    return peak(series.values) > 0
  end)
  return something and require("zeke.figures").tree(title, rows, width) or {}
end

---@class zeke.Bar
---@field name string
---@field value number
---@field said string

---@param title string
---@param bars zeke.Bar[]
---@param width integer
---@return zeke.PanelLine[] none when there is nothing to compare, or no chart is wanted
function M.bars(title, bars, width)
  local columns = require("zeke.columns")
  local most, names, words = 0, 0, 0 ---@type number, integer, integer
  for _, bar in ipairs(bars) do
    most = math.max(most, bar.value)
    names = math.max(names, math.min(MOST_NAME, columns.width(bar.name)))
    words = math.max(words, columns.width(bar.said))
  end
  local room = math.min(MOST_BAR, width - names - words - 5)
  if most <= 0 or room < 4 or require("zeke.config").get().ui.plain then
    return {}
  end
  local lines = { { text = title, group = "ZekeTitle" } }
  for _, bar in ipairs(bars) do
    local name = columns.cut(bar.name, MOST_NAME)
    local pad = (" "):rep(names - columns.width(name) + 1)
    local drawn = M.bar(bar.value, most, room)
    local parts = { "   ", name, pad, drawn, drawn == "" and "" or " ", bar.said }
    lines[#lines + 1] = { text = table.concat(parts) }
  end
  return lines
end

return M
