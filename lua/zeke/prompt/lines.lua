---What a question says, as lines that fit. Our own words, the risk and the path stand apart from
---what the asker says, which has a gutter that no text of it can be in front of.
local M = {}

local columns = require("zeke.columns")

local LABELS = {
  once = "[1] Allow once",
  session = "[2] Session",
  project = "[3] Project",
  deny = "[d] Deny",
}
local HINTS = {
  elsewhere = "To answer: :Zeke prompt, then the key. Typing goes on where it was.",
  cmdwin = "To answer: leave this window by :q, then :Zeke prompt.",
  guarded = "One moment: keys count in an instant.",
  open = "Esc denies. <C-w>w leaves the question waiting.",
}
local RISKS = { Low = "ZekeRiskLow", Medium = "ZekeRiskMedium", High = "ZekeRiskHigh" }
---Lines of what the asker says.
local MOST_SAID = 4
local CHANGES = { write = true, create = true, delete = true, rename = true }

---@alias zeke.PromptState "elsewhere"|"cmdwin"|"guarded"|"open"

---@class zeke.Ask what `consent.asked` brings
---@field prompt string
---@field position integer
---@field total integer
---@field subject string
---@field verb string
---@field target string
---@field project string? in which an answer is remembered, where that is not the person's own
---@field added integer
---@field removed integer
---@field risk "Low"|"Medium"|"High"
---@field reason string
---@field note string
---@field diff string[]
---@field choices string[]
---@field guard_ms integer
---@field session string? of the agent that asks, as this Neovim knows it
---@field task string? of this Neovim, for which it is asked

---@class zeke.PromptLine
---@field text string
---@field groups [integer, integer, string][]? first byte, past the last, group

---@class zeke.PromptText
---@field lines zeke.PromptLine[]
---@field whole boolean false: there is no room to say what is asked, so nothing can be allowed

