---Which process has a chat open: `pid start boot host` in a file beside it. A number of a process
---is used again, so its start goes with it, and the boot in which it was; `-` where nobody knows.
local M = {}

local uv = vim.uv

---@param path string of procfs, where nothing waits
---@return string?
local function first_line(path)
  local file = io.open(path, "r")
  local line = file and file:read("*l")
  if file then
    file:close()
  end
  return line
end

---@param pid integer
---@return string? state a letter, as of proc_pid_stat(5); nil: nobody knows
---@return string? start
local function process(pid)
  local stat = first_line(("/proc/%d/stat"):format(pid))
  -- The name of the program is in brackets, with anything in it.
  local fields = stat and vim.split(stat:match(".*%) (.*)$") or "", " ", { plain = true })
  if fields and #fields >= 20 then
    return fields[1], fields[20] -- 3 and 22 of the whole line
  end
end

---@return string
local function boot()
  return first_line("/proc/sys/kernel/random/boot_id") or "-"
end

---@return string what says that it is this process
function M.holder()
  local pid = uv.os_getpid()
  local _, start = process(pid)
  return ("%d %s %s %s"):format(pid, start or "-", boot(), uv.os_gethostname())
end

---@param text string of a lock
---@return boolean whether another process that lives has made it
function M.alive(text)
  local number, start, then_boot, host = text:match("^(%d+) (%S+) (%S+) (.+)$")
  local pid = tonumber(number) --[[@as integer?]]
  if not pid or host == uv.os_gethostname() and pid == uv.os_getpid() then
    return false
  elseif host ~= uv.os_gethostname() then
    return true -- nobody here can tell
  elseif then_boot ~= "-" and then_boot ~= boot() then
    return false
  end
  local _, _, code = uv.kill(pid, 0)
  local state, started = process(pid)
  if code == "ESRCH" or state == "Z" or state == "X" then
    return false
  end
  return not started or start == "-" or started == start
end

return M
