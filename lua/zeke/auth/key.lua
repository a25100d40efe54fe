---A key is typed, tried, and kept. It is in one local value only until the broker has it: in no
---buffer, register, history, message or event.
local M = {}

local COUNTS_FIRST = {
  configuration = "the one in GhostLLM's configuration",
  environment = "the one in $%s",
  settings = "the one in the settings (`api_keys`)",
}

---@param account zeke.Account
---@return string
local function title(account)
  return require("zeke.figures").provider(account.provider)
end

---@param account zeke.Account
---@return string? key
local function typed(account)
  local page = account.page ~= "" and (" (get one at %s)"):format(account.page) or ""
  local ok, key = pcall(vim.fn.inputsecret, ("Key for %s%s: "):format(title(account), page))
  -- The stars of it need not stand there any longer; and what comes now was asked for.
  vim.api.nvim_echo({ { "" } }, false, {})
  require("zeke.act").mark()
  key = ok and vim.trim(key) or ""
  return key ~= "" and key or nil
end

---@param account zeke.Account
---@param data table what the broker answered
---@return string
local function kept(account, data)
  local said = "The key for %s is in %s."
  local text = said:format(title(account), data.stored)
  if data.outcome == "works" then
    local models = (data.models or 0) > 0 and (", %d models"):format(data.models) or ""
    text = ("It works%s. %s"):format(models, text)
  end
  local first = COUNTS_FIRST[account.key]
  if first then
    text = ("%s But %s counts before it."):format(text, first:format(account.variable))
  end
  if data.core then
    text = ("%s This Neovim asks %s, which sees only keys kept where it runs."):format(
      text,
      data.core
    )
  end
  return text
end

---@param account zeke.Account
---@param data table
local function done(account, data)
  require("zeke.notice").info(kept(account, data))
  local event = { provider = account.provider, stored = data.stored }
  require("zeke.events").announce("auth.done", event)
end

---@param account zeke.Account
---@param key string
---@param test boolean
---@param answered fun(data: table)
local function send(account, key, test, answered)
  local fields = { provider = account.provider, key = key, test = test }
  local notice = require("zeke.notice")
  local step = ("testing the key of %s …"):format(title(account))
  if test then
    notice.instead(nil, step)
  end
  require("zeke.replies").ask("auth.set", fields, function(data, problem)
    notice.over(step)
    if problem then
      return notice.error(problem)
    end
    answered(data or {})
  end, function(data)
    if (data.stored or "") ~= "" then
      local said = "The key of %s was stored after all, in %s."
      notice.warn(said:format(title(account), data.stored))
    end
  end)
end

---@param account zeke.Account
---@param key string
---@param data table why it was not kept
local function keep_anyway(account, key, data)
  local refused = data.outcome == "refused"
  local what = refused and "%s does not take this key." or "The key for %s could not be tested."
  local question = ("%s %s Keep it anyway? [y/N]"):format(what:format(title(account)), data.message)
  require("zeke.confirm").ask(question, function(yes)
    if not yes then
      return require("zeke.notice").info("The key was not kept: nothing changed.")
    end
    send(account, key, false, function(stored)
      done(account, stored)
    end)
  end)
end

---@param account zeke.Account
function M.ask(account)
  -- A list that was chosen from may still be closing.
  vim.schedule(function()
    local key = typed(account)
    if not key then
      return require("zeke.notice").info("No key was typed: nothing changed.")
    end
    send(account, key, true, function(data)
      if (data.stored or "") ~= "" then
        return done(account, data)
      end
      keep_anyway(account, key, data)
    end)
  end)
end

return M
