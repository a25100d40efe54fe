---Everything there is to say of one thing in `:ZekeConsents`, below its line.
local M = {}

local columns = require("zeke.columns")

local CHANGES = { write = true, create = true, delete = true, rename = true }

---@alias zeke.Detail {text: string, group: string?}

---@param lines zeke.Detail[]
---@param width integer
---@param name string
---@param text string?
---@param break_up (fun(text: string, width: integer): string[])?
local function say(lines, width, name, text, break_up)
  if text and text ~= "" then
    local parts = (break_up or columns.broken)(text, math.max(10, width - 9))
    for index, part in ipairs(parts) do
      lines[#lines + 1] = { text = ("%-9s%s"):format(index == 1 and name or "", part) }
    end
  end
end

---What the asker says and wants to write has a gutter, in front of which no text of it can be.
---@param lines zeke.Detail[]
---@param width integer
---@param entry table
local function shown(lines, width, entry)
  local gutter = require("zeke.frame").gutter()
  if entry.note and entry.note ~= "" then
    for _, part in ipairs(columns.wrapped("Note: " .. entry.note, width - 2)) do
      lines[#lines + 1] = { text = gutter .. part, group = "ZekeNote" }
    end
  end
  for _, line in ipairs(entry.diff or {}) do
    local sign = CHANGES[entry.verb] and line:sub(1, 1) or ""
    local group = sign == "+" and "ZekeAdded" or sign == "-" and "ZekeRemoved" or nil
    for _, part in ipairs(columns.broken(line, width - 2)) do
      lines[#lines + 1] = { text = gutter .. part, group = group }
    end
  end
end

---@param entry table
---@return string
local function choices(entry)
  local names = { once = "1 once", session = "2 session", project = "3 project", deny = "d deny" }
  local offered = {}
  for _, choice in ipairs(entry.choices or {}) do
    offered[#offered + 1] = names[choice]
  end
  return table.concat(offered, ", ")
end

---@param entry table
---@return string
local function grant_why(entry)
  if entry.scope == "session" then
    return "You allowed it for the session. It ends when this Neovim leaves, or with r."
  end
  return "It stands in the project's file and counts while you trust that; r takes it out."
end

---@param item zeke.ConsentItem
---@param width integer
---@return zeke.Detail[]
function M.of(item, width)
  local lines, entry = {}, item.entry
  say(lines, width, "Target", entry.target or entry.pattern)
  if item.kind == "waiting" then
    say(lines, width, "Project", entry.project)
    say(lines, width, "Asked by", entry.subject)
    say(lines, width, "Because", entry.reason, columns.wrapped)
    say(lines, width, "Choices", choices(entry))
    shown(lines, width, entry)
  elseif item.kind == "grant" then
    say(lines, width, "Why", grant_why(entry), columns.wrapped)
    say(lines, width, "For", require("zeke.consents.lines").who(entry.subject))
    say(lines, width, "Number", entry.id)
  elseif item.kind == "refused" then
    say(
      lines,
      width,
      "Why",
      "You said no. Three times hold for the session; r takes it back.",
      columns.wrapped
    )
  elseif item.kind == "decision" then
    say(lines, width, "To", entry.to)
    say(lines, width, "Why", entry.why, columns.wrapped)
    say(lines, width, "For", require("zeke.consents.lines").who(entry.subject))
    local by = entry.by and entry.by ~= "" and ", by " .. entry.by or ""
    say(lines, width, "Step", (entry.step or "?") .. by)
    say(lines, width, "Risk", entry.risk)
    say(lines, width, "Result", entry.result)
  elseif item.kind == "deny" then
    say(
      lines,
      width,
      "Why",
      "The project's file forbids it, whether it is trusted or not.",
      columns.wrapped
    )
  end
  return lines
end

return M
