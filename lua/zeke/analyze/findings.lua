---What was found so far, by file: kept until it is found no more, or put aside by the person.
---A finding moves with its line. Knows no window, no diagnostics and no broker.
local M = {}

local api = vim.api
local namespace = api.nvim_create_namespace("zeke-findings")

---@class zeke.Finding
---@field kind string
---@field severity "error"|"warning"|"info"|"hint"
---@field message string
---@field suggestion string
---@field line integer where it was found, from 1
---@field mark integer? where it is now, in a loaded buffer
---@field key string the same for the same finding of another run

---@class zeke.Looked one file that was analyzed
---@field buffer integer
---@field name string
---@field kinds string[] that were asked for, in order
---@field found table<string, zeke.Finding[]> by kind
---@field stamp string what the text was then
---@field dismissed table<string, true> by key

local files = {} ---@type table<integer, zeke.Looked>

---What tells one text of a buffer from the next, without reading it.
---@param buffer integer
---@return string
function M.stamp(buffer)
  if api.nvim_buf_is_loaded(buffer) then
    return "tick " .. api.nvim_buf_get_changedtick(buffer)
  end
  local found = vim.uv.fs_stat(api.nvim_buf_get_name(buffer))
  return found and ("file %d.%d"):format(found.mtime.sec, found.mtime.nsec) or "gone"
end

---@param buffer integer
---@param line integer from 1
---@return string
local function text_at(buffer, line)
  return vim.trim(api.nvim_buf_get_lines(buffer, line - 1, line, false)[1] or "")
end

---@param looked zeke.Looked
---@param given table as the broker sends it
---@return zeke.Finding
local function finding_of(looked, given)
  local buffer = looked.buffer
  local loaded = api.nvim_buf_is_loaded(buffer)
  local line = math.max(1, given.line or 1)
  local mark, text = nil, ""
  if loaded then
    line = math.min(line, api.nvim_buf_line_count(buffer))
    mark = api.nvim_buf_set_extmark(buffer, namespace, line - 1, 0, {})
    text = text_at(buffer, line)
  end
  return {
    kind = given.kind,
    severity = given.severity or "info",
    message = given.message or "",
    suggestion = given.suggestion or "",
    line = line,
    mark = mark,
    key = table.concat({ given.kind, given.message or "", text }, "\0"),
  }
end

---@param looked zeke.Looked
---@param kind string
local function forget(looked, kind)
  for _, finding in ipairs(looked.found[kind] or {}) do
    if finding.mark and api.nvim_buf_is_loaded(looked.buffer) then
      api.nvim_buf_del_extmark(looked.buffer, namespace, finding.mark)
    end
  end
  looked.found[kind] = {}
end

---@param buffer integer
---@param name string
---@param kinds string[] that were answered
---@param stamp string of the text that was looked at
---@param found table[] as the broker sends them
---@return table<string, integer> counts by kind
function M.put(buffer, name, kinds, stamp, found)
  local looked = files[buffer]
    or { buffer = buffer, name = name, kinds = {}, found = {}, dismissed = {}, stamp = stamp }
  files[buffer], looked.name, looked.stamp = looked, name, stamp
  local counts = {}
  for _, kind in ipairs(kinds) do
    forget(looked, kind)
    counts[kind] = 0
    if not vim.tbl_contains(looked.kinds, kind) then
      table.insert(looked.kinds, kind)
    end
  end
  for _, given in ipairs(found) do
    if counts[given.kind] then
      counts[given.kind] = counts[given.kind] + 1
      table.insert(looked.found[given.kind], finding_of(looked, given))
    end
  end
  return counts
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

---@param looked zeke.Looked
---@return boolean changed its text is not what was looked at
function M.changed(looked)
  return M.stamp(looked.buffer) ~= looked.stamp
end

---@param looked zeke.Looked
---@param finding zeke.Finding
---@return integer line where it is now, from 1
function M.line(looked, finding)
  if finding.mark and api.nvim_buf_is_loaded(looked.buffer) then
    local at = api.nvim_buf_get_extmark_by_id(looked.buffer, namespace, finding.mark, {})
    return at[1] and at[1] + 1 or finding.line
  end
  return finding.line
end

---@param looked zeke.Looked
---@param kind string?
---@return zeke.Finding[] those that stand, in the order they were found
function M.standing(looked, kind)
  local standing = {}
  for _, one in ipairs(kind and { kind } or looked.kinds) do
    for _, finding in ipairs(looked.found[one] or {}) do
      if not looked.dismissed[finding.key] then
        standing[#standing + 1] = finding
      end
    end
  end
  return standing
end

---@param looked zeke.Looked
---@return integer
function M.put_aside(looked)
  local count = 0
  for _, kind in ipairs(looked.kinds) do
    for _, finding in ipairs(looked.found[kind] or {}) do
      count = count + (looked.dismissed[finding.key] and 1 or 0)
    end
  end
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

return M
