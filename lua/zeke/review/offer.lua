---Changes that agents want while the person does something else: one is shown to somebody who waits
---for it, the next one when that is settled. Somebody who types or is elsewhere is told once.
local M = {}

local api = vim.api
local Change = require("zeke.review.change")

---@type {from: integer, at: integer}? windows: where the person was, where they were taken
local left

---@return zeke.ChangeFile? file of an agent that waits for the person longest, and can be shown
local function first()
  return Change.find(function(file)
    return file.change.agent ~= nil and file.state == "open" and file.view ~= nil
  end)
end

---@param buffer integer
---@return boolean another one is about to be shown in it, by itself
local function comes(buffer)
  return Change.find(function(file)
    local soon = file.state == "waiting" or file.state == "rebasing"
    return soon and file.change.agent ~= nil and file.target == buffer
  end) ~= nil
end

---@return boolean the person looks at a change, or is asked something
local function occupied()
  return Change.of(api.nvim_get_current_buf()) ~= nil or require("zeke.prompt").window() ~= nil
end

---@return zeke.Change? shown
local function offer()
  local file = require("zeke.act").fresh() and not occupied() and first()
  if not file then
    return nil
  end
  local from = api.nvim_get_current_win()
  require("zeke.review.visit").file(file)
  left = left or { from = from, at = 0 }
  left.at = api.nvim_get_current_win()
  return file.change
end

---@param change zeke.Change
local function tell(change)
  local files = change:known()
  local what = #files == 1 and files[1]:called() or ("%d files"):format(#files)
  change.told = ("%s wants to change %s: `:ZekeReview` shows it."):format(change.agent, what)
  require("zeke.notice").info(change.told)
end

---The person looks at it, or need not any more.
---@param change zeke.Change
function M.seen(change)
  if change.told then
    require("zeke.notice").over(change.told)
    change.told = nil
  end
end

---All of a change has come.
---@param change zeke.Change
function M.arrived(change)
  require("zeke.chat.waits").changed(change)
  if #change:undecided() == 0 then
    return
  end
  local here = Change.of(api.nvim_get_current_buf())
  local before = here and here.change or offer()
  -- Of the same agent it comes next by itself.
  if not before or before.session ~= change.session then
    tell(change)
  end
end

---A change has ended: the next one is shown, or the person is taken back to where they were.
---@param change zeke.Change
function M.closed(change)
  require("zeke.chat.waits").changed(change)
  M.seen(change)
  if offer() then
    return
  end
  local was = left
  if was and not first() and not comes(api.nvim_get_current_buf()) then
    left = nil
    local there = api.nvim_get_current_win() == was.at and api.nvim_win_is_valid(was.from)
    if there and require("zeke.act").fresh() then
      api.nvim_set_current_win(was.from)
    end
  end
end

return M
