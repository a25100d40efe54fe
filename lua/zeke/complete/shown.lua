---The suggestion that is shown, wherever it is drawn. There is one at most.
local M = {}

local ghost = require("zeke.complete.ghost")
local keys = require("zeke.complete.keys")
local lsp = require("zeke.complete.lsp")

local current ---@type zeke.Suggestion?

---@return boolean open a menu of completions covers the place
function M.menu()
  if vim.fn.pumvisible() == 1 then
    return true
  end
  local cmp, blink = package.loaded["cmp"], package.loaded["blink.cmp"]
  local _, open = pcall(function()
    return cmp and cmp.visible() or blink and blink.is_visible()
  end)
  return open == true
end

local function hide()
  keys.release()
  ghost.clear()
  if current then
    lsp.clear(current.buffer)
  end
end

---@param suggestion zeke.Suggestion
---@param rest string
local function paint(suggestion, rest)
  if M.menu() then
    return hide()
  end
  local count = #suggestion.texts
  local hint = count > 1 and (" (%d/%d)"):format(suggestion.index, count) or ""
  if lsp.paint(suggestion) then
    ghost.clear()
  else
    ghost.paint(suggestion.buffer, rest, hint)
  end
  keys.take(suggestion.buffer)
end

---@return zeke.Suggestion?
function M.current()
  return current
end

function M.clear()
  hide()
  current = nil
end

---The text or the cursor has changed.
---@return boolean shown what is left of the suggestion still belongs at the cursor
function M.follow()
  local rest = current and current:rest()
  if not current then
    return false
  elseif rest then
    paint(current, rest)
  else
    M.clear()
  end
  return rest ~= nil
end

---@param suggestion zeke.Suggestion?
---@return boolean shown
function M.show(suggestion)
  M.clear()
  current = suggestion
  return M.follow()
end

return M
