---`:ZekeAnalyze`: has files looked at, and says how far that is.
local M = {}

local api = vim.api

-- As many tasks as a broker takes at once, with room for others.
local MOST_FILES = 48
local CHANGED = "changed"

---@class zeke.Target
---@field buffer integer
---@field name string
---@field kinds string[]
---@field params table the fields of `task.submit`

---@class zeke.AnalysisRun
---@field total integer
---@field done integer
---@field failed integer
---@field counts table<string, integer>
---@field names string[]
---@field kinds string[] as they were asked for
---@field from integer the buffer it was asked in

---@param text string
---@return {kinds: string[], changed: boolean}?, string? problem
function M.parse(text)
  local known, kinds, changed = require("zeke.config").analyses, {}, false
  for word in require("zeke.context").instruction(text):gmatch("[^%s,|]+") do
    if word == CHANGED then
      changed = true
    elseif not vim.tbl_contains(known, word) then
      local near = require("zeke.config").nearest(word, vim.list_extend({ CHANGED }, known))
      return nil, ("There is no analysis %s: did you mean %s?"):format(word, near)
    elseif not vim.tbl_contains(kinds, word) then
      kinds[#kinds + 1] = word
    end
  end
  return { kinds = #kinds > 0 and kinds or vim.list_slice(known), changed = changed }
end

---@param lead string
---@return string[]
function M.complete(lead)
  local words = vim.list_extend(vim.list_slice(require("zeke.config").analyses), { CHANGED })
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, words)
end

---@param run zeke.AnalysisRun
---@return string
local function summary(run)
  local total, parts = 0, {}
  for _, kind in ipairs(run.kinds) do
    if run.counts[kind] then
      total = total + run.counts[kind]
      parts[#parts + 1] = ("%s %d"):format(kind, run.counts[kind])
    end
  end
  local things = total == 1 and "1 thing" or total .. " things"
  local well = run.total - run.failed
  local where = run.total == 1 and run.names[1]
    or ("%d %s"):format(well, well == 1 and "file" or "files")
  return ("Found %s in %s (%s)."):format(things, where, table.concat(parts, ", "))
end

---@param run zeke.AnalysisRun
---@param progress zeke.Progress?
local function ended(run, progress)
  run.done = run.done + 1
  require("zeke.analyze.view").refresh(run)
  if progress then
    local text = ("%d of %d files"):format(run.done, run.total)
    progress:report(text, math.floor(100 * run.done / run.total))
  end
  if run.done < run.total then
    return
  end
  if progress then
    progress:over(run.failed == 0)
  end
  if next(run.counts) then
    require("zeke.notice").info(summary(run))
  end
end

---@param run zeke.AnalysisRun
---@param target zeke.Target
---@param stamp string
---@param payload table
local function arrived(run, target, stamp, payload)
  local notice = require("zeke.notice")
  if not api.nvim_buf_is_valid(target.buffer) then
    run.failed = run.failed + 1
    return notice.info(("%s was closed before its analysis ended."):format(target.name))
  end
  -- What was asked and not answered keeps the findings it has.
  local answered = payload.kinds or target.kinds
  local found = payload.findings or {}
  local findings = require("zeke.analyze.findings")
  local counts = findings.put(target.buffer, target.name, answered, stamp, found)
  for kind, count in pairs(counts) do
    run.counts[kind] = (run.counts[kind] or 0) + count
  end
  if require("zeke.analyze.publish").run({ target.buffer }) > 0 then
    require("zeke.analyze.view").offer(run.from)
  end
  if payload.message and payload.message ~= "" then
    notice.warn(payload.message)
  end
end

---@param run zeke.AnalysisRun
---@param target zeke.Target
---@param progress zeke.Progress?
---@return string id of the task
local function submit(run, target, progress)
  local stamp = require("zeke.analyze.findings").stamp(target.buffer)
  return require("zeke.tasks").submit("analyze", target.params, {
    done = function(payload)
      arrived(run, target, stamp, payload)
      ended(run, progress)
    end,
    failed = function(failure)
      run.failed = run.failed + 1
      if failure.code ~= "cancelled" then
        local of = run.total > 1 and target.name .. ": " or ""
        require("zeke.notice").error(of .. failure.message)
      end
      ended(run, progress)
    end,
  })
end

---@param targets zeke.Target[]
---@return string[] kinds of all of them, in the order they are named
local function kinds_of(targets)
  local kinds = {}
  for _, target in ipairs(targets) do
    for _, kind in ipairs(target.kinds) do
      if not vim.tbl_contains(kinds, kind) then
        kinds[#kinds + 1] = kind
      end
    end
  end
  return kinds
end

---@param targets zeke.Target[]
local function start(targets)
  local run = {
    total = #targets,
    done = 0,
    failed = 0,
    counts = {},
    kinds = kinds_of(targets),
    names = vim.tbl_map(function(target)
      return target.name
    end, targets),
    from = api.nvim_get_current_buf(),
  }
  local ids = {} ---@type string[]
  local progress = #targets > 1
      and require("zeke.progress").start("Zeke analyzes", function()
        vim.tbl_map(require("zeke.tasks").cancel, ids)
      end)
    or nil
  if #targets > 1 then
    require("zeke.analyze.view").open(false)
  end
  require("zeke.analyze.view").refresh(run)
  for _, target in ipairs(targets) do
    ids[#ids + 1] = submit(run, target, progress)
  end
end

---@param range zeke.Range
---@param kinds string[]
---@return zeke.Target?, string? problem
local function target_of(range, kinds)
  local snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return nil, problem
  end
  local params = { buffer = snippet, kinds = kinds }
  return { buffer = range.buffer, name = snippet.name, kinds = kinds, params = params }
end

---A file as it stands in Neovim, or, where it is not open, as the broker will read it.
---@param path string absolute
---@param name string
---@param kinds string[]
---@return zeke.Target?
local function file_target(path, name, kinds)
  local buffer = vim.fn.bufadd(path)
  if api.nvim_buf_is_loaded(buffer) then
    local last = api.nvim_buf_line_count(buffer)
    return (target_of({ buffer = buffer, first = 1, last = last }, kinds))
  end
  return { buffer = buffer, name = name, kinds = kinds, params = { path = path, kinds = kinds } }
end

---@param kinds string[]
local function run_changed(kinds)
  local notice = require("zeke.notice")
  require("zeke.replies").state("changed", function(data, problem)
    if not data then
      return notice.error(problem or "The broker did not say what changed.")
    end
    local targets = {}
    for index, name in ipairs(data.files) do
      if index <= MOST_FILES then
        targets[#targets + 1] = file_target(data.root .. "/" .. name, name, kinds)
      end
    end
    if #targets == 0 then
      return notice.info("No file that may be looked at has changed since the last commit.")
    elseif #data.files > MOST_FILES then
      local text = "%d files have changed: the first %d are looked at."
      notice.warn(text:format(#data.files, MOST_FILES))
    end
    start(targets)
  end)
end

---@param range zeke.Range
---@param text string names of kinds (none: all), and `changed` for the project's changed files
function M.run(range, text)
  local wish, problem = M.parse(text)
  if wish and wish.changed then
    return run_changed(wish.kinds)
  end
  local target
  if wish then
    target, problem = target_of(range, wish.kinds)
  end
  if not target then
    return require("zeke.notice").error(problem --[[@as string]])
  end
  start({ target })
end

---Look once more at the files that have findings or had some.
---@param all boolean also at those that have not changed
function M.again(all)
  local findings, targets = require("zeke.analyze.findings"), {}
  for _, looked in ipairs(findings.files()) do
    if all or findings.changed(looked) then
      local path = api.nvim_buf_get_name(looked.buffer)
      targets[#targets + 1] = file_target(path, looked.name, vim.list_slice(looked.kinds))
    end
  end
  if #targets == 0 then
    local text = "Nothing has changed since it was looked at: R looks at all of it again."
    return require("zeke.notice").info(text)
  end
  start(targets)
end

return M
