---`:ZekeSetModel`: which model the next tasks name. The list of what there is comes from the
---broker in the background; completion uses what came last. A dear one is asked about first.
local M = {}

-- What a core understands whatever models it has: itself the chooser, or a kind of work.
local ALWAYS = { "auto", "fast", "smart", "cost-sensitive" }

---@class zeke.Model
---@field id string as `provider:model`
---@field provider string
---@field local boolean?
---@field input_price number? US dollars a million tokens
---@field output_price number?

local chosen ---@type string? for this Neovim; nil: what the settings say
local known = {} ---@type zeke.Model[]

---@return string?
function M.chosen()
  return chosen
end

---@param answered fun(problem: string?)?
local function refresh(answered)
  require("zeke.replies").state("models", function(data, problem)
    if data then
      known = data.models or {}
    end
    if answered then
      answered(problem)
    end
  end)
end

---@return string[]
local function names()
  local all = vim.list_slice(ALWAYS)
  for _, model in ipairs(known) do
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
---@return boolean by its output, or by its input, of which there is more
local function dear(model)
  local limit = require("zeke.config").get().ui.dear_usd
  return (model.output_price or 0) >= limit or (model.input_price or 0) >= limit / 3
end

---@param name string
---@return zeke.Model[] those that it may mean; a bare name can be of several providers
local function meant(name)
  return vim.tbl_filter(function(model)
    return model.id == name or vim.endswith(model.id, ":" .. name)
  end, known)
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
local function take(name, model)
  chosen = name
  require("zeke.statusline").refresh()
  local said = ("The model is now %s."):format(name)
  if model and not model["local"] then
    local price = priced(model)
    if price == "" then
      said = said .. " What it costs is not known."
    elseif (model.input_price or 0) + (model.output_price or 0) > 0 then
      said = ("%s It costs %s."):format(said, price)
    end
  end
  require("zeke.notice").info(said)
end

---@param name string
---@param model zeke.Model
local function ask(name, model)
  local warning = require("zeke.figures").icon("warning")
  local question = "%sWarning: %s costs %s. Continue? [y/N]"
  require("zeke.confirm").ask(question:format(warning, model.id, priced(model)), function(yes)
    if yes then
      return take(name, model)
    end
    local stays = chosen and ("stays %s"):format(chosen) or "was not changed"
    require("zeke.notice").info(("The model %s."):format(stays))
  end)
end

---@param name string
local function set(name)
  if vim.tbl_contains(ALWAYS, name) then
    return take(name)
  end
  require("zeke.act").mark()
  refresh(function(problem)
    local models = meant(name)
    for _, model in ipairs(models) do
      if dear(model) then
        return ask(name, model)
      end
    end
    if #models > 0 then
      return take(name, models[1])
    end
    chosen = name
    require("zeke.statusline").refresh()
    local notice = require("zeke.notice")
    if problem then
      return notice.warn(("The model is now %s. %s"):format(name, problem))
    end
    local near = require("zeke.config").nearest(name, names())
    notice.warn(("The model is now %s, which is not there: %s is."):format(name, near))
  end)
end

---@param name string? none: choose from a list
function M.run(name)
  name = require("zeke.context").instruction(name)
  if name ~= "" then
    return set(name)
  end
  refresh(function(problem)
    if problem then
      return require("zeke.notice").error(problem)
    end
    vim.ui.select(names(), { prompt = "Model" }, function(choice)
      if choice then
        set(choice)
      end
    end)
  end)
end

return M
