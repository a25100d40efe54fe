---Which Python has the broker. Knows where to look, not how to start anything.
local M = {}

---@class zeke.Interpreter
---@field argv string[] what comes before `broker run --detach`
---@field env table<string, string>
---@field origin string where it was found, for :checkhealth

---The directory above `lua/` and `plugin/`.
---@return string
function M.root()
  local source = debug.getinfo(1, "S").source:sub(2)
  return vim.fn.fnamemodify(source, ":p:h:h:h")
end

---@param path string
---@return string
local function expanded(path)
  return vim.fn.expand(path) --[[@as string]]
end

---@param path string
---@return boolean
local function runs(path)
  return path ~= "" and vim.fn.executable(expanded(path)) == 1
end

---@param root string
---@return table<string, string>
local function environment(root)
  if not vim.uv.fs_stat(root .. "/zeke_bridge") then
    return {}
  end
  local before = vim.env.PYTHONPATH
  return { PYTHONPATH = before and before ~= "" and root .. ":" .. before or root }
end

---Every interpreter worth a try, best first. A chosen one is the only one: that it fails should
---be seen.
---@return zeke.Interpreter[]
function M.candidates()
  local root = M.root()
  local env = environment(root)
  local found = {} ---@type zeke.Interpreter[]
  local function add(path, origin)
    if type(path) == "string" and runs(path) then
      local argv = { expanded(path), "-m", "zeke_bridge" }
      found[#found + 1] = { argv = argv, env = env, origin = origin }
    end
  end
  local chosen = require("zeke.config").get().python or vim.g.zeke_python
  if type(chosen) == "string" and chosen ~= "" then
    local argv = { expanded(chosen), "-m", "zeke_bridge" }
    return { { argv = argv, env = env, origin = "chosen" } }
  end
  -- Installed as a wheel: <prefix>/lib/pythonX.Y/site-packages/zeke_bridge/nvim.
  if root:match("/zeke_bridge/nvim$") then
    add(vim.fn.fnamemodify(root, ":h:h:h:h:h") .. "/bin/python", "wheel")
  end
  add(require("zeke.install.place").python(), "`:Zeke install`")
  add(vim.g.python3_host_prog, "g:python3_host_prog")
  add(root .. "/.venv/bin/python", "plugin directory")
  if vim.fn.executable("zeke") == 1 then
    found[#found + 1] = { argv = { vim.fn.exepath("zeke") }, env = {}, origin = "zeke on $PATH" }
  end
  add("python3", "python3 on $PATH")
  return found
end

return M
