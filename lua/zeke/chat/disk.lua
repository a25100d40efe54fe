---Files of our own, read and written while Neovim goes on: every call returns at once and calls
---back in the main loop. Knows no chat.
local M = {}

local uv = vim.uv

local FILE = tonumber("600", 8) --[[@as integer]]
local DIRECTORY = tonumber("700", 8) --[[@as integer]]

---Run the steps of a coroutine; each `await` gives the loop free until its answer is there.
---@param steps async fun()
local function go(steps)
  local thread = coroutine.create(steps)
  local function resume(...)
    local ok, problem = coroutine.resume(thread, ...)
    if not ok then
      require("zeke.notice").internal("a file of a chat", debug.traceback(thread, problem))
    end
  end
  resume()
end

---@async
---@param call function of `vim.uv`, the last parameter of which is a callback
---@return string? problem, any result
local function await(call, ...)
  local thread = assert(coroutine.running())
  local arguments = { ... }
  arguments[#arguments + 1] = vim.schedule_wrap(function(problem, result)
    local ok, trace = coroutine.resume(thread, problem, result)
    if not ok then
      require("zeke.notice").internal("a file of a chat", debug.traceback(thread, trace))
    end
  end)
  call(unpack(arguments))
  return coroutine.yield()
end

local number = 0

---@param path string
---@return string beside it, and nobody else's
local function beside(path)
  number = number + 1
  return ("%s.%d-%d.tmp"):format(path, uv.os_getpid(), number)
end

---@async
---@param directory string
local function private(directory)
  -- It may have been made by somebody who does not mind who reads it.
  await(uv.fs_chmod, directory, DIRECTORY)
end

---Make a directory that only its owner reads.
---@async
---@param directory string
---@return string? problem
local function ensure(directory)
  local problem = await(uv.fs_mkdir, directory, DIRECTORY)
  if problem and problem:find("^ENOENT") then
    problem = ensure(vim.fs.dirname(directory)) or await(uv.fs_mkdir, directory, DIRECTORY)
  end
  return problem and not problem:find("^EEXIST") and problem or nil
end

---@async
---@param handle integer
---@param text string
---@return string? problem
local function write_all(handle, text)
  local at = 0
  while at < #text do
    local problem, count = await(uv.fs_write, handle, text:sub(at + 1), at)
    if problem then
      return problem
    end
    at = at + count
  end
  return (await(uv.fs_fsync, handle))
end

---Put a text in the place of a file: whoever reads it sees the old one or the new one.
---@param path string
---@param text string
---@param done fun(problem: string?)
function M.replace(path, text, done)
  go(function()
    local directory = vim.fs.dirname(path)
    local problem = ensure(directory)
    if problem then
      return done(problem)
    end
    private(directory)
    local half = beside(path)
    local failed, handle = await(uv.fs_open, half, "wx", FILE)
    if failed then
      return done(failed)
    end
    failed = write_all(handle, text)
    failed = await(uv.fs_close, handle) or failed
    failed = failed or await(uv.fs_rename, half, path)
    if failed then
      await(uv.fs_unlink, half)
    end
    done(failed)
  end)
end

---The same at the end of Neovim, which waits for it.
---@param path string
---@param text string
function M.replace_at_exit(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), "p", DIRECTORY --[[@as string]]) -- a number, in truth
  local half = beside(path)
  local handle = uv.fs_open(half, "wx", FILE)
  if handle then
    local count = uv.fs_write(handle, text, 0)
    uv.fs_close(handle)
    if count == #text then
      uv.fs_rename(half, path)
    else
      uv.fs_unlink(half)
    end
  end
end

---@param path string
---@param most integer bytes
---@param done fun(problem: string?, text: string?)
function M.read(path, most, done)
  go(function()
    local problem, stat = await(uv.fs_stat, path)
    if problem or stat.type ~= "file" then
      return done(problem or "it is no file") -- a pipe would never answer
    end
    local handle
    problem, handle = await(uv.fs_open, path, "r", 0)
    if problem then
      return done(problem)
    end
    local failed, text = await(uv.fs_read, handle, most, 0)
    await(uv.fs_close, handle)
    done(failed, text)
  end)
end

---@async
---@param path string
---@param text string
local function append(path, text)
  local directory = vim.fs.dirname(path)
  ensure(directory)
  private(directory)
  local problem, handle = await(uv.fs_open, path, "a", FILE)
  if not problem then
    await(uv.fs_chmod, path, FILE)
    write_all(handle, text)
    await(uv.fs_close, handle)
  end
end

local unwritten = {} ---@type table<string, string[]> by path; the first of each is on its way

---Neovim ends: nothing is called back any more. What is on its way may be written twice.
local function append_at_exit()
  for path, texts in pairs(unwritten) do
    vim.fn.mkdir(vim.fs.dirname(path), "p", DIRECTORY --[[@as string]]) -- a number, in truth
    local handle = uv.fs_open(path, "a", FILE)
    if handle then
      uv.fs_write(handle, table.concat(texts))
      uv.fs_close(handle)
    end
  end
end

---Texts go behind each other as they come. Each has to be one of which a second copy does no harm.
---@param path string
---@param text string
function M.append(path, text)
  local texts = unwritten[path]
  if texts then
    texts[#texts + 1] = text
    return
  end
  unwritten[path] = { text }
  vim.api.nvim_create_autocmd("VimLeavePre", {
    group = vim.api.nvim_create_augroup("zeke-disk", { clear = true }),
    callback = append_at_exit,
  })
  go(function()
    texts = unwritten[path]
    while #texts > 0 do
      append(path, texts[1])
      table.remove(texts, 1)
    end
    unwritten[path] = nil
  end)
end

---@param path string
---@param text string
---@param done fun(made: boolean) false: it was there
function M.make(path, text, done)
  go(function()
    ensure(vim.fs.dirname(path))
    local problem, handle = await(uv.fs_open, path, "wx", FILE)
    if not problem then
      write_all(handle, text)
      await(uv.fs_close, handle)
    end
    done(problem == nil)
  end)
end

---@param path string
---@param done fun()?
function M.remove(path, done)
  uv.fs_unlink(path, vim.schedule_wrap(done or function() end))
end

---@class zeke.FileEntry
---@field name string
---@field changed number seconds
---@field size integer

---@param directory string
---@param ending string
---@param done fun(entries: zeke.FileEntry[]) the latest first
function M.list(directory, ending, done)
  go(function()
    local found = {} ---@type zeke.FileEntry[]
    local _, reader = await(uv.fs_scandir, directory)
    while reader do
      local name = uv.fs_scandir_next(reader)
      if not name then
        break
      elseif vim.endswith(name, ending) then
        local _, stat = await(uv.fs_stat, vim.fs.joinpath(directory, name))
        if stat and stat.type == "file" then
          found[#found + 1] = {
            name = name,
            changed = stat.mtime.sec + stat.mtime.nsec / 1e9,
            size = stat.size,
          }
        end
      end
    end
    table.sort(found, function(one, other)
      return one.changed > other.changed
    end)
    done(found)
  end)
end

return M
