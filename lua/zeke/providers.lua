---`:ZekeProviders`: what was spent, on whom, and how each of them is.
local M = {}

local FOOT = " <CR> models · a key · m model · R looks again · ? keys · q closes "

---@class zeke.Known what is known of providers, each part as it came last
---@field stats table?
---@field models zeke.Listing?
---@field providers {core: string, message: string, providers: zeke.Account[]}?
---@field problem string? why there are no figures
---@field open table<string, true?> the providers whose models are shown

---@param known zeke.Known
---@param width integer
---@return zeke.PanelLine[]
function M.lines(known, width)
  local lines, stats = {}, known.stats
  ---@param more zeke.PanelLine[]
  local function add(more)
    if #lines > 0 and #more > 0 then
      lines[#lines + 1] = { text = "" }
    end
    vim.list_extend(lines, more)
  end
  if stats then
    local figures, trends = require("zeke.figures"), require("zeke.trends")
    add(figures.costs(stats, width))
    add(figures.breakdown(stats, width))
    add(trends.providers(stats, width))
    add(trends.month(stats, width))
  elseif known.problem then
    add(vim.tbl_map(function(text)
      return { text = text, group = "ZekeError" }
    end, require("zeke.columns").wrapped(known.problem, width)))
  end
  add(require("zeke.roster").lines(known, width))
  return lines
end

---@param known zeke.Known
---@param panel zeke.Panel
local function draw(known, panel)
  if panel:there() then
    panel:show(M.lines(known, panel:width()))
  end
end

---@param known zeke.Known
---@return fun(panel: zeke.Panel, done: fun(), whole: boolean)
local function loader(known)
  return function(panel, done, whole)
    local wanted = whole and { "stats", "providers", "models" } or { "stats" }
    require("zeke.overview").gather(wanted, function(what, data, problem)
      known[what] = data or known[what]
      if what == "stats" then
        known.problem = not known.stats and problem or nil
        if data then
          require("zeke.statusline").spent(data)
        end
      end
      if known.stats or known.problem then
        draw(known, panel)
      end
    end, done)
  end
end

---@param known zeke.Known
---@return fun(panel: zeke.Panel) unfolds the provider under the cursor, or takes the model there
local function chooser(known)
  return function(panel)
    local item = panel:item()
    if item and item.model then
      require("zeke.models").run(item.model)
    elseif item and item.provider then
      known.open[item.provider] = not known.open[item.provider] or nil
      draw(known, panel)
    end
  end
end

---@param panel zeke.Panel
local function authorize(panel)
  local item = panel:item()
  require("zeke.auth").run(item and item.provider or "")
end

function M.run()
  local known = { open = {} } ---@type zeke.Known
  require("zeke.overview").open("providers", "Zeke providers", FOOT, loader(known), {
    { "<CR>", chooser(known), "show the models of a provider; take a model" },
    { "a", authorize, "key or login of a provider" },
  })
end

return M
