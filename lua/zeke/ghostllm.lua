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
---@param well boolean
---@return string[] the providers that can be asked, or those that cannot, each with why
local function providers(core, well)
  local found = {}
  for name, state in vim.spairs(core.providers or {}) do
    if (state == "healthy") == well then
      found[#found + 1] = well and name or ("%s: %s"):format(name, state)
    end
  end
  return found
end

---@param core table
---@return string
local function found(core)
  local names = table.concat(providers(core, true), ", ")
  return ("%s is %s; providers: %s."):format(core.where or "It", core.status or "there", names)
end

---@param core table
---@return string? problem why nothing could be asked there
local function useless(core)
  if core.message then
    return core.message
  elseif not core.status then
    return "It said nothing."
  elseif #providers(core, true) == 0 then
    local ill = table.concat(providers(core, false), ", ")
    local why = ill ~= "" and (" (%s)"):format(ill) or ""
    local said = "%s answers and is %s: none of its providers can be asked%s."
    return said:format(core.where or "It", core.status, why)
  end
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
    failure = failure or useless(core)
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
