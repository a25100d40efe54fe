---Other suggestions for the same place: those that came already, and then the model is asked again.
local M = {}

local Around = require("zeke.complete.around")
local ask = require("zeke.complete.ask")
local refusals = require("zeke.complete.refusals")
local shown = require("zeke.complete.shown")

-- A model that says the same again is asked so often in all.
local TRIES = 3

---@param suggestion zeke.Suggestion
---@param index integer
local function choose(suggestion, index)
  suggestion.index = (index - 1) % #suggestion.texts + 1
  shown.follow()
end

---@param suggestion zeke.Suggestion
---@param tries integer
local function another(suggestion, tries)
  local around = Around.cursor()
  if not around then
    return
  end
  ask.send(around, suggestion.asked, {
    done = function(text)
      refusals.answered()
      suggestion.asked = suggestion.asked + 1
      if shown.current() ~= suggestion then
        return
      elseif suggestion:add(text) then
        ask.remember(around, suggestion.texts)
        choose(suggestion, #suggestion.texts)
      elseif tries > 1 then
        another(suggestion, tries - 1)
      else
        -- Nothing else comes: round to the first.
        choose(suggestion, 1)
        require("zeke.notice").info("The model suggests nothing else here.")
      end
    end,
    failed = function(failure)
      refusals.failed(around.buffer, failure, true)
    end,
  })
end

---@return boolean done false: nothing is shown
function M.next()
  local suggestion = shown.current()
  if not suggestion or not suggestion:rest() then
    return false
  elseif suggestion.index < #suggestion.texts then
    choose(suggestion, suggestion.index + 1)
  elseif not ask.waits() then
    suggestion:settle()
    another(suggestion, TRIES)
  end
  return true
end

---@return boolean done false: nothing is shown
function M.previous()
  local suggestion = shown.current()
  if not suggestion or not suggestion:rest() then
    return false
  end
  choose(suggestion, suggestion.index - 1)
  return true
end

return M