---@param text string
---@param group string?
---@return zeke.PromptLine
local function line(text, group)
  return { text = text, groups = group and { { 0, #text, group } } or nil }
end

---@return string
local function gutter()
  return " " .. require("zeke.frame").gutter()
end

---@param ask zeke.Ask
---@return string
local function counts(ask)
  local some = (ask.added or 0) + (ask.removed or 0) > 0
  return some and ("+%d −%d"):format(ask.added, ask.removed) or ""
end

---@param text string
---@param right string
---@param width integer
---@return string text with something at the right edge
local function justified(text, right, width)
  if right == "" then
    return text
  end
  local fill = width - columns.width(text) - columns.width(right) - 1
  return text .. (" "):rep(math.max(1, fill)) .. right
end

---@param ask zeke.Ask
---@param width integer
---@param most integer lines for the target
---@return zeke.PromptLine[] lines who, verb and target: whole, or both its ends where room lacks
local function asked(ask, width, most)
  local verb, changed = " " .. ask.verb .. "  ", counts(ask)
  local indent, beside = columns.width(verb), changed
  local room = math.max(8, width - indent - 1)
  if columns.width(ask.target) + columns.width(changed) + 1 > room then
    beside = "" -- the target needs every column; who asks may leave some
  end
  local parts = columns.broken(ask.target, room)
  if #parts > most then
    -- A wide letter may leave the last column of each line free.
    parts = columns.broken(columns.middle(ask.target, (room - 1) * most), room)
  end
  local above = beside == "" and changed or ""
  local who = columns.middle(ask.subject, width - 12 - columns.width(above))
  local lines = { line(justified(" " .. who .. " wants to", above, width)) }
  for index, part in ipairs(parts) do
    local start = index == 1 and verb or (" "):rep(indent)
    lines[index + 1] = {
      text = justified(start .. part, index == 1 and beside or "", width),
      groups = { { #start, #start + #part, "ZekeTitle" } },
    }
  end
  return lines
end

---@param ask zeke.Ask
---@param width integer
---@return zeke.PromptLine[] one line where an answer is remembered in another project, else none
local function elsewhere(ask, width)
  local project = ask.project or ""
  if project == "" then
    return {}
  end
  local start = " in the project "
  local text = start .. columns.middle(project, math.max(8, width - #start - 1))
  return { { text = text, groups = { { #start, #text, "ZekeTitle" } } } }
end

---@param ask zeke.Ask
---@param width integer
---@return zeke.PromptLine
local function judged(ask, width)
  local risk = " Risk: " .. ask.risk
  local reason = ask.reason ~= "" and "  " .. ask.reason or ""
  -- What is not known to be less is high.
  local group = RISKS[ask.risk] or RISKS.High
  return { text = columns.cut(risk .. reason, width), groups = { { 7, #risk, group } } }
end

---@param ask zeke.Ask
---@param width integer
---@return zeke.PromptLine[]
local function said(ask, width)
  if ask.note == "" then
    return {}
  end
  local edge = gutter()
  local parts = columns.wrapped("Note: " .. ask.note, width - columns.width(edge) - 1)
  local lines = {} ---@type zeke.PromptLine[]
  for index = 1, math.min(#parts, MOST_SAID) do
    local cut = index == MOST_SAID and #parts > MOST_SAID and "…" or ""
    lines[index] = line(edge .. parts[index] .. cut, "ZekeNote")
  end
  return lines
end

---@param ask zeke.Ask
---@param width integer
---@return string[] lines of what can be chosen
local function offered(ask, width)
  local lines, current = {}, ""
  for _, choice in ipairs(ask.choices) do
    local longer = (current == "" and " " or current .. "  ") .. LABELS[choice]
    if current ~= "" and columns.width(longer) > width then
      lines[#lines + 1] = current
      longer = " " .. LABELS[choice]
    end
    current = longer
  end
  lines[#lines + 1] = current
  return lines
end

---@param ask zeke.Ask
---@param width integer
---@return string[] lines of a change, which are cut; those about anything else, broken
local function details(ask, width)
  if CHANGES[ask.verb] then
    return ask.diff
  end
  local lines = {}
  for _, text in ipairs(ask.diff) do
    vim.list_extend(lines, columns.broken(text, width))
  end
  return lines
end

---What the broker left out stands nowhere; its mark is not in any text that it escaped.
---@param ask zeke.Ask
---@param all string what the list shows, if it shows all
---@return string
local function listed(ask, all)
  for _, text in ipairs(ask.diff) do
    if text:find("…(", 1, true) then
      return "shows more, not all"
    end
  end
  return all
end

---@param ask zeke.Ask
---@param room integer
---@param width integer
---@return zeke.PromptLine[]
local function folded(ask, room, width)
  local shown, coloured, edge = {}, CHANGES[ask.verb], gutter()
  local left = width - columns.width(edge)
  local diff = details(ask, left)
  local function add(from, to)
    for index = from, to do
      local text = edge .. columns.cut(diff[index], left)
      local sign = coloured and diff[index]:sub(1, 1) or ""
      local group = sign == "+" and "ZekeAdded" or sign == "-" and "ZekeRemoved" or nil
      local groups = { { 0, #edge, "ZekeHint" } } ---@type [integer, integer, string][]
      groups[2] = group and { #edge, #text, group } or nil
      shown[#shown + 1] = { text = text, groups = groups }
    end
  end
  if #diff <= room then
    add(1, #diff)
  elseif room >= 3 then
    local below = math.floor((room - 1) / 3)
    local above = room - 1 - below
    add(1, above)
    local rest = (" ⋯ %d more lines; `:ZekeConsents`, <CR> %s"):format(
      #diff - above - below,
      listed(ask, "shows all")
    )
    shown[#shown + 1] = line(columns.cut(rest, width), "ZekeHint")
    add(#diff - below + 1, #diff)
  elseif room >= 1 then
    local all = (" ⋯ %d lines; `:ZekeConsents`, <CR> %s"):format(#diff, listed(ask, "shows them"))
    shown[1] = line(columns.cut(all, width), "ZekeHint")
  end
  return shown
end

---@param choices string[]
---@return string[] those that there are
function M.known(choices)
  return vim.tbl_filter(function(choice)
    return LABELS[choice] ~= nil
  end, choices)
end

---@param ask zeke.Ask
---@param state zeke.PromptState
---@param width integer
---@param height integer lines at most
---@return zeke.PromptText
function M.of(ask, state, width, height)
  local labels = offered(ask, width)
  local place = elsewhere(ask, width)
  local rest = height - 2 - #labels - #place -- besides who asks, and the risk
  if rest < 1 or width < 24 then
    local text = { line(" Too small to show GhostWarden's question."), line(" " .. LABELS.deny) }
    return { lines = text, whole = false }
  end
  local hint = rest > 1 and { line(columns.cut(" " .. HINTS[state], width), "ZekeHint") } or {}
  rest = rest - #hint
  local least = math.min(1, #ask.diff) -- to say that there is more
  local lines = asked(ask, width, math.max(1, rest - least))
  rest = rest - #lines + 1
  local note = said(ask, width)
  note = vim.list_slice(note, 1, math.min(#note, math.max(0, rest - least)))
  rest = rest - #note
  vim.list_extend(lines, place)
  lines[#lines + 1] = judged(ask, width)
  vim.list_extend(lines, note)
  vim.list_extend(lines, folded(ask, rest, width))
  for _, text in ipairs(labels) do
    lines[#lines + 1] = line(text, state == "open" and "ZekeKey" or "ZekeHint")
  end
  return { lines = vim.list_extend(lines, hint), whole = true }
end

return M
