---Findings as lines of a window: by kind, by severity, by place. Figures in, lines out.
local M = {}

local ORDER = { "error", "warning", "info", "hint" }
local GROUP = {
  error = "DiagnosticError",
  warning = "DiagnosticWarn",
  info = "DiagnosticInfo",
  hint = "DiagnosticHint",
}
local INDENT = 11
local MOST_HEAD = 0.5 -- of the width

---@class zeke.FindingItem
---@field looked zeke.Looked
---@field finding zeke.Finding

---@param count integer
---@param one string
---@param many string
---@return string
local function counted(count, one, many)
  return ("%d %s"):format(count, count == 1 and one or many)
end

---@param looked zeke.Looked[]
---@return table<string, zeke.FindingItem[]> by kind
local function by_kind(looked)
  local findings, kinds = require("zeke.analyze.findings"), {}
  for _, file in ipairs(looked) do
    for _, finding in ipairs(findings.standing(file)) do
      kinds[finding.kind] = kinds[finding.kind] or {}
      table.insert(kinds[finding.kind], { looked = file, finding = finding })
    end
  end
  return kinds
end

---@param severity string
---@return integer
local function rank(severity)
  for index, name in ipairs(ORDER) do
    if name == severity then
      return index
    end
  end
  return #ORDER
end

---@param items zeke.FindingItem[]
local function sort(items)
  local findings = require("zeke.analyze.findings")
  table.sort(items, function(one, other)
    local a, b = rank(one.finding.severity), rank(other.finding.severity)
    if a ~= b then
      return a < b
    elseif one.looked.name ~= other.looked.name then
      return one.looked.name < other.looked.name
    end
    local here, there =
      findings.line(one.looked, one.finding), findings.line(other.looked, other.finding)
    return here == there and one.finding.message < other.finding.message or here < there
  end)
end

---@param lines zeke.PanelLine[]
---@param item zeke.FindingItem
---@param width integer
local function add(lines, item, width)
  local columns, finding = require("zeke.columns"), item.finding
  local line = require("zeke.analyze.findings").line(item.looked, finding)
  local place = columns.visible(("%s:%d"):format(item.looked.name, line))
  place = require("zeke.analyze.texts").gone(item.looked.buffer) and place .. " (gone)" or place
  local head = ("  %-7s  %s  "):format(finding.severity, place)
  local group = GROUP[finding.severity] or GROUP.info
  local indent = vim.fn.strdisplaywidth(head)
  if indent > width * MOST_HEAD then
    lines[#lines + 1] = { text = head, group = group, item = item }
    indent, head = INDENT, (" "):rep(INDENT)
  end
  local message = columns.visible((finding.message:gsub("%s+", " ")))
  for index, text in ipairs(columns.wrapped(message, width - indent)) do
    local lead = index == 1 and head or (" "):rep(indent)
    lines[#lines + 1] = { text = lead .. text, group = index == 1 and group or nil, item = item }
  end
  local advice = columns.visible((finding.suggestion:gsub("%s+", " ")))
  local mark = require("zeke.frame").plain() and "Suggested: " or "→ "
  local past = indent + columns.width(mark)
  for index, text in ipairs(advice ~= "" and columns.wrapped(advice, width - past) or {}) do
    local lead = index == 1 and (" "):rep(indent) .. mark or (" "):rep(past)
    lines[#lines + 1] = { text = lead .. text, group = "ZekeHint", item = item }
  end
end

---@param run zeke.AnalysisRun? what is under way
---@return string?
function M.progress(run)
  if not run or run.done >= run.total then
    return nil
  end
  local text = ("Looking … %d of %s done"):format(run.done, counted(run.total, "file", "files"))
  return run.failed > 0 and ("%s, %d failed"):format(text, run.failed) or text
end

---@param looked zeke.Looked[]
---@return string
local function title(looked)
  local findings = require("zeke.analyze.findings")
  local standing, aside, seen = 0, 0, 0
  local states = { gone = 0, waiting = 0, changed = 0, same = 0 }
  for _, file in ipairs(looked) do
    standing = standing + #findings.standing(file)
    aside = aside + findings.put_aside(file)
    seen = seen + (findings.seen(file) and 1 or 0)
    local state = findings.state(file)
    states[state] = states[state] + 1
  end
  local text = ("%s in %s"):format(
    counted(standing, "finding", "findings"),
    counted(seen, "file", "files")
  )
  local notes = {}
  for _, note in ipairs({
    { aside, "dismissed" },
    { states.changed, "changed since" },
    { states.waiting, "failed: r looks again" },
    { states.gone, "gone" },
  }) do
    if note[1] > 0 then
      notes[#notes + 1] = ("%d %s"):format(note[1], note[2])
    end
  end
  return #notes > 0 and ("%s (%s)"):format(text, table.concat(notes, ", ")) or text
end

---@param looked zeke.Looked[]
---@param run zeke.AnalysisRun?
---@param width integer
---@return zeke.PanelLine[]
function M.of(looked, run, width)
  local lines = { { text = title(looked), group = "ZekeTitle" } }
  local progress = M.progress(run)
  if progress then
    lines[#lines + 1] = { text = progress, group = "ZekeHint" }
  end
  local kinds = by_kind(looked)
  for _, kind in ipairs(require("zeke.config").analyses) do
    local items = kinds[kind]
    if items then
      sort(items)
      lines[#lines + 1] = { text = ("%s (%d)"):format(kind, #items), group = "ZekeTitle" }
      for _, item in ipairs(items) do
        add(lines, item, width)
      end
    end
  end
  return lines
end

return M
