---`:ZekeSetModel`: which model the next tasks name. The list of what there is comes from the
---broker in the background; completion uses what came last. A dear one is asked about first.
local M = {}

-- What a core understands whatever models it has: itself the chooser, or a kind of work.
local ALWAYS = { "auto", "fast", "smart", "cost-sensitive" } ---@type string[]
-- Those of them that are never dear by themselves.
local UNASKED = { "auto", "cost-sensitive" }

local chosen ---@type string? for this Neovim; nil: what the settings say
local listing = { models = {} } ---@type zeke.Listing
local wishes = 0 -- how often a model was wished for: only the last wish counts

---@return string?
function M.chosen()
  return chosen
end

---@param answered fun(problem: string?)?
local function refresh(answered)
  require("zeke.replies").state("models", function(data, problem)
    if data then
      listing = data
      listing.models = data.models or {}
    end
    if answered then
      answered(problem)
    end
  end)
end

---@return string[]
local function names()
  local all = vim.list_slice(ALWAYS)
  for _, model in ipairs(listing.models) do
    all[#all + 1] = model.id
  end
  return all
end

---@param lead string
---@return string[]
function M.complete(lead)
  refresh()
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names())
end

---@param model zeke.Model
---@return number by its output, or by its input, of which there is more
local function dearness(model)
  return math.max(model.output_price or 0, (model.input_price or 0) * 3)
end

---@param models zeke.Model[]
---@return zeke.Model?
local function dearest(models)
  local found
  for _, model in ipairs(models) do
    if not found or dearness(model) > dearness(found) then
      found = model
    end
  end
  return found
end

---@param model zeke.Model
---@return string
local function priced(model)
  local price = require("zeke.figures").price
  local parts = {}
  if model.input_price then
    parts[1] = price(model.input_price) .. "/1M tokens in"
  end
  if model.output_price then
    parts[#parts + 1] = price(model.output_price) .. "/1M out"
  end
  return table.concat(parts, ", ")
end

---@param name string
---@param model zeke.Model?
---@param could boolean? it is only one of those that may be asked
local function take(name, model, could)
  chosen = name
  require("zeke.statusline").refresh()
  require("zeke.events").announce("model.changed", { model = name })
  local said = ("The model is now %s."):format(name)
  if model and not model["local"] then
    local price = priced(model)
    if price == "" then
      said = could and said or said .. " What it costs is not known."
    elseif dearness(model) > 0 then
      said = ("%s It %s %s."):format(said, could and "may cost" or "costs", price)
    end
  end
  require("zeke.notice").info(said)
end

---@return string
local function stays()
  return ("The model %s."):format(chosen and "stays " .. chosen or "was not changed")
end

---@param warning string
---@param go_on fun()
local function ask(warning, go_on)
  local icon = require("zeke.figures").icon("warning")
  local question = ("%sWarning: %s Continue? [y/N]"):format(icon, warning)
  require("zeke.confirm").ask(question, function(yes)
    if yes then
      return go_on()
    end
    require("zeke.notice").info(stays())
  end)
end

---Nobody knows whether it is there: it may cost anything.
---@param name string
---@param problem string? why there is no list
local function ask_unlisted(name, problem)
  local function go_on()
    take(name)
  end
  if problem then
    require("zeke.notice").warn(problem)
  end
  if vim.startswith(name, "local:") then
    return go_on()
  end
  local visible = require("zeke.columns").visible(name)
  local warning = "%s is not in the list of models, so what it costs is not known."
  ask(warning:format(visible), go_on)
end

---@param name string
local function refuse(name)
  local near = require("zeke.names").near(name, names())
  local said = ("There is no model %s%s. %s"):format(
    name,
    near and (" (nearest: %s)"):format(near) or "",
    stays()
  )
  require("zeke.notice").warn(said)
end

---@param name string
local function weigh(name)
  local meant = require("zeke.names").meant(name, listing)
  if meant.unknown == "model" then
    return refuse(name)
  elseif meant.unknown then
    return ask_unlisted(name)
  end
  local model = dearest(meant.models)
  local function go_on()
    take(name, model, meant.chosen)
  end
  if not model or dearness(model) < require("zeke.config").get().ui.dear_usd then
    return go_on()
  end
  local visible = require("zeke.columns").visible(name)
  local what = meant.chosen and ("%s may ask %s, which"):format(visible, model.id) or model.id
  ask(("%s costs %s."):format(what, priced(model)), go_on)
end

---@param name string
local function set(name)
  wishes = wishes + 1
  local wish = wishes
  if vim.tbl_contains(UNASKED, name) then
    return take(name)
  end
  require("zeke.act").mark()
  refresh(function(problem)
    if wish ~= wishes then
      return
    elseif not problem then
      return weigh(name)
    elseif vim.tbl_contains(ALWAYS, name) then
      return take(name)
    end
    ask_unlisted(name, problem)
  end)
end

---@param name string
---@return string with what it costs, where that is known
local function labelled(name)
  for _, model in ipairs(listing.models) do
    if model.id == name then
      local price = model["local"] and "on this machine" or priced(model)
      return price ~= "" and ("%s (%s)"):format(name, price) or name
    end
  end
  return name
end

local function choose()
  local how = { prompt = "Model", kind = "zeke_model", format_item = labelled }
  require("zeke.dialog").select(names(), how, function(choice)
    if choice then
      set(choice)
    end
  end)
end

local function choose_provider()
  local known, order = {}, {} ---@type table<string, zeke.Model[]>, string[]
  for _, model in ipairs(listing.models) do
    local name = model.id:match("^([^:]+):")
    if name == model.provider then
      if not known[name] then
        order[#order + 1], known[name] = name, {}
      end
      table.insert(known[name], model)
    end
  end
  if #order == 0 then
    return require("zeke.notice").info("No provider has a model now: `:ZekeAuth` sets a key.")
  end
  require("zeke.dialog").select(order, {
    prompt = "Provider",
    kind = "zeke_provider",
    format_item = function(name)
      local count, prices = #known[name], require("zeke.roster").prices(known[name])
      local text = count == 1 and "1 model" or count .. " models"
      text = prices ~= "" and text .. ", " .. prices or text
      return ("%s: %s"):format(require("zeke.figures").provider(name), text)
    end,
  }, function(choice)
    if choice then
      set(#known[choice] == 1 and known[choice][1].id or choice .. ":auto")
    end
  end)
end

---@param open fun() a list
---@param again string what to run to see it
local function listed(open, again)
  if #listing.models > 0 then
    refresh()
    return open()
  end
  local alone = require("zeke.act").since()
  refresh(function(problem)
    local notice = require("zeke.notice")
    if problem then
      return notice.error(problem)
    elseif not alone() then
      return notice.info(("The list of models is there: %s again to choose."):format(again))
    end
    open()
  end)
end

---@param name string? none: choose from a list
function M.run(name)
  name = require("zeke.context").instruction(name)
  if name ~= "" then
    return set(name)
  end
  listed(choose, "run `:ZekeSetModel`")
end

---Choose a provider from a list; which of its models is asked is left to the core.
function M.provider()
  listed(choose_provider, "press `p`")
end

return M
