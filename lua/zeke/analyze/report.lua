---How far a run of analyses is, and the sentences that say what became of it. One run is all the
---files of one command.
local M = {}

---@class zeke.AnalysisRun
---@field total integer files
---@field done integer
---@field failed integer
---@field cancelled integer
---@field denied integer
---@field unsuited integer there is nothing in them to look at, and that stays so
---@field aside integer findings that were dismissed before
---@field counts table<string, integer> findings that stand, by kind
---@field names string[]
---@field kinds string[] as they were asked for
---@field from integer the buffer it was asked in
---@field notes {level: "info"|"warn"|"error", text: string, names: string[]}[]

---@param targets zeke.Target[]
---@return zeke.AnalysisRun
function M.new(targets)
  local run = {
    total = #targets,
    done = 0,
    failed = 0,
    cancelled = 0,
    denied = 0,
    unsuited = 0,
    aside = 0,
    counts = {},
    names = {},
    kinds = {},
    from = vim.api.nvim_get_current_buf(),
    notes = {},
  }
  for _, target in ipairs(targets) do
    run.names[#run.names + 1] = target.name
    for _, kind in ipairs(target.kinds) do
      if not vim.tbl_contains(run.kinds, kind) then
        run.kinds[#run.kinds + 1] = kind
      end
    end
  end
  return run
end

---@param run zeke.AnalysisRun
---@param counts table<string, integer>
---@param aside integer
function M.count(run, counts, aside)
  run.aside = run.aside + aside
  for kind, count in pairs(counts) do
    run.counts[kind] = (run.counts[kind] or 0) + count
  end
end

---To be said when the run has ended, once for all files that it is true of.
---@param run zeke.AnalysisRun
---@param level "info"|"warn"|"error"
---@param text string
---@param name string
function M.note(run, level, text, name)
  for _, note in ipairs(run.notes) do
    if note.text == text and note.level == level then
      note.names[#note.names + 1] = name
      return
    end
  end
  run.notes[#run.notes + 1] = { level = level, text = text, names = { name } }
end

---@param run zeke.AnalysisRun
---@return string so far
function M.progress(run)
  local text = ("%d of %d files"):format(run.done, run.total)
  return run.failed > 0 and ("%s, %d failed"):format(text, run.failed) or text
end

---@param run zeke.AnalysisRun
---@return string? what was not done
local function undone(run)
  local parts, words = {}, { unsuited = "left out" }
  for _, state in ipairs({ "failed", "cancelled", "denied", "unsuited" }) do
    if run[state] > 0 then
      parts[#parts + 1] = ("%d %s"):format(run[state], words[state] or state)
    end
  end
  return #parts > 0 and table.concat(parts, ", ") or nil
end

---@param run zeke.AnalysisRun
---@return string? sentence nil: there is nothing to say that the notes do not
function M.summary(run)
  local well = run.total - run.failed - run.cancelled - run.denied - run.unsuited
  local rest, again = undone(run), run.failed + run.cancelled > 0
  if well == 0 then
    local text = again and "Nothing was looked at (%s): r in :ZekeFindings looks again."
      or "Nothing was looked at (%s)."
    return run.total > 1 and text:format(rest) or nil
  end
  local total, parts = 0, {}
  for _, kind in ipairs(run.kinds) do
    if run.counts[kind] then
      total = total + run.counts[kind]
      parts[#parts + 1] = ("%s %d"):format(kind, run.counts[kind])
    end
  end
  if run.aside > 0 then
    parts[#parts + 1] = run.aside .. " dismissed before"
  end
  local things = total == 1 and "1 thing" or total .. " things"
  local where = run.total == 1 and run.names[1]
    or rest and ("%d of %d files"):format(well, run.total)
    or well .. " files"
  local text = ("Found %s in %s (%s)"):format(things, where, table.concat(parts, ", "))
  text = rest and ("%s; %s"):format(text, rest) or text
  return again and text .. ": r in :ZekeFindings looks there again." or text .. "."
end

---@param run zeke.AnalysisRun
function M.tell(run)
  local notice = require("zeke.notice")
  for _, note in ipairs(run.notes) do
    local of = run.total > 1 and note.names[1] .. ": " or ""
    if #note.names > 1 then
      of = ("%d files: "):format(#note.names)
    end
    notice.say(note.level, of .. note.text)
  end
  local summary = M.summary(run)
  if summary then
    notice.info(summary)
  end
end

return M
