---`:ZekeProviders`: what was spent, and on whom.
local M = {}

---@param stats table what `state.get stats` brings
---@param width integer
---@return zeke.PanelLine[]
function M.lines(stats, width)
  local figures = require("zeke.figures")
  local lines = figures.costs(stats, width)
  lines[#lines + 1] = { text = "" }
  return vim.list_extend(lines, figures.breakdown(stats, width))
end

---@param panel zeke.Panel
local function load(panel)
  require("zeke.replies").state("stats", function(stats, problem)
    if not panel:there() then
      return
    end
    local width = panel:width()
    if stats then
      require("zeke.statusline").spent(stats)
      return panel:show(M.lines(stats, width))
    end
    local parts = require("zeke.columns").wrapped(problem or "?", width)
    panel:show(vim.tbl_map(function(text)
      return { text = text, group = "ZekeError" }
    end, parts))
  end)
end

function M.run()
  local panel = require("zeke.panel").open("providers", "Zeke providers")
  panel:foot(" R looks again · q closes ")
  require("zeke.scratch").map(panel.buffer, "R", function()
    load(panel)
  end, "look again")
  load(panel)
end

return M
