---Where the files are that can be mentioned. Their names come from the broker, which leaves out
---what git ignores and what is secret; completion uses what came last.
local M = {}

local FRESH_MS = 10000

---@class zeke.Listed
---@field root string
---@field files string[] from the root
---@field at integer

local listed = {} ---@type table<string, zeke.Listed> by directory
local waiting = {} ---@type table<string, fun()[]>

---Ask for the names again, unless they are new.
---@param cwd string
---@param done fun()? called once, now or later, whether or not there are any
function M.refresh(cwd, done)
  local known = listed[cwd]
  if known and vim.uv.now() - known.at < FRESH_MS then
    return done and done()
  end
  local first = not waiting[cwd]
  waiting[cwd] = waiting[cwd] or {}
  table.insert(waiting[cwd], done)
  if not first then
    return
  end
  local params = { what = "files", cwd = cwd, here = vim.fn.getcwd() }
  require("zeke.replies").ask("state.get", params, function(data)
    if data then
      listed[cwd] = { root = data.root, files = data.files or {}, at = vim.uv.now() }
    end
    local all = waiting[cwd]
    waiting[cwd] = nil
    for _, one in ipairs(all) do
      one()
    end
  end)
end

---@param cwd string
---@return boolean ready whether there are names, perhaps old ones
function M.ready(cwd)
  return listed[cwd] ~= nil
end

---@param root string
---@param cwd string
---@return fun(path: string): string path from the working directory
local function from_here(root, cwd)
  local real = vim.uv.fs_realpath(cwd) or cwd
  if real == root then
    return function(path)
      return path
    end
  end
  local inner = vim.fs.relpath(root, real)
  if not inner then
    return function(path)
      return root .. "/" .. path
    end
  end
  local prefix = inner .. "/"
  local up = ("../"):rep(select(2, prefix:gsub("/", "")))
  return function(path)
    return vim.startswith(path, prefix) and path:sub(#prefix + 1) or up .. path
  end
end

---@param cwd string
---@return string[] the project's files, as one writes them there
function M.files(cwd)
  local known = listed[cwd]
  if not known then
    return {}
  end
  return vim.tbl_map(from_here(known.root, cwd), known.files)
end

---@param name string
---@param origin zeke.Standpoint
---@return string[] absolute paths that it may mean, the likeliest first
local function meanings(name, origin)
  if name:find("^[/~]") then
    return { vim.fs.normalize(name, { expand_env = false }) }
  end
  local base = origin.base
  local bases = { base }
  bases[#bases + 1] = listed[base] and listed[base].root or vim.fs.root(base, ".git")
  local path = origin.buffer and require("zeke.context").path_of(origin.buffer) or ""
  -- What belongs to another project means no file of the one the person is in.
  if path ~= "" and not origin.away then
    bases[#bases + 1] = vim.fs.root(path, ".git")
  end
  return vim.tbl_map(function(one)
    return vim.fs.normalize(one .. "/" .. name, { expand_env = false })
  end, bases)
end

---@param name string
---@return integer? buffer loaded, of that very path
function M.buffer(name)
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buffer) and require("zeke.context").path_of(buffer) == name then
      return buffer
    end
  end
end

---@param name string
---@param origin zeke.Standpoint
---@return string? path absolute, of a file on disk or in a buffer
---@return string? kind of what is there instead
function M.file(name, origin)
  local other
  for _, path in ipairs(meanings(name, origin)) do
    local stat = vim.uv.fs_stat(path)
    if stat and stat.type == "file" or not stat and M.buffer(path) then
      return path
    end
    other = other or stat and stat.type
  end
  return nil, other
end

---@param word string
---@param known string[]
---@return string advice
function M.meant(word, known)
  if #known == 0 then
    return "."
  end
  local best = vim.fn.matchfuzzy(known, word, { limit = 1 })[1]
  if not best then
    local like = vim.tbl_filter(function(name)
      return math.abs(#name - #word) <= 2
    end, known)
    best = require("zeke.config").nearest(word, vim.list_slice(like, 1, 200))
  end
  return best and (": did you mean %s?"):format(best) or "."
end

return M
