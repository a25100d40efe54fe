---Where the broker's socket and token are, and that nobody else can reach them.
---The rule is that of `zeke_bridge/bridge/runtime.py`: an editor finds the socket without Python.
local M = {}

local uv = vim.uv

---@return string
function M.directory()
  local chosen = vim.env.ZEKE_RUNTIME_DIR
  if chosen and chosen ~= "" then
    return chosen
  end
  local session = vim.env.XDG_RUNTIME_DIR
  if session and session ~= "" then
    local found = uv.fs_stat(session)
    if found and found.type == "directory" then
      return session .. "/zeke"
    end
  end
  return "/tmp/zeke-" .. uv.getuid()
end

---@return string
function M.socket()
  return M.directory() .. "/broker.sock"
end

---@return boolean
function M.has_socket()
  local found = uv.fs_stat(M.socket())
  return found ~= nil and found.type == "socket"
end

---A directory that is not there yet is fine: whoever starts the broker makes it.
---@return string? problem
function M.check()
  local directory = M.directory()
  local found, message, code = uv.fs_lstat(directory)
  if not found then
    return code ~= "ENOENT" and ("%s cannot be read: %s."):format(directory, message) or nil
  end
  if found.type ~= "directory" then
    return ("%s is not a directory: remove it, then try again."):format(directory)
  end
  if found.uid ~= uv.getuid() then
    return ("%s belongs to another user: set ZEKE_RUNTIME_DIR elsewhere."):format(directory)
  end
  if bit.band(found.mode, 63) ~= 0 then -- 077
    return ("%s is open to others: run `chmod 700 %s`."):format(directory, directory)
  end
end

---@return string token empty when there is none
function M.token()
  local file = io.open(M.directory() .. "/token", "r")
  if not file then
    return ""
  end
  local text = file:read("*a") or ""
  file:close()
  return vim.trim(text)
end

return M
