---Money, shares and times in words, and trees of them. Pure: figures in, lines out.
local M = {}

local ICONS = {
  cost = "💰",
  chart = "📊",
  trend = "📈",
  providers = "🔌",
  link = "🔗",
  route = "🧭",
  alert = "🚨",
  hint = "💡",
  warning = "⚠️",
  good = "✅",
  bad = "❌",
}
local PLAIN = { good = "ok", bad = "!" }
local NAMES = {
  openai = "OpenAI",
  anthropic = "Anthropic",
  google = "Google",
  github = "GitHub",
  copilot = "GitHub",
  ollama = "Ollama",
  groq = "Groq",
  xai = "xAI",
  glm = "GLM",
  vllm = "vLLM",
  openrouter = "OpenRouter",
  litellm = "LiteLLM",
  ["local"] = "Local model",
}
-- Paid by the month, whatever is asked.
local SUBSCRIPTIONS = { github = true, copilot = true }

---@param name string
---@return string with a blank after it; empty where it says nothing without a picture
function M.icon(name)
  local ui = require("zeke.config").get().ui
  local text = ui.icons and not ui.plain and ICONS[name] or PLAIN[name]
  return text and text .. " " or ""
end

---@param provider string
---@return string
function M.provider(provider)
  return NAMES[provider] or require("zeke.columns").visible(provider)
end

---@return string where there is no figure; a dash is not read aloud
local function nothing()
  return require("zeke.frame").plain() and "not known" or "—"
end

---@param number any
---@return boolean
local function is(number)
  return type(number) == "number" and number == number
end

---@param usd any
---@param unpriced any? how many answers of which nobody knows the price are among it
---@return string
function M.money(usd, unpriced)
  if is(unpriced) and unpriced > 0 then
    return is(usd) and usd > 0 and M.money(usd) .. " + unknown" or "unknown"
  elseif not is(usd) then
    return nothing()
  elseif usd <= 0 then
    return "$0.00"
  elseif usd < 0.00005 then
    return "<$0.0001"
  end
  return (usd < 0.00995 and "$%.4f" or "$%.2f"):format(usd)
end

---What a million tokens cost: no cents where there are none.
---@param usd number
---@return string
function M.price(usd)
  local text = usd > 0 and usd < 0.01 and ("%.4f"):format(usd) or ("%.2f"):format(usd)
  return "$" .. (text:gsub("%.00$", ""))
end

---@param share any 0 to 1
---@return string percent 0 or 100 only where that is true
function M.share(share)
  if not is(share) then
    return nothing()
  end
  local percent = math.floor(share * 100 + 0.5)
  if percent == 0 and share > 0 then
    return "<1%"
  elseif percent == 100 and share < 1 then
    return ">99%"
  end
  return ("%d%%"):format(percent)
end

---@param share any 0 to 1
---@return string percent with one decimal, never rounded up
function M.uptime(share)
  if not is(share) then
    return nothing()
  elseif share >= 1 then
    return "100%"
  end
  return ("%.1f%%"):format(math.floor(share * 1000 + 1e-6) / 10)
end

---@param seconds any
---@return string
function M.time(seconds)
  if not is(seconds) then
    return nothing()
  elseif seconds < 0.9995 then
    return ("%dms"):format(math.floor(seconds * 1000 + 0.5))
  elseif seconds < 59.95 then
    return ("%.1fs"):format(seconds)
  end
  local whole = math.floor(seconds + 0.5)
  return ("%dm %ds"):format(math.floor(whole / 60), whole % 60)
end

