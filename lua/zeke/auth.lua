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
---@param data table what the broker answered
---@return string
local function told(provider, data)
  local said = ("The key for %s is in %s."):format(provider, data.stored or "the key store")
  if not data.core or provider == "ghostllm" then
    return said
  end
  return ("%s This Neovim asks %s, which sees only keys kept where it runs."):format(
    said,
    data.core
  )
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
    require("zeke.notice").info(told(provider, data or {}))
  end, function(data)
    local said = ("The key of %s was stored after all, in %s."):format(
      provider,
      data.stored or "the key store"
    )
    require("zeke.notice").warn(said)
  end)
end

---@param provider string? none: choose from a list
function M.run(provider)
  provider = require("zeke.context").instruction(provider)
  if provider ~= "" then
    return ask(provider)
  end
  local alone = require("zeke.act").since()
  require("zeke.replies").state("health", function(data, problem)
    local core = data and data.core or {}
    local state = core.message or ("%s: %s"):format(core.where or "?", core.status or problem)
    if not alone() then
      -- A list that opens now would take what is typed elsewhere, and then ask for a key.
      local said = "GhostLLM (%s). To set a key, run `:ZekeAuth` again."
      return require("zeke.notice").info(said:format((state:gsub("%.$", ""))))
    end
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
