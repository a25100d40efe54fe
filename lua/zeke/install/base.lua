---The Python that an environment is made of: the first that is new enough and can make one.
local M = {}

M.NONE = "No Python was found: install Python 3.11 or newer "
  .. "(Debian, Ubuntu: `apt install python3 python3-venv`), then run `:Zeke install` again."
M.OLD = "Python %s is too old: install Python 3.11 or newer, then run `:Zeke install` again."
M.BARE = "Python %s cannot make environments: install its venv module "
  .. "(Debian, Ubuntu: `apt install python%s-venv`), then run `:Zeke install` again."

local OLDEST = { 3, 11 }
local NAMES = {
  "python3",
  "python3.14",
  "python3.13",
  "python3.12",
  "python3.11",
  "python",
}

-- Debian ships Python without ensurepip; then its pip can fill the environment, if it is there.
local PROBE = [[
import importlib.util, json, sys
has = lambda name: importlib.util.find_spec(name) is not None
pip = 0
if has("pip"):
    import pip as module
    pip = int(module.__version__.split(".")[0])
print(json.dumps({"version": sys.version_info[:3], "venv": has("venv"),
    "ensurepip": has("ensurepip"), "pip": pip, "executable": sys.executable}))
]]

---@class zeke.Base
---@field executable string
---@field version integer[]
---@field venv boolean
---@field ensurepip boolean
---@field pip integer its pip's first number, 0 without one

---@return string[]
function M.candidates()
  local found, seen = {}, {}
  local names = vim.list_slice(NAMES) ---@type string[]
  if type(vim.g.python3_host_prog) == "string" then
    names[#names + 1] = vim.fn.expand(vim.g.python3_host_prog) --[[@as string]]
  end
  for _, name in ipairs(names) do
    local path = vim.fn.exepath(name)
    if path ~= "" and not seen[path] then
      seen[path] = true
      found[#found + 1] = path
    end
  end
  return found
end

---@param base zeke.Base
---@return string
local function number(base)
  return ("%d.%d"):format(base.version[1], base.version[2])
end

---@param base zeke.Base
---@return string? problem
function M.lacks(base)
  local major, minor = base.version[1], base.version[2]
  if major < OLDEST[1] or major == OLDEST[1] and minor < OLDEST[2] then
    return M.OLD:format(number(base))
  end
  -- `pip --python` came with pip 22.3.
  if not base.venv or not (base.ensurepip or base.pip >= 23) then
    return M.BARE:format(number(base), number(base))
  end
end

---@param run fun(argv: string[], limit: integer): vim.SystemCompleted
---@return zeke.Base? base
---@return string? problem
function M.find(run)
  local first ---@type string?
  for _, path in ipairs(M.candidates()) do
    local result = run({ path, "-I", "-c", PROBE }, 20000)
    local ok, base = pcall(vim.json.decode, result.stdout or "")
    if result.code == 0 and ok and type(base) == "table" then
      local problem = M.lacks(base)
      if not problem then
        return base
      end
      first = first or problem
    end
  end
  return nil, first or M.NONE
end

return M
