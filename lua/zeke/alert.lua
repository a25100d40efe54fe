---What is said when a cost limit is near.
local M = {}

local PERIODS = { hour = "hourly", day = "daily", month = "monthly" }

---@class zeke.CostAlert what `cost.alert` brings; also the data of the User event ZekeCostAlert
---@field period "hour"|"day"|"month"
---@field spent number US dollars
---@field limit number
---@field percent integer
---@field level "notice"|"warning"|"critical"

---@param alert zeke.CostAlert
function M.show(alert)
  local figures, notice = require("zeke.figures"), require("zeke.notice")
  local said = ("%sCost Alert: %s/%s %s limit reached (%d%%)"):format(
    figures.icon("alert"),
    figures.money(alert.spent),
    figures.money(alert.limit),
    PERIODS[alert.period] or "",
    alert.percent
  )
  notice[alert.level == "critical" and "error" or "warn"](said)
  local advice = "Consider switching to local models or lower-cost alternatives"
  notice.info(figures.icon("hint") .. advice)
end

return M
