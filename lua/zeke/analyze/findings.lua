---What was found so far, by file: kept until it is found no more, or put aside by the person.
---A finding moves with its line, and is found again by its text when the file is read anew. Knows
---no window, no diagnostics and no broker.
local M = {}

local api = vim.api
local namespace = api.nvim_create_namespace("zeke-findings")

---@class zeke.Finding
---@field kind string
---@field severity "error"|"warning"|"info"|"hint"
---@field message string
---@field suggestion string
---@field text string of its line
---@field line integer where it was when that was last known, from 1
---@field mark integer? where it is now, in a loaded buffer
---@field key string the same for the same finding of another run

---@class zeke.Looked one file that was analyzed
---@field buffer integer
---@field name string
---@field kinds string[] that were answered, in order
---@field found table<string, zeke.Finding[]> by kind
---@field areas zeke.Area[] what was looked at, or was to be
---@field dismissed table<string, true> by key

local files = {} ---@type table<integer, zeke.Looked>

---@param looked zeke.Looked
---@param finding zeke.Finding
local function unmark(looked, finding)
  if finding.mark and api.nvim_buf_is_loaded(looked.buffer) then
    api.nvim_buf_del_extmark(looked.buffer, namespace, finding.mark)
  end
  finding.mark = nil
end

---@param lines string[]
---@param line integer
---@param text string
---@return integer the nearest line that says so; `line`, or the last, when none does
local function nearest(lines, line, text)
  line = math.min(line, #lines)
  for distance = 0, text ~= "" and #lines or -1 do
    for _, at in ipairs({ line - distance, line + distance }) do
      if lines[at] and vim.trim(lines[at]) == text then
        return at
      end
    end
  end
  return line
end

---@param looked zeke.Looked
---@param finding zeke.Finding
---@param lines string[] of the loaded buffer
local function mark(looked, finding, lines)
  unmark(looked, finding)
  finding.line = nearest(lines, finding.line, finding.text)
  finding.mark = api.nvim_buf_set_extmark(looked.buffer, namespace, finding.line - 1, 0, {})
end

---@param given table as the broker sends it
---@return zeke.Finding
local function finding_of(given)
  local message, text = given.message or "", given.text or ""
  return {
    kind = given.kind,
    severity = given.severity or "info",
    message = message,
    suggestion = given.suggestion or "",
    text = text,
    line = math.max(1, given.line or 1),
    key = table.concat({ given.kind, message, text }, "\0"),
  }
end

---@param looked zeke.Looked
---@param kind string
---@param area zeke.Area
local function forget(looked, kind, area)
  local areas, kept = require("zeke.analyze.areas"), {}
  for _, finding in ipairs(looked.found[kind] or {}) do
    if areas.holds(area, M.line(looked, finding)) then
      unmark(looked, finding)
    else
      kept[#kept + 1] = finding
    end
  end
  looked.found[kind] = kept
end

---@param buffer integer
---@param name string
---@return zeke.Looked
local function entry(buffer, name)
  local fresh = { buffer = buffer, name = name, kinds = {}, found = {}, areas = {}, dismissed = {} }
  files[buffer] = files[buffer] or fresh
  files[buffer].name = name
  return files[buffer]
end

---@param name string of the file
---@param area zeke.Area that was looked at, with its kinds that were answered and its stamp
---@param found table[] as the broker sends them
---@return table<string, integer> counts by kind of those that stand
---@return integer aside how many were dismissed before
function M.put(name, area, found)
  local buffer = area.buffer
  local looked, counts, aside = entry(buffer, name), {}, 0
  for _, kind in ipairs(area.kinds) do
    forget(looked, kind, area)
    counts[kind] = 0
    if not vim.tbl_contains(looked.kinds, kind) then
      table.insert(looked.kinds, kind)
    end
  end
  looked.areas = require("zeke.analyze.areas").with(looked.areas, area)
  local lines = api.nvim_buf_is_loaded(buffer) and api.nvim_buf_get_lines(buffer, 0, -1, false)
  for _, given in ipairs(found) do
    if counts[given.kind] then
      local finding = finding_of(given)
      if lines then
        mark(looked, finding, lines)
      end
      local dismissed = looked.dismissed[finding.key] == true
      counts[finding.kind] = counts[finding.kind] + (dismissed and 0 or 1)
      aside = aside + (dismissed and 1 or 0)
      table.insert(looked.found[finding.kind], finding)
    end
  end
  return counts, aside
end

---It was not looked at, for whatever reason: that is still to be done.
---@param name string
---@param area zeke.Area without a stamp
function M.put_off(name, area)
  local looked = entry(area.buffer, name)
  looked.areas = require("zeke.analyze.areas").with(looked.areas, area)
end

---@return zeke.Looked[] by name; those whose buffer is gone are forgotten
function M.files()
  local there = {}
  for buffer, looked in pairs(files) do
    if api.nvim_buf_is_valid(buffer) then
      there[#there + 1] = looked
    else
      files[buffer] = nil
    end
  end
  table.sort(there, function(one, other)
    return one.name == other.name and one.buffer < other.buffer or one.name < other.name
  end)
  return there
end

---@param buffer integer
---@return zeke.Looked?
function M.of(buffer)
  return files[buffer]
end

---@param looked zeke.Looked
---@return "gone"|"waiting"|"changed"|"same" what has become of it; waiting: some of it failed
function M.state(looked)
  local areas = require("zeke.analyze.areas")
  if require("zeke.analyze.texts").gone(looked.buffer) then
    return "gone"
  end
  for _, area in ipairs(looked.areas) do
    if not area.stamp then
      return "waiting"
    end
  end
  return vim.iter(looked.areas):any(areas.changed) and "changed" or "same"
end

---@param looked zeke.Looked
---@return boolean seen something of it was looked at
function M.seen(looked)
  return #looked.kinds > 0
end

---@param looked zeke.Looked
---@param finding zeke.Finding
---@return integer line where it is now, from 1
function M.line(looked, finding)
  if finding.mark and api.nvim_buf_is_loaded(looked.buffer) then
    local at = api.nvim_buf_get_extmark_by_id(looked.buffer, namespace, finding.mark, {})
    finding.line = at[1] and at[1] + 1 or finding.line
  end
  return finding.line
end

---@param looked zeke.Looked
---@param act fun(finding: zeke.Finding)
local function each(looked, act)
  for _, kind in ipairs(looked.kinds) do
    vim.iter(looked.found[kind] or {}):each(act)
  end
end

---@param looked zeke.Looked
---@param kind string?
---@return zeke.Finding[] those that stand, in the order they were found
function M.standing(looked, kind)
  local standing = {}
  each(looked, function(finding)
    if (not kind or finding.kind == kind) and not looked.dismissed[finding.key] then
      standing[#standing + 1] = finding
    end
  end)
  return standing
end

---@param looked zeke.Looked
---@return integer
function M.put_aside(looked)
  local count = 0
  each(looked, function(finding)
    count = count + (looked.dismissed[finding.key] and 1 or 0)
  end)
  return count
end

---@param looked zeke.Looked
---@param finding zeke.Finding
function M.dismiss(looked, finding)
  looked.dismissed[finding.key] = true
end

---Bring back what was put aside.
function M.restore()
  for _, looked in pairs(files) do
    looked.dismissed = {}
  end
end

---Its file is gone, and what was found in it.
---@param looked zeke.Looked
function M.drop(looked)
  files[looked.buffer] = nil
end

---The buffer was read: everything goes to its line.
---@param looked zeke.Looked
function M.settle(looked)
  local lines = api.nvim_buf_get_lines(looked.buffer, 0, -1, false)
  each(looked, function(finding)
    mark(looked, finding, lines)
  end)
  require("zeke.analyze.areas").settle(looked.areas)
end

---The buffer is about to lose its text: remember where everything was.
---@param looked zeke.Looked
function M.leave(looked)
  each(looked, function(finding)
    M.line(looked, finding)
    unmark(looked, finding)
  end)
  require("zeke.analyze.areas").leave(looked.areas)
end

return M
