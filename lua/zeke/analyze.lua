---`:ZekeAnalyze`: findings as diagnostics, one namespace for each kind, and as a quickfix list.
local M = {}

local api = vim.api

local SEVERITY = {
  error = vim.diagnostic.severity.ERROR,
  warning = vim.diagnostic.severity.WARN,
  info = vim.diagnostic.severity.INFO,
  hint = vim.diagnostic.severity.HINT,
}
local TYPE = { "E", "W", "I", "N" }

local lists = {} ---@type table<integer, integer> quickfix list id by buffer

---@param kind string
---@return integer
local function namespace(kind)
  return api.nvim_create_namespace("zeke-analyze-" .. kind)
end

---@param text string
---@return string[] kinds, string? problem
function M.kinds(text)
  local known = require("zeke.config").analyses
  local kinds = {}
  for word in require("zeke.context").instruction(text):gmatch("[^%s,|]+") do
    if not vim.tbl_contains(known, word) then
      local near = require("zeke.config").nearest(word, known)
      return {}, ("There is no analysis %s: did you mean %s?"):format(word, near)
    end
    if not vim.tbl_contains(kinds, word) then
      kinds[#kinds + 1] = word
    end
  end
  return #kinds > 0 and kinds or vim.list_slice(known)
end

---@param buffer integer
---@param kinds string[]
---@param findings table[]
---@return table<string, integer> counts by kind
local function publish(buffer, kinds, findings)
  local sets, counts = {}, {}
  for _, kind in ipairs(kinds) do
    sets[kind], counts[kind] = {}, 0
  end
  local lines = api.nvim_buf_line_count(buffer)
  for _, finding in ipairs(findings) do
    local set = sets[finding.kind]
    if set then
      local advice = finding.suggestion and finding.suggestion ~= "" and "\n" .. finding.suggestion
      set[#set + 1] = {
        lnum = math.max(1, math.min(finding.line, lines)) - 1,
        col = 0,
        severity = SEVERITY[finding.severity] or SEVERITY.info,
        message = finding.message .. (advice or ""),
        source = "zeke " .. finding.kind,
        code = finding.kind,
      }
      counts[finding.kind] = counts[finding.kind] + 1
    end
  end
  for kind, set in pairs(sets) do
    vim.diagnostic.set(namespace(kind), buffer, set)
  end
  return counts
end

---Everything found in the buffer so far, of every kind.
---@param buffer integer
---@return table[] items
local function items(buffer)
  local found = {}
  for _, kind in ipairs(require("zeke.config").analyses) do
    for _, entry in ipairs(vim.diagnostic.get(buffer, { namespace = namespace(kind) })) do
      found[#found + 1] = {
        bufnr = buffer,
        lnum = entry.lnum + 1,
        col = 1,
        type = TYPE[entry.severity],
        text = ("%s: %s"):format(kind, (entry.message:gsub("%s+", " "))),
      }
    end
  end
  table.sort(found, function(a, b)
    return a.lnum < b.lnum
  end)
  return found
end

---@param buffer integer
---@param name string
---@return integer count
local function list(buffer, name)
  local found = items(buffer)
  local what = { title = "Zeke: " .. name, items = found }
  local known = lists[buffer]
  if known and vim.fn.getqflist({ id = known, title = 1 }).title == what.title then
    what.id = known
    vim.fn.setqflist({}, "r", what)
  else
    vim.fn.setqflist({}, " ", what)
    lists[buffer] = vim.fn.getqflist({ id = 0 }).id
  end
  return #found
end

---Show the list below, unless the person is busy or elsewhere. The cursor stays where it is.
---@param buffer integer
local function show(buffer)
  local idle = api.nvim_get_mode().mode == "n" and vim.fn.getcmdwintype() == ""
  if not idle or api.nvim_get_current_buf() ~= buffer or vim.fn.win_gettype() ~= "" then
    return
  end
  local window = api.nvim_get_current_win()
  vim.cmd("botright copen 6")
  if api.nvim_win_is_valid(window) then
    api.nvim_set_current_win(window)
  end
end

---@param counts table<string, integer>
---@param kinds string[]
---@param name string
---@return string
local function summary(counts, kinds, name)
  local total, parts = 0, {}
  for _, kind in ipairs(kinds) do
    total = total + counts[kind]
    parts[#parts + 1] = ("%s %d"):format(kind, counts[kind])
  end
  local things = total == 1 and "1 thing" or total .. " things"
  return ("Found %s in %s (%s)."):format(things, name, table.concat(parts, ", "))
end

---@param range zeke.Range
---@param text string names of kinds; none: all
function M.run(range, text)
  local notice = require("zeke.notice")
  local kinds, problem = M.kinds(text)
  local snippet
  if not problem then
    snippet, problem = require("zeke.context").excerpt(range)
  end
  if not snippet then
    return notice.error(problem)
  end
  local buffer = range.buffer
  require("zeke.tasks").submit("analyze", { buffer = snippet, kinds = kinds }, {
    done = function(payload)
      if not api.nvim_buf_is_loaded(buffer) then
        return notice.info(("%s was closed before its analysis ended."):format(snippet.name))
      end
      -- What was asked and not answered keeps the findings it has.
      local answered = payload.kinds or kinds
      local counts = publish(buffer, answered, payload.findings or {})
      if list(buffer, snippet.name) > 0 then
        show(buffer)
      end
      notice.info(summary(counts, answered, snippet.name))
      if payload.message and payload.message ~= "" then
        notice.warn(payload.message)
      end
    end,
    failed = function(failure)
      if failure.code ~= "cancelled" then
        notice.error(failure.message)
      end
    end,
  })
end

return M
