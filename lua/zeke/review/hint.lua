---The line above each hunk: which one it is, what was decided, and for the one at the cursor, what
---can be done. In words, so that no colour or icon has to be seen. Knows no buffer.
local M = {}

local columns = require("zeke.columns")

local MARKS = { accepted = "✓ accepted", rejected = "✗ rejected" }
local GROUPS = { accepted = "ZekeAccepted", rejected = "ZekeRejected" }

---@return table<string, string> keys by action
local function keymaps()
  return require("zeke.config").get().keymaps
end

---@param file zeke.ChangeFile
---@param index integer
---@return string[][] pairs of keys and what they do, the most wanted first
local function offers(file, index)
  local keys, many = keymaps(), #file.hunks > 1
  local found = { { keys.accept, "accept" }, { keys.reject, "reject" } } ---@type string[][]
  if many and file.decided[index] then
    found = { { keys.undecide_hunk, "undecide" }, { keys.accept, "accept rest" } }
    table.insert(found, { keys.reject, "reject rest" })
  elseif many then
    table.insert(found, { keys.accept_hunk .. "/" .. keys.reject_hunk, "this one" })
  end
  if many then
    found[#found + 1] = { keys.next_hunk, "next" }
  end
  if file.change:hears() then
    found[#found + 1] = { keys.reject_why, many and "rest: why" or "reject, say why" }
  end
  if file.change.count > 1 then
    found[#found + 1] = { keys.accept_all, "all files" }
  end
  return vim.tbl_filter(function(offer)
    return offer[1] ~= "" and offer[1] ~= "/"
  end, found)
end

---@param file zeke.ChangeFile
---@param index integer
---@return table[] chunks
local function short(file, index)
  local decision, hunk = file.decided[index], file.hunks[index]
  local place = (" %d/%d "):format(index, #file.hunks)
  if decision then
    return { { place, "ZekeHint" }, { MARKS[decision], GROUPS[decision] } }
  end
  return { { ("%s+%d −%d"):format(place, #hunk.new, #hunk.old), "ZekeHint" } }
end

---@param file zeke.ChangeFile
---@param index integer
---@param current boolean the hunk is the one that the keys are for
---@param width integer
---@return table[] chunks
function M.of(file, index, current, width)
  local hunk, decision = file.hunks[index], file.decided[index]
  if file.state == "rebasing" and current then
    local text = " the text changed, a new diff comes"
    return { { (" Zeke %d/%d "):format(index, #file.hunks), "ZekeTitle" }, { text, "ZekeHint" } }
  elseif file.state == "asking" then
    local taken = file.taken[index] and " accepted, GhostWarden decides" or " rejected"
    return { { (" Zeke %d/%d "):format(index, #file.hunks), "ZekeTitle" }, { taken, "ZekeHint" } }
  elseif not current then
    return short(file, index)
  end
  -- In a buffer of ours the list stands beside it, and the warning above it.
  local several = file.change.count > 1 and file.target
  local place = several and (" file %d/%d"):format(file.number, file.change.count)
  local counts = (" Zeke %d/%d +%d −%d"):format(index, #file.hunks, #hunk.new, #hunk.old)
  local chunks = { { counts .. (place or ""), "ZekeTitle" } } ---@type string[][]
  local caution = file.target and file.caution ~= "" and " " .. file.caution or ""
  if caution ~= "" then
    chunks[2] = { caution, "ZekeWarn" }
  end
  if decision then
    chunks[#chunks + 1] = { " " .. MARKS[decision], GROUPS[decision] }
  end
  local used = columns.width(counts .. (place or "") .. caution) + (decision and 11 or 0)
  for _, offer in ipairs(offers(file, index)) do
    used = used + columns.width(offer[1] .. offer[2]) + 3
    if used > width then
      break
    end
    chunks[#chunks + 1] = { "  " .. offer[1], "ZekeKey" }
    chunks[#chunks + 1] = { " " .. offer[2], "ZekeHint" }
  end
  return chunks
end

return M
