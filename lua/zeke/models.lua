---`:ZekeSetModel`: which model the next tasks name. The list of what there is comes from the
---broker in the background; completion uses what came last.
local M = {}

local ALWAYS = { "auto", "fast", "smart" }

local chosen ---@type string? for this Neovim; nil: what the settings say
local known = {} ---@type {id: string, provider: string, local: boolean?}[]

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

---@param name string
local function set(name)
  chosen = name
  require("zeke.statusline").refresh()
  refresh(function(problem)
    local notice = require("zeke.notice")
    if problem then
      notice.warn(("The model is now %s. %s"):format(name, problem))
    elseif vim.tbl_contains(names(), name) then
      notice.info(("The model is now %s."):format(name))
    else
      local near = require("zeke.config").nearest(name, names())
      notice.warn(("The model is now %s, which is not there: %s is."):format(name, near))
    end
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
