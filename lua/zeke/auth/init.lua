---`:ZekeAuth`: from a provider to a key that works, or to a login. Keys are typed unseen, tried at
---the provider at once, and handed to the broker, which knows where to keep them.
local M = {}

local ORDER = { "openai", "anthropic", "google", "github", "groq", "xai", "glm", "openrouter" }

---@class zeke.Accounts what `state.get providers` brings
---@field core string the address of a core elsewhere, which has keys of its own; else empty
---@field message string why the core could not be asked
---@field providers zeke.Account[]

---@param lead string
---@return string[]
function M.complete(lead)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, ORDER)
end

---@param account zeke.Account
---@return string
local function labelled(account)
  local parts = { require("zeke.roster").key(account) }
  if account.state == "key refused" then
    parts[#parts + 1] = "wrong key"
  elseif account.state ~= "" and account.state ~= parts[1] then
    parts[#parts + 1] = require("zeke.columns").visible(account.state)
  elseif account.state == "" then
    parts[#parts + 1] = "not in use"
  end
  local said = vim.tbl_filter(function(part)
    return part ~= ""
  end, parts)
  return ("%s: %s"):format(
    require("zeke.figures").provider(account.provider),
    table.concat(said, ", ")
  )
end

---@param accounts zeke.Accounts
---@param said string
---@return zeke.Account?
local function find(accounts, said)
  for _, account in ipairs(accounts.providers) do
    if account.provider == said or vim.tbl_contains(account.names or {}, said) then
      return account
    end
  end
end

---@param account zeke.Account
---@return string what helps who wants to use it, which needs no key
local function start(account)
  local said = require("zeke.figures").provider(account.provider) .. " needs no key"
  if account.state == "healthy" then
    return said .. ", and is there."
  end
  if account.start ~= "" then
    said = ("%s: `%s` %s it"):format(
      said,
      account.start,
      account.provider == "local" and "installs" or "starts"
    )
  end
  if account.state == "" then
    local section = ("[providers.%s]"):format(account.provider)
    return ("%s. It is used once `%s` stands in GhostLLM's config.toml."):format(said, section)
  end
  return ("%s. Now it is %s."):format(said, require("zeke.columns").visible(account.state))
end

---@param account zeke.Account
local function obtain(account)
  if not account.needed then
    require("zeke.notice").info(start(account))
  elseif account.login then
    require("zeke.auth.login").begin(account.provider)
  else
    require("zeke.auth.key").ask(account)
  end
end

---A core elsewhere has keys of its own; who sets one here should know that before.
---@param accounts zeke.Accounts
---@param account zeke.Account
local function begin(accounts, account)
  if accounts.core == "" or not account.needed then
    return obtain(account)
  end
  local there = account.login and "auth login" or "auth set"
  local said = "This Neovim asks %s, which sees only keys kept where it runs (`ghostllm %s %s` "
    .. "there). One that is kept here counts for the core inside the broker. Go on? [y/N]"
  local question = said:format(accounts.core, there, account.provider)
  require("zeke.confirm").ask(question, function(yes)
    if yes then
      return obtain(account)
    end
    require("zeke.notice").info("Nothing was changed.")
  end)
end

---@param accounts zeke.Accounts
local function choose(accounts)
  if accounts.message ~= "" then
    require("zeke.notice").warn(accounts.message)
  end
  local prompt = accounts.core == "" and "Provider"
    or ("Provider (asked is %s)"):format(accounts.core)
  local how = { prompt = prompt, kind = "zeke_auth", format_item = labelled }
  require("zeke.dialog").select(accounts.providers, how, function(account)
    if account then
      begin(accounts, account)
    end
  end)
end

---@param accounts zeke.Accounts
---@param said string
local function of(accounts, said)
  local account = find(accounts, said)
  if account then
    return begin(accounts, account)
  elseif said == "ghostllm" then
    local what = "A remote GhostLLM's key is in the variable that `ghostllm.api_key_env` names; "
      .. "`:ZekeAuthGhostLLM {url}` connects to one."
    return require("zeke.notice").info(what)
  end
  local names = vim.tbl_map(function(one)
    return one.provider
  end, accounts.providers)
  local near = require("zeke.config").nearest(said, names)
  local sentence = ("There is no provider %s%s"):format(
    require("zeke.columns").visible(said),
    near and (" (nearest: %s)."):format(near) or ": `:ZekeAuth` lists them."
  )
  require("zeke.notice").error(sentence)
end

---Whoever types more than a name may have typed a key, which is then in the history.
---@param said string
---@return boolean
local function names_one(said)
  if not said:find("%s") and #said <= 32 then
    return true
  end
  if vim.fn.histget("cmd", -1):find(said, 1, true) then
    vim.fn.histdel("cmd", -1)
  end
  local name = said:match("^%l[%l%d_-]*%f[%s]") or "openai"
  local sentence = "Leave the key out of the command: `:ZekeAuth %s` asks for it unseen. "
    .. "What you typed is not in the history any more."
  require("zeke.notice").warn(sentence:format(name))
  return false
end

---@param provider string? none: choose from a list
function M.run(provider)
  local said = require("zeke.context").instruction(provider)
  if not names_one(said) then
    return
  elseif vim.fn.reg_recording() ~= "" then
    local why = "A macro is being recorded, and would hold the key: end it with `q` first."
    return require("zeke.notice").warn(why)
  end
  local alone = require("zeke.act").since()
  require("zeke.replies").state("providers", function(data, problem)
    if not data then
      return require("zeke.notice").error(problem or "?")
    elseif not alone() then
      -- What opens now would take what is typed elsewhere, as a choice or as a key.
      local again = said == "" and ":ZekeAuth" or ":ZekeAuth " .. said
      local sentence = "The providers are known now: run `%s` again."
      return require("zeke.notice").info(sentence:format(again))
    end
    data.providers = data.providers or {}
    if said == "" then
      return choose(data)
    end
    of(data, said)
  end)
end

return M
