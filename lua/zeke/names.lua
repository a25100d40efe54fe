---What a model's name means among the models that are there. Pure. The rules are the core's own
---(`zeke_bridge/core/routing/names.py`): what is warned of is what will be asked.
local M = {}

local OWN = "ghostllm" -- whose the names are that the person gave models: aliases and groups
local AUTO = "auto"

---@class zeke.Model
---@field id string as `provider:model`
---@field provider string
---@field local boolean?
---@field input_price number? US dollars a million tokens
---@field output_price number?

---@class zeke.Listing what `state.get models` brings
---@field models zeke.Model[]
---@field providers table<string, string>? a provider by each of its names
---@field works table<string, string>? by each word for a kind of work, the dearest model for it

---@class zeke.Meant
---@field models zeke.Model[] those that may be asked
---@field chosen boolean? the core chooses among them
---@field unknown "model"|"provider"|nil who is there has no such model; or who would is not there

---@param model zeke.Model
---@return string provider, string name what the provider calls it
local function parts(model)
  local provider, name = model.id:match("^([^:]+):(.+)$")
  if not provider or not name or model.provider == OWN then
    return "", model.id
  end
  return provider, name
end

---@param name string
---@return string name without the date of a snapshot, or the tag that goes without saying
local function timeless(name)
  name = name:gsub(":latest$", "")
  return (name:gsub("%-%d%d%d%d%-?%d%d%-?%d%d$", ""))
end

---@param said string
---@param name string
---@return boolean
local function same(said, name)
  return timeless(said) == timeless(name) or vim.startswith(name, said .. ":")
end

---@param listing zeke.Listing
---@param provider string?
---@param said string? none: any of its models
---@return zeke.Model[]
local function having(listing, provider, said)
  return vim.tbl_filter(function(model)
    local whose, name = parts(model)
    return (not provider or whose == provider) and (not said or same(said, name))
  end, listing.models)
end

---@param listing zeke.Listing
---@param word string
---@return string? provider that is called so
local function called(listing, word)
  if #having(listing, word) > 0 then
    return word
  end
  return (listing.providers or {})[word]
end

---@param listing zeke.Listing
---@param provider string
---@param said string
---@return zeke.Meant
local function of(listing, provider, said)
  local all = having(listing, provider)
  if said == "" or said == AUTO or (listing.providers or {})[said] == provider then
    return { models = all, chosen = true, unknown = #all == 0 and "provider" or nil }
  end
  local models = having(listing, provider, said)
  local unknown = #models == 0 and (#all > 0 and "model" or "provider") or nil
  return { models = models, unknown = unknown }
end

---@param listing zeke.Listing
---@param said string
---@return zeke.Meant
local function bare(listing, said)
  local models = having(listing, nil, said)
  local head, rest = said:match("^([^/:]+)/(.+)$")
  local provider = head and called(listing, head)
  if provider then
    local found = of(listing, provider, rest or "")
    if #models == 0 then
      return found
    end
    vim.list_extend(models, found.models)
  end
  local unknown = #models == 0 and "model" or nil ---@type "model"|"provider"|nil
  if unknown and (said:find(":", 1, true) or #listing.models == 0) then
    unknown = "provider" -- of no provider that is there
  end
  return { models = models, unknown = unknown }
end

---@param said string
---@param listing zeke.Listing
---@return zeke.Meant
function M.meant(said, listing)
  local exact = vim.tbl_filter(function(model)
    return model.id == said
  end, listing.models)
  if #exact > 0 then
    return { models = exact }
  end
  local work = (listing.works or {})[said:lower():gsub("-", "_")]
  if work then
    local dearest = vim.tbl_filter(function(model)
      return model.id == work
    end, listing.models)
    return { models = dearest, chosen = true }
  end
  local head, rest = said:match("^([^:]+):(.+)$")
  local provider = called(listing, head or said)
  if provider then
    return of(listing, provider, rest or "")
  end
  return bare(listing, said)
end

---@param said string
---@param known string[]
---@return string? name that may have been meant
function M.near(said, known)
  local config, best, least = require("zeke.config"), nil, math.huge
  for _, id in ipairs(known) do
    -- Most people leave the provider out.
    for _, name in ipairs({ id, (id:gsub("^[^:]*:", "")) }) do
      local near, wrong = config.nearest(said, { name })
      if near and wrong < least then
        best, least = id, wrong
      end
    end
  end
  return best
end

return M
