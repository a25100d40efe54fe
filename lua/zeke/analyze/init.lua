---`:ZekeAnalyze`: has files looked at, and says how far that is.
local M = {}

local api = vim.api

-- As many tasks as a broker takes at once, with room for others.
local MOST_FILES = 48
local CHANGED = "changed"
---What a failure is of a file, by its code.
local STATES =
  { cancelled = "cancelled", denied = "denied", bad_input = "unsuited", unsuited = "unsuited" }
local CLOSED = "Its buffer was closed before the analysis ended."

---@class zeke.Target
---@field buffer integer
---@field name string
---@field kinds string[]
---@field area zeke.Area
---@field stamp string of the text that goes along; empty when the broker reads it
---@field params table? the fields of `task.submit`
---@field problem string? why there are none

---@param text string
---@return {kinds: string[], changed: boolean}?, string? problem
function M.parse(text)
  local known, kinds, changed = require("zeke.config").analyses, {}, false
  for word in require("zeke.context").instruction(text):gmatch("[^%s,|]+") do
    if word == CHANGED then
      changed = true
    elseif not vim.tbl_contains(known, word) then
      local names = vim.list_extend({ CHANGED }, known)
      local near = require("zeke.config").nearest(word, names)
      local advice = near and ("did you mean %s?"):format(near)
        or ("there are %s."):format(table.concat(names, ", "))
      return nil, ("There is no analysis %s: %s"):format(word, advice)
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
---@param progress zeke.Progress?
local function ended(run, progress)
  local report = require("zeke.analyze.report")
  run.done = run.done + 1
  require("zeke.analyze.view").refresh(run)
  if progress then
    progress:report(report.progress(run), math.floor(100 * run.done / run.total))
  end
  if run.done == run.total then
    if progress then
      progress:over(run.failed + run.cancelled + run.denied == 0)
    end
    report.tell(run)
  end
end

---It was not looked at, or not for all kinds.
---@param target zeke.Target
---@param kinds string[]
local function put_off(target, kinds)
  if #kinds > 0 and api.nvim_buf_is_valid(target.buffer) then
    local areas = require("zeke.analyze.areas")
    local first, last = areas.where(target.area)
    local area = areas.new(target.buffer, first, last, kinds)
    require("zeke.analyze.findings").put_off(target.name, area)
  end
end

---@param run zeke.AnalysisRun
---@param target zeke.Target
---@param failure {code: string, message: string}
local function failed(run, target, failure)
  local state = STATES[failure.code] or "failed"
  run[state] = run[state] + 1
  -- A no is an answer, and an empty file stays one: neither is asked for again.
  if state == "failed" or state == "cancelled" then
    put_off(target, target.kinds)
  end
  require("zeke.analyze.areas").free(target.area)
  if state ~= "cancelled" then
    local level = state == "unsuited" and run.total > 1 and "info" or "error"
    require("zeke.analyze.report").note(run, level, failure.message, target.name)
  end
end

---@param run zeke.AnalysisRun
---@param target zeke.Target
---@param payload table
local function arrived(run, target, payload)
  local report = require("zeke.analyze.report")
  if not api.nvim_buf_is_valid(target.buffer) then
    run.failed = run.failed + 1
    return report.note(run, "info", CLOSED, target.name)
  end
  -- What was asked and not answered keeps the findings it has.
  local answered, area = payload.kinds or target.kinds, target.area
  put_off(
    target,
    vim.tbl_filter(function(kind)
      return not vim.tbl_contains(answered, kind)
    end, target.kinds)
  )
  area.kinds, area.stamp = answered, target.stamp
  if payload.stamp and payload.stamp ~= "" then
    area.stamp = payload.stamp
  end
  local findings = require("zeke.analyze.findings")
  report.count(run, findings.put(target.name, area, payload.findings or {}))
  if require("zeke.analyze.publish").run({ target.buffer }) > 0 then
    require("zeke.analyze.view").offer(run.from)
  end
  if payload.message and payload.message ~= "" then
    report.note(run, "warn", payload.message, target.name)
  end
end

---@param run zeke.AnalysisRun
---@param target zeke.Target
---@param progress zeke.Progress?
---@return string id of the task
local function submit(run, target, progress)
  return require("zeke.tasks").submit("analyze", target.params --[[@as table]], {
    done = function(payload)
      arrived(run, target, payload)
      ended(run, progress)
    end,
    failed = function(failure)
      failed(run, target, failure)
      ended(run, progress)
    end,
  })
end

