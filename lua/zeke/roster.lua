---Every provider in a few lines: how it is, what it costs, whether its key is there, and unfolded,
---its models. Pure: figures in, lines out.
local M = {}

local PLACES = {
  configuration = "key in the configuration",
  environment = "key in the environment",
  settings = "key in the settings",
  keyring = "key in the keyring",
  file = "key in a file",
  unreadable = "key not readable",
  none = "no key",
}

---@class zeke.Account what is known of one provider's key
---@field provider string
---@field state string
---@field key string where it comes from, in a word
---@field needed boolean
---@field names string[] other names that people call it by
---@field variable string that holds its key in the environment
---@field page string where one gets a key
---@field start string what starts one on this machine
---@field login boolean it is logged in to with a code

---@param rows table[]?
---@param name string
---@return table?
local function of(rows, name)
  for _, row in ipairs(rows or {}) do
    if row.provider == name then
      return row
    end
  end
end

---@param account zeke.Account
---@return string place where the key is; empty: none is wanted
function M.key(account)
  if not account.needed then
    return ""
  end
  return PLACES[account.key] or PLACES.none
end

---@param known zeke.Known
---@return string[] those that the core has, in its order
local function names(known)
  local found, seen = {}, {}
  ---@param rows table[]?
  local function add(rows)
    for _, row in ipairs(rows or {}) do
      if not seen[row.provider] and row.state ~= "" then
        seen[row.provider] = true
        found[#found + 1] = row.provider
      end
    end
  end
  add(known.stats and known.stats.providers)
  add(known.providers and known.providers.providers)
  return found
end

---@param low number?
---@param high number?
---@param word string
---@return string?
local function range(low, high, word)
  local price = require("zeke.figures").price
  if not low then
    return nil
  elseif not high or low == high then
    return ("%s %s"):format(price(low), word)
  end
  return ("%s to %s %s"):format(price(low), price(high), word)
end

---@param models zeke.Model[]
---@param key "input_price"|"output_price"
---@return number? least, number? most
local function ends(models, key)
  local least, most
  for _, model in ipairs(models) do
    local price = model[key]
    if type(price) == "number" then
      least, most = math.min(least or price, price), math.max(most or price, price)
    end
  end
  return least, most
end

---What a million tokens of these models cost.
---@param models zeke.Model[]
---@return string empty when nobody knows
function M.prices(models)
  local parts = {}
  for _, part in ipairs({ { "input_price", "in" }, { "output_price", "out" } }) do
    local least, most = ends(models, part[1])
    parts[#parts + 1] = range(least, most, part[2])
  end
  return #parts > 0 and table.concat(parts, ", ") .. " (1M tokens)" or ""
end

---@param known zeke.Known
---@param name string
---@return zeke.Model[]
local function models_of(known, name)
  return vim.tbl_filter(function(model)
    return model.provider == name
  end, known.models and known.models.models or {})
end

---@param known zeke.Known
---@param name string
---@param models zeke.Model[]
---@return string what it costs, its models and its key
local function details(known, name, models)
  local money, parts = require("zeke.figures").money, {}
  local cost = of(known.stats and known.stats.costs and known.stats.costs.by_provider, name)
  if cost and cost.today then
    local today, month = money(cost.today, cost.unpriced_today), money(cost.cost, cost.unpriced)
    parts[1] = ("%s today, %s this month"):format(today, month)
  elseif cost then
    parts[1] = money(cost.cost, cost.unpriced) .. " this month"
  end
  if #models > 0 then
    local count = #models == 1 and "1 model" or #models .. " models"
    local prices = M.prices(models)
    parts[#parts + 1] = prices ~= "" and ("%s, %s"):format(count, prices) or count
  end
  local account = of(known.providers and known.providers.providers, name)
  local key = account and M.key(account) or ""
  parts[#parts + 1] = key ~= "" and key or nil
  return table.concat(parts, "; ")
end

---@param model zeke.Model
---@return string
local function told(model)
  local prices = M.prices({ model }):gsub(" %(1M tokens%)$", "")
  local name = require("zeke.columns").visible((model.id:gsub("^[^:]*:", "", 1)))
  if prices == "" then
    prices = model["local"] and "on this machine" or "price not known"
  end
  return ("%s: %s"):format(name, prices)
end

---@param open boolean
---@return string
local function fold(open)
  if require("zeke.config").get().ui.plain then
    return open and "- " or "+ "
  end
  return open and "▾ " or "▸ "
end

---@param known zeke.Known
---@param name string
---@param width integer
---@return zeke.PanelLine[]
local function provider(known, name, width)
  local columns, figures = require("zeke.columns"), require("zeke.figures")
  local row = of(known.stats and known.stats.providers, name)
    or of(known.providers and known.providers.providers, name)
  local models, open = models_of(known, name), known.open[name] == true
  local lines, item = {}, { provider = name }
  ---@param text string
  ---@param indent string
  ---@param group string?
  ---@param what table?
  local function add(text, indent, group, what)
    for part, piece in ipairs(columns.wrapped(text, width - #indent - 2)) do
      local head = indent .. (part > 1 and "  " or "")
      lines[#lines + 1] = { text = head .. piece, group = group, item = what or item }
    end
  end
  for part, piece in ipairs(columns.wrapped(figures.health_of(row or {}), width - 4)) do
    local head = part > 1 and "    " or #models > 0 and fold(open) or "  "
    lines[#lines + 1] = { text = head .. piece, item = item }
  end
  local more = details(known, name, models)
  if more ~= "" then
    add(more, "    ", "ZekeHint")
  end
  for _, model in ipairs(open and models or {}) do
    add(told(model), "      ", nil, { provider = name, model = model.id })
  end
  return lines
end

---@param known zeke.Known
---@param width integer
---@return zeke.PanelLine[]
function M.lines(known, width)
  local lines = {}
  for _, name in ipairs(names(known)) do
    vim.list_extend(lines, provider(known, name, width))
  end
  if #lines == 0 then
    return {}
  end
  local title = require("zeke.figures").icon("providers") .. "Providers:"
  table.insert(lines, 1, { text = title, group = "ZekeTitle" })
  local message = known.providers and known.providers.message or ""
  for _, piece in ipairs(message ~= "" and require("zeke.columns").wrapped(message, width) or {}) do
    lines[#lines + 1] = { text = piece, group = "ZekeError" }
  end
  return lines
end

return M
