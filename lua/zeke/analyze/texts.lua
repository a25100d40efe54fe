---The texts of files, told apart by what is in them: one that is only opened is the same as before.
---Computed once for each state of a buffer or a file.
local M = {}

local api = vim.api

local MOST_BYTES = 256 * 1024 -- a broker reads no more of a file
local BYTE_ORDER_MARK = "^\239\187\191"

local known = {} ---@type table<integer, {state: string, stamps: table<string, string>}> by buffer

---@param text string
---@return string with "\n" between its lines
local function plain(text)
  return (text:gsub("\r\n", "\n"):gsub("\r", "\n"))
end

---@param text string as it goes to the broker
---@return string
function M.stamp(text)
  return vim.fn.sha256(plain(text))
end

---@param buffer integer
---@return string? state of the file on disk; nil when there is none
local function on_disk(buffer)
  local name = api.nvim_buf_get_name(buffer)
  local found = name ~= "" and vim.uv.fs_stat(name) or nil
  if found and found.type == "file" then
    return ("file %d.%d %d"):format(found.mtime.sec, found.mtime.nsec, found.size)
  end
end

---@param buffer integer
---@return boolean gone it is not open, and there is nothing to open
function M.gone(buffer)
  return not api.nvim_buf_is_loaded(buffer) and not on_disk(buffer)
end

---@param buffer integer
---@return string changes whenever the text may have changed
local function state(buffer)
  if api.nvim_buf_is_loaded(buffer) then
    return "tick " .. api.nvim_buf_get_changedtick(buffer)
  end
  return on_disk(buffer) or "gone"
end

---@param path string
---@return string[]? lines nil when it cannot be read, or is longer than what is analyzed
local function lines_of_file(path)
  local file = io.open(path, "rb")
  local text = file and file:read(MOST_BYTES + 1) or nil
  if file then
    file:close()
  end
  if not text or #text > MOST_BYTES then
    return nil
  end
  text = plain((text:gsub(BYTE_ORDER_MARK, ""):gsub("%z", "\n")))
  return vim.split((text:gsub("\n$", "")), "\n", { plain = true })
end

---@param buffer integer
---@param first integer
---@param last integer inclusive, or -1: to the end
---@return string?
local function computed(buffer, first, last)
  local lines ---@type string[]?
  if api.nvim_buf_is_loaded(buffer) then
    lines = api.nvim_buf_get_lines(buffer, first - 1, last, false)
  else
    local all = lines_of_file(api.nvim_buf_get_name(buffer))
    lines = all and vim.list_slice(all, first, last < 0 and #all or math.min(last, #all))
  end
  return lines and M.stamp(table.concat(lines, "\n"))
end

---@param buffer integer loaded or not
---@param first integer from 1
---@param last integer inclusive, or -1: to the end
---@return string
function M.now(buffer, first, last)
  local at, key = state(buffer), first .. "," .. last
  if not known[buffer] or known[buffer].state ~= at then
    known[buffer] = { state = at, stamps = {} }
  end
  local stamps = known[buffer].stamps
  stamps[key] = stamps[key] or computed(buffer, first, last) or at
  return stamps[key]
end

return M
