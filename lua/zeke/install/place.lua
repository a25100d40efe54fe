---Where the Python side that `:Zeke install` makes lives, and which of it counts.
---
---    <data>/zeke/venv ──▸ venvs/a       the one that counts: a symbolic link, moved in one step
---                         venvs/b       the one before, or the next one while it is made
---
---An environment knows its own path, so each is made where it will stay. Knows no Python.
local M = {}

local uv = vim.uv

local STALE_S = 1800 -- no step may take longer
local LEAST_BYTES = 32 * 1024 * 1024 -- pip alone takes half of it

---@class zeke.Stamp what was installed, as a file in the environment
---@field version string of zeke-bridge
---@field extra string "" or "local"
---@field source string the directory or the requirement that pip was given

---@return string
function M.directory()
  return vim.fn.stdpath("data") .. "/zeke"
end

---@return string path the environment that counts, there or not
function M.current()
  return M.directory() .. "/venv"
end

---@return string
function M.python()
  return M.current() .. "/bin/python"
end

---@return string path where the next environment is made
function M.next()
  local now = uv.fs_readlink(M.current())
  return M.directory() .. (now == "venvs/a" and "/venvs/b" or "/venvs/a")
end

---@param environment string
---@return zeke.Stamp?
function M.stamp(environment)
  local file = io.open(environment .. "/zeke.json", "r")
  if not file then
    return nil
  end
  local ok, stamp = pcall(vim.json.decode, file:read("*a") --[[@as string]])
  file:close()
  return ok and type(stamp) == "table" and stamp or nil
end

---@param problem string?
---@return string? sentence
local function sentence(problem)
  if not problem then
    return nil
  end
  if problem:find("ENOSPC", 1, true) then
    return "The disk is full: make room, then run `:Zeke install` again."
  end
  return ("%s cannot be written (%s): see who owns it."):format(M.directory(), problem)
end

---@return string? problem
function M.make()
  local mode = tonumber("700", 8) --[[@as any]]
  local ok, problem = pcall(vim.fn.mkdir, M.directory() .. "/venvs", "p", mode)
  return not ok and sentence(tostring(problem):gsub("^.-(E%d+:)", "%1")) or nil
end

---@param directory string
---@return boolean
local function full(directory)
  local found = uv.fs_statfs(directory)
  return found ~= nil
    and (found.bavail * found.bsize < LEAST_BYTES or found.files > 0 and found.ffree == 0)
end

---Python's own words for it do not always say so.
---@return string? problem there is no room for an environment, or for what pip unpacks on its way
function M.crowded()
  if full(M.directory()) or full(uv.os_tmpdir() or "/") then
    return sentence("ENOSPC")
  end
end

---Make the environment count.
---@param environment string of `next()`
---@param stamp zeke.Stamp
---@return string? problem
function M.adopt(environment, stamp)
  local file, why = io.open(environment .. "/zeke.json", "w")
  if not file then
    return sentence(why)
  end
  local written = file:write(vim.json.encode(stamp)) and file:close()
  if not written then
    return sentence("ENOSPC")
  end
  local found = uv.fs_lstat(M.current())
  if found and found.type ~= "link" then
    -- Somebody's own: not ours to delete.
    local moved, problem = uv.fs_rename(M.current(), M.current() .. ".before-" .. os.time())
    if not moved then
      return sentence(problem)
    end
  end
  local link = M.directory() .. "/venv.new"
  uv.fs_unlink(link)
  local _, failed = uv.fs_symlink("venvs/" .. vim.fs.basename(environment), link)
  if not failed then
    _, failed = uv.fs_rename(link, M.current())
  end
  return sentence(failed)
end

---@return string
local function lock()
  return M.directory() .. "/venvs/lock"
end

---When a process began. Its number comes again, for another one.
---@param pid integer
---@return string? ticks since the machine began; nil where there is no /proc
local function began(pid)
  local file = io.open(("/proc/%d/stat"):format(pid), "r")
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  -- The second field is a name in brackets, which may hold anything; this is the 22nd.
  return text:match("^.*%)%s" .. ("%S+ "):rep(19) .. "(%d+)")
end

---@return integer? pid, string? began
local function owner()
  local file = io.open(lock(), "r")
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  local pid, start = text:match("^(%d+) ?(%d*)")
  local number = tonumber(pid) --[[@as integer?]]
  return number, start ~= "" and start or nil
end

---@return integer? pid of the Neovim that is at it, when that lives
local function holder()
  local pid, start = owner()
  if not pid or pid == vim.fn.getpid() or uv.kill(pid, 0) ~= 0 then
    return nil
  elseif start and began(pid) and began(pid) ~= start then
    return nil
  end
  local found = uv.fs_stat(lock())
  return found and os.time() - found.mtime.sec < STALE_S and pid or nil
end

---Only one Neovim makes an environment at a time.
---@return string? problem
function M.lock()
  local pid = holder()
  if pid then
    local text =
      "Another Neovim (process %d) is installing: wait for it, or delete %s if it is not."
    return text:format(pid, vim.fn.fnamemodify(lock(), ":~"))
  end
  uv.fs_unlink(lock())
  local mode = tonumber("600", 8) --[[@as integer]]
  local file, problem = uv.fs_open(lock(), "wx", mode)
  if not file then
    return sentence(problem)
  end
  local own = vim.fn.getpid()
  uv.fs_write(file, ("%d %s"):format(own, began(own) or ""))
  uv.fs_close(file)
end

---@return boolean
local function ours()
  return owner() == vim.fn.getpid()
end

---The installation goes on: its next step begins.
function M.hold()
  if ours() then
    local now = os.time()
    uv.fs_utime(lock(), now, now)
  end
end

function M.unlock()
  if ours() then
    uv.fs_unlink(lock())
  end
end

return M
