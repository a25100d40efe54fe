---Whether this plugin and the Python side are of versions that go together, and what to do if not.
---The Python side refuses a newer plugin; a newer Python side serves an older plugin as it always
---did, and the person hears of it once.
local M = {}

---@param version string
---@return integer[]
local function numbers(version)
  local found = {}
  for digits in version:gmatch("%d+") do
    found[#found + 1] = tonumber(digits)
  end
  return found
end

---@param one string
---@param other string
---@return boolean
function M.newer(one, other)
  local a, b = numbers(one), numbers(other)
  for index = 1, math.max(#a, #b) do
    local left, right = a[index] or 0, b[index] or 0
    if left ~= right then
      return left > right
    end
  end
  return false
end

---@return string how to get the Python side of this plugin's version
local function remedy()
  local chosen = require("zeke.config").get().python or vim.g.zeke_python
  if type(chosen) ~= "string" or chosen == "" then
    return "run `:Zeke install`."
  end
  return (
    "run `%s -m pip install --upgrade zeke-bridge`, or take the setting `python` away "
    .. "and run `:Zeke install`."
  ):format(chosen)
end

---@param message string what a Python side that is too old said
---@return string sentence
function M.refused(message)
  local theirs = message:match("version (%d[%w.+-]*)")
  return ("The Python side is version %s, older than this plugin (%s): %s"):format(
    theirs and theirs:gsub("[.,]+$", "") or "unknown",
    require("zeke.version"),
    remedy()
  )
end

local told ---@type string?

---@param version string of the broker that greeted
---@return string? sentence for the person, once for each version
function M.greeted(version)
  local ours = require("zeke.version")
  if type(version) ~= "string" or told == version or not M.newer(version, ours) then
    return nil
  end
  told = version
  return ("The Python side is version %s, newer than this plugin (%s): update the plugin."):format(
    version,
    ours
  )
end

return M