---@param targets zeke.Target[]
local function start(targets)
  require("zeke.analyze.follow").start()
  local run = require("zeke.analyze.report").new(targets)
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
    if target.params then
      ids[#ids + 1] = submit(run, target, progress)
    else
      failed(run, target, { code = "unsuited", message = target.problem or "" })
      ended(run, progress)
    end
  end
end

---@param range zeke.Range
---@param name string? unless the buffer's own
---@param kinds string[]
---@return zeke.Target
local function target_of(range, name, kinds)
  local snippet, problem = require("zeke.context").excerpt(range)
  local buffer = range.buffer
  return {
    buffer = buffer,
    name = snippet and snippet.name or name or "",
    kinds = kinds,
    area = require("zeke.analyze.areas").new(buffer, range.first, range.last, kinds),
    stamp = snippet and require("zeke.analyze.texts").stamp(snippet.text) or "",
    params = snippet and { buffer = snippet, kinds = kinds },
    problem = problem,
  }
end

---A file as it stands in Neovim, or, where it is not open, as the broker will read it.
---@param path string absolute; of a buffer without a file, its name
---@param name string
---@param kinds string[]
---@param buffer integer
---@param first integer?
---@param last integer? inclusive, or -1: to the end
---@return zeke.Target
local function file_target(path, name, kinds, buffer, first, last)
  if api.nvim_buf_is_loaded(buffer) then
    local count = api.nvim_buf_line_count(buffer)
    last = last and last > 0 and math.min(last, count) or count
    return target_of({ buffer = buffer, first = first or 1, last = last }, name, kinds)
  end
  return {
    buffer = buffer,
    name = name,
    kinds = kinds,
    area = require("zeke.analyze.areas").new(buffer, 1, -1, kinds),
    stamp = "",
    params = { path = path, kinds = kinds },
  }
end

---@param data {files: string[], left: integer, whole: boolean}
---@return string? what is not looked at
local function left_out(data)
  local parts = {}
  if #data.files > MOST_FILES then
    local text = "%d files have changed: the first %d are looked at."
    parts[#parts + 1] = text:format(#data.files, MOST_FILES)
  end
  if data.whole == false then
    parts[#parts + 1] = "More have changed than could be listed."
  end
  if (data.left or 0) > 0 then
    parts[#parts + 1] = ("%d left out (secrets, links, other projects)."):format(data.left)
  end
  return #parts > 0 and table.concat(parts, " ") or nil
end

---Where Neovim is in no repository, the file that the person is in may be.
---@param answered zeke.Answered
local function ask_changed(answered)
  local replies, path = require("zeke.replies"), require("zeke.context").path_of(0)
  replies.state("changed", function(data, problem)
    if data or path == "" then
      return answered(data, problem)
    end
    replies.ask("state.get", { what = "changed", cwd = vim.fs.dirname(path) }, answered)
  end)
end

---@param kinds string[]
local function run_changed(kinds)
  local notice = require("zeke.notice")
  ask_changed(function(data, problem)
    if not data then
      return notice.error(problem or "The broker did not say what changed.")
    end
    local targets = {}
    for index, name in ipairs(data.files) do
      if index <= MOST_FILES then
        local path = data.root .. "/" .. name
        targets[#targets + 1] = file_target(path, name, kinds, vim.fn.bufadd(path))
      end
    end
    local left = left_out(data)
    if #targets == 0 then
      local text = "No file that may be looked at has changed since the last commit."
      return notice.info(left and text .. " " .. left or text)
    elseif left then
      notice.warn(left)
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
  local target = wish and target_of(range, nil, wish.kinds)
  problem = problem or target and target.problem
  if problem or not target then
    if target then
      require("zeke.analyze.areas").free(target.area)
    end
    return require("zeke.notice").error(problem --[[@as string]])
  end
  start({ target })
end

---Files that are gone, whose findings are nobody's any more.
---@param gone zeke.Looked[]
function M.drop(gone)
  local names = vim.tbl_map(function(looked)
    require("zeke.analyze.findings").drop(looked)
    return looked.name
  end, gone)
  if #names > 0 then
    require("zeke.analyze.publish").clear(gone)
    require("zeke.analyze.view").refresh()
    local text = #names == 1 and "%s is gone: its findings are dropped."
      or "%s are gone: their findings are dropped."
    require("zeke.notice").info(text:format(table.concat(names, ", ")))
  end
end

---Look once more at what was looked at before, or should have been.
---@param all boolean also at what has not changed
function M.again(all)
  local findings, targets, gone = require("zeke.analyze.findings"), {}, {}
  for _, looked in ipairs(findings.files()) do
    if require("zeke.analyze.texts").gone(looked.buffer) then
      gone[#gone + 1] = looked
    else
      local path = api.nvim_buf_get_name(looked.buffer)
      for _, due in ipairs(require("zeke.analyze.areas").due(looked.areas, all)) do
        targets[#targets + 1] =
          file_target(path, looked.name, due.kinds, looked.buffer, due.first, due.last)
      end
    end
  end
  M.drop(gone)
  if #targets > MOST_FILES then
    local text = "%d places are to be looked at again: these are the first %d."
    require("zeke.notice").warn(text:format(#targets, MOST_FILES))
    for _, target in ipairs(vim.list_slice(targets, MOST_FILES + 1)) do
      require("zeke.analyze.areas").free(target.area)
    end
    targets = vim.list_slice(targets, 1, MOST_FILES)
  end
  if #targets > 0 then
    return start(targets)
  elseif #gone == 0 then
    local text = "Nothing has changed since it was looked at: R looks at all of it again."
    require("zeke.notice").info(text)
  end
end

return M
