---What `:ZekeStatus` and `:ZekeProviders` have in common: one window, its keys, and that it follows
---what happens.
local M = {}

---@class zeke.OverviewKey
---@field [1] string
---@field [2] fun(panel: zeke.Panel)
---@field [3] string what it does

---@param panel zeke.Panel
---@param run fun()
---@return fun()
local function instead(panel, run)
  return function()
    require("zeke.scratch").close(panel.buffer)
    run()
  end
end

---@param keys zeke.OverviewKey[]
local function explain(keys)
  local lines = vim.tbl_map(function(key)
    return { text = ("%-5s %s"):format(key[1], key[3]) }
  end, keys)
  lines[#lines + 1] = { text = "q     close" }
  local panel = require("zeke.panel").open("keys", "Zeke keys")
  panel:show(lines)
  require("zeke.scratch").map(panel.buffer, "?", function()
    require("zeke.scratch").close(panel.buffer)
  end, "close")
end

---@param panel zeke.Panel
---@param live zeke.Live
---@return zeke.OverviewKey[]
local function common(panel, live)
  return {
    {
      "m",
      function()
        require("zeke.models").run("")
      end,
      "choose the model",
    },
    {
      "p",
      function()
        require("zeke.models").provider()
      end,
      "choose the provider; it chooses the model",
    },
    {
      "c",
      instead(panel, function()
        require("zeke.providers").run()
      end),
      "costs and providers",
    },
    {
      "s",
      instead(panel, function()
        require("zeke.status").run()
      end),
      "status",
    },
    {
      "R",
      function()
        live:again()
      end,
      "look again",
    },
  }
end

---@param name string
---@param title string
---@param foot string
---@param load fun(panel: zeke.Panel, done: fun(), whole: boolean)
---@param own zeke.OverviewKey[]
---@return zeke.Panel
function M.open(name, title, foot, load, own)
  local panel = require("zeke.panel").open(name, title)
  panel:foot(foot)
  local live = require("zeke.live").follow(panel, function(done, whole)
    load(panel, done, whole)
  end)
  local keys = vim.list_extend(common(panel, live), own)
  local map = require("zeke.scratch").map
  for _, key in ipairs(keys) do
    map(panel.buffer, key[1], function()
      key[2](panel)
    end, key[3])
  end
  map(panel.buffer, "?", function()
    explain(keys)
  end, "keys")
  return panel
end

---Ask for several things at once, and show each as soon as it is there.
---@param wanted zeke.StateName[]
---@param came fun(what: string, data: table?, problem: string?)
---@param done fun() after the last
function M.gather(wanted, came, done)
  local left = #wanted
  for _, what in ipairs(wanted) do
    require("zeke.replies").state(what, function(data, problem)
      came(what, data, problem)
      left = left - 1
      if left == 0 then
        done()
      end
    end)
  end
end

return M