---@param title string
---@param rows (string|{[1]: string, below: string})[] `below` stands under its row, cut to fit
---@param width integer
---@return zeke.PanelLine[]
function M.tree(title, rows, width)
  local columns = require("zeke.columns")
  local plain = require("zeke.config").get().ui.plain
  local lines = { { text = title, group = "ZekeTitle" } }
  for index, row in ipairs(rows) do
    local text, below ---@type string, string?
    if type(row) == "table" then
      text, below = row[1], row.below
    else
      text = row --[[@as string]]
    end
    local last = index == #rows
    for part, piece in ipairs(columns.wrapped(text, width - 3)) do
      local head = part == 1 and (last and "└─ " or "├─ ") or (last and "   " or "│  ")
      head = plain and "   " or head
      lines[#lines + 1] = { text = head .. piece }
    end
    for _, piece in ipairs(below and columns.wrapped(below, width - 6) or {}) do
      lines[#lines + 1] =
        { text = ((last or plain) and "   " or "│  ") .. "  " .. piece, group = "ZekeHint" }
    end
  end
  return lines
end

---@param spent any
---@param unpriced any
---@param limit any
---@return string
local function of_limit(spent, unpriced, limit)
  local said = M.money(spent, unpriced)
  if not is(limit) or limit <= 0 then
    return said
  end
  local share = M.share((is(spent) and spent or 0) / limit)
  return ("%s (%s of %s)"):format(said, share, M.money(limit))
end

---@param stats table what `state.get stats` brings
---@param width integer
---@return zeke.PanelLine[]
function M.costs(stats, width)
  local costs, rows = stats.costs or {}, {}
  local unpriced = costs.unpriced or {}
  if is(costs.hourly_limit) then
    rows[1] = "This hour: " .. of_limit(costs.hour, unpriced.hour, costs.hourly_limit)
  end
  vim.list_extend(rows, {
    "Today: " .. of_limit(costs.today, unpriced.today, costs.daily_limit),
    "This week: " .. M.money(costs.week, unpriced.week),
    "This month: " .. of_limit(costs.month, unpriced.month, costs.monthly_limit),
    "Projected monthly: " .. M.money(costs.projected_month, unpriced.month),
  })
  return M.tree(M.icon("cost") .. "Cost Tracking:", rows, width)
end

---@param row table of one provider
---@return string
local function cost_of(row)
  local note = M.share(row.share)
  if row["local"] then
    note = "local"
  elseif SUBSCRIPTIONS[row.provider] and (row.cost or 0) <= 0 then
    note = "subscription"
  end
  return ("%s: %s (%s)"):format(M.provider(row.provider), M.money(row.cost, row.unpriced), note)
end

---@param stats table
---@param width integer
---@return zeke.PanelLine[]
function M.breakdown(stats, width)
  local rows = vim.tbl_map(cost_of, stats.costs and stats.costs.by_provider or {})
  if #rows == 0 then
    rows = { "— nothing was asked this month" }
  end
  return M.tree(M.icon("chart") .. "Provider breakdown:", rows, width)
end

---@param stats table
---@return string
local function most_used(stats)
  local best
  for _, row in ipairs(stats.costs and stats.costs.by_model or {}) do
    if not best or row.requests > best.requests then
      best = row
    end
  end
  if not best or best.requests <= 0 then
    return nothing()
  end
  local name = require("zeke.columns").visible(best.model:gsub("^[^:]*:", "", 1))
  return ("%s (%s)"):format(name, M.share(best.share))
end

---@param stats table
---@param width integer
---@return zeke.PanelLine[]
function M.analytics(stats, width)
  local requests, cache = stats.requests or {}, stats.cache or {}
  local asked = ("Requests today: %d"):format(requests.today or 0)
  if (requests.errors_today or 0) > 0 then
    asked = ("%s (%d failed)"):format(asked, requests.errors_today)
  end
  local looked = (cache.hits or 0) + (cache.misses or 0)
  local rate = looked > 0 and M.share(cache.hit_rate) or nothing()
  return M.tree(M.icon("chart") .. "GhostLLM Analytics:", {
    asked,
    "Average response time: " .. M.time(stats.average_response_s),
    "Cache hit rate: " .. (cache.enabled == false and "off" or rate),
    ("Cost savings: %s (cache)"):format(M.money(cache.savings, cache.unpriced)),
    "Most used model: " .. most_used(stats),
  }, width)
end

---@param row table of one provider
---@return string
function M.health_of(row)
  local well = row.state == "healthy" or row.state == nil
  local parts = {}
  if not well then
    parts[1] = require("zeke.columns").visible(row.state)
  end
  if row["local"] then
    parts[#parts + 1] = well and "Local" or nil
  elseif is(row.uptime) then
    parts[#parts + 1] = M.uptime(row.uptime) .. " uptime"
  elseif well then
    parts[1] = "healthy"
  end
  local average = is(row.average_s) and (" (%s avg)"):format(M.time(row.average_s)) or ""
  local text = M.icon(well and "good" or "bad") .. table.concat(parts, ", ") .. average
  return ("%s: %s"):format(M.provider(row.provider), text)
end

---@param rows table[] of `stats`, or made of what `status` knows: `provider`, `state`
---@param width integer
---@return zeke.PanelLine[]
function M.health(rows, width)
  local shown, keyless = {}, {}
  for _, row in ipairs(rows) do
    if row.state == "no key" and (row.requests or 0) == 0 then
      keyless[#keyless + 1] = M.provider(row.provider)
    else
      shown[#shown + 1] = M.health_of(row)
    end
  end
  if #keyless > 0 then
    shown[#shown + 1] = "No key: " .. table.concat(keyless, ", ")
  elseif #shown == 0 then
    shown[1] = nothing()
  end
  return M.tree(M.icon("link") .. "Provider health:", shown, width)
end

---@param route table
---@return {[1]: string, below: string}
local function route_of(route)
  local visible = require("zeke.columns").visible
  local notes = { M.time(route.seconds) }
  if route.status ~= "ok" then
    table.insert(notes, 1, visible(route.status))
  else
    local cost = route.priced == false and "cost unknown" or M.money(route.cost)
    table.insert(notes, route.cached and "from the cache" or cost)
  end
  local text = ("%s %s → %s (%s)"):format(
    os.date("%H:%M", math.floor(route.time or 0)),
    visible(route.task),
    visible(route.model),
    table.concat(notes, ", ")
  )
  return { text, below = visible(route.reason) }
end

---@param stats table
---@param most integer
---@param width integer
---@return zeke.PanelLine[]
function M.routes(stats, most, width)
  local rows = vim.tbl_map(route_of, vim.list_slice(stats.routes or {}, 1, most))
  if #rows == 0 then
    rows = { nothing() }
  end
  return M.tree(M.icon("route") .. "Last routes:", rows, width)
end

return M
