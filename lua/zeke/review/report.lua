---What a person hears at the end of a change. Knows no buffer.
local M = {}

local ORDER = { "written", "applied", "same", "rejected", "denied", "failed" }
local WORDS = {
  written = "written",
  applied = "applied, not saved",
  same = "as it should be already",
  rejected = "rejected",
  denied = "denied",
  failed = "failed",
}
local LEVELS = { denied = "warn", failed = "error" }

local LANDED = { written = true, applied = true }

---@param rows table[] of `task.done`
---@return table[] rows for each path its latest; what has landed stays so, whatever came later
local function latest(rows)
  local found, at = {}, {} ---@type table[], table<string, integer>
  for _, row in ipairs(rows) do
    local index = at[row.name]
    local landed = index and LANDED[found[index].state] and not LANDED[row.state]
    if not landed then
      index = index or #found + 1
      at[row.name], found[index] = index, row
    elseif LEVELS[row.state] then
      found[#found + 1] = row
    end
  end
  return found
end

---@param rows table[]
---@return string
local function summary(rows)
  local by_state = {}
  for _, row in ipairs(rows) do
    local partial = row.state == "written" or row.state == "applied"
    partial = partial and (row.accepted or 0) < (row.hunks_total or 0)
    local part = partial and (" (%d of %d hunks)"):format(row.accepted, row.hunks_total) or ""
    local why = (row.message or "") ~= "" and (" (%s)"):format(row.message) or ""
    by_state[row.state] = by_state[row.state] or {}
    table.insert(by_state[row.state], row.name .. part .. why)
  end
  local parts = {}
  for _, state in ipairs(ORDER) do
    if by_state[state] then
      parts[#parts + 1] = WORDS[state] .. ": " .. table.concat(by_state[state], ", ")
    end
  end
  local text = table.concat(parts, "; ")
  return text:sub(1, 1):upper() .. text:sub(2)
end

---@param change zeke.Change
---@param rows table[] of `task.done` or `task.failed`
---@param broken boolean? it ended before its end: what has landed is said in any case
function M.say(change, rows, broken)
  rows = latest(rows)
  local one = #rows == 1 and rows[1]
  local notice = require("zeke.notice")
  if #rows == 0 or (one and one.state == "rejected") then
    return -- who said no knows it
  elseif one and (one.message or "") ~= "" then
    return notice.say(LEVELS[one.state] or "info", one.message)
  end
  local all = one and one.state == "written" and one.accepted == one.hunks_total
  if all and change.buffer and not broken then
    return -- it stands before the person
  end
  local bad = vim.iter(rows):any(function(row)
    return LEVELS[row.state] ~= nil
  end)
  if bad or not change.agent or require("zeke.frame").plain() then -- its chat shows the rest
    notice.say(bad and "warn" or "info", summary(rows) .. ".")
  end
end

return M
