---`:ZekeAuth`: a key is typed unseen and handed to the broker, which knows where to keep it.
local M = {}

local PROVIDERS =
  { "openai", "anthropic", "google", "groq", "xai", "glm", "openrouter", "ghostllm" }

---@param lead string
---@return string[]
function M.complete(lead)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, PROVIDERS)
end

---@param provider string
local function ask(provider)
  local ok, key = pcall(vim.fn.inputsecret, ("Key for %s: "):format(provider))
  if not ok or vim.trim(key) == "" then
    return require("zeke.notice").info("No key was typed: nothing changed.")
  end
  local fields = { provider = provider, key = vim.trim(key) }
  require("zeke.replies").ask("auth.set", fields, function(data, problem)
    if problem then
      return require("zeke.notice").error(problem)
    end
    local where = data and data.stored or "the key store"
    require("zeke.notice").info(("The key for %s is in %s."):format(provider, where))
  end)
end

---@param provider string? none: choose from a list
function M.run(provider)
  provider = require("zeke.context").instruction(provider)
  if provider ~= "" then
    return ask(provider)
  end
  require("zeke.replies").state("health", function(data, problem)
    local core = data and data.core or {}
    local state = core.message or ("%s: %s"):format(core.where or "?", core.status or problem)
    vim.ui.select(
      PROVIDERS,
      { prompt = ("GhostLLM (%s). A key for"):format(state) },
      function(choice)
        if choice then
          ask(choice)
        end
      end
    )
  end)
end

return M
