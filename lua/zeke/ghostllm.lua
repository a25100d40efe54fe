---`:ZekeAuthGhostLLM`: use a running GhostLLM from this Neovim, after a look at whether it answers.
local M = {}

local USUAL = "http://localhost:8080"

---@param lead string
---@return string[]
function M.complete(lead)
  return vim.startswith(USUAL, lead) and { USUAL } or {}
end

---@param url string
---@return string? problem
local function unsuited(url)
  if not url:match("^https?://[^%s/]+") then
    return ("Give the address of a routing core, as in `:ZekeAuthGhostLLM %s`."):format(USUAL)
  elseif url:find("%s") then
    return "An address has no blanks in it."
  elseif url:match("^https?://[^/]*@") then
    return "Keep the key out of the address: `ghostllm.api_key_env` names the variable that has it."
  end
end

---@param core table
---@return string
local function found(core)
  local names = vim.tbl_filter(function(name)
    return core.providers[name] == "healthy"
  end, vim.tbl_keys(core.providers or {}))
  table.sort(names)
  local who = #names > 0 and table.concat(names, ", ") or "none"
  return ("%s is %s; providers: %s."):format(core.where or "It", core.status or "there", who)
end

---@param text string
function M.run(text)
  local notice = require("zeke.notice")
  local url = require("zeke.context").instruction(text)
  local problem = unsuited(url)
  if problem then
    return notice.error(problem)
  end
  local config, connection = require("zeke.config"), require("zeke.connection")
  local before = vim.deepcopy(config.given())
  config.setup({ ghostllm = { base_url = url } })
  connection.settings_changed()
  require("zeke.replies").state("health", function(data, failure)
    local core = data and data.core or {}
    failure = failure or core.message or (not core.status and "It said nothing.") or nil
    if failure then
      config.replace(before)
      connection.settings_changed()
      return notice.error(("%s Nothing was changed."):format(failure))
    end
    notice.info("GhostLLM connected. " .. found(core))
    local setting = ('require("zeke").setup({ ghostllm = { base_url = "%s" } })'):format(url)
    notice.info(("This holds for this Neovim; for good: `%s`."):format(setting))
  end)
end

return M
