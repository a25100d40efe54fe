---GhostWarden's question in a float: one at a time, first come first shown, never replaced.
---It takes no focus from someone who types. Whatever ends it without an answer is a deny.
local M = {}

local api = vim.api
local view = require("zeke.prompt.view")

---@class zeke.Ask what `consent.asked` brings
---@field prompt string
---@field position integer
---@field total integer
---@field subject string
---@field verb string
---@field target string
---@field added integer
---@field removed integer
---@field risk "Low"|"Medium"|"High"
---@field reason string
---@field note string
---@field diff string[]
---@field choices string[]
---@field guard_ms integer

local waiting = {} ---@type zeke.Ask[]
local window, buffer, group ---@type integer?, integer?, integer?
local origin ---@type integer? the window to go back to
local layout_only = false -- closing to open again elsewhere is no answer
local guard = require("zeke.prompt.guard")

---@return zeke.Ask?
local function current()
  return waiting[1]
end

---@return boolean
local function visible()
  return window ~= nil and api.nvim_win_is_valid(window)
end

---@return boolean
local function focused()
  return visible() and api.nvim_get_current_win() == window
end

local function draw()
  local ask = current()
  if ask and visible() and buffer then
    local state = not focused() and "elsewhere" or guard.holds() and "guarded" or "open"
    view.draw(buffer, window, ask, state)
  end
end

local function hide()
  layout_only = true
  guard.release()
  local was_focused = focused()
  if visible() then
    pcall(api.nvim_win_close, window, true)
  end
  if group then
    pcall(api.nvim_del_augroup_by_id, group)
  end
  if was_focused and origin and api.nvim_win_is_valid(origin) then
    api.nvim_set_current_win(origin)
  end
  window, buffer, group, origin = nil, nil, nil, nil
  layout_only = false
end

---@param ask zeke.Ask
---@param choice string
local function send(ask, choice)
  require("zeke.act").mark()
  require("zeke.connection").notify("consent.answer", { prompt = ask.prompt, choice = choice })
end

---@param choice string
local function answer(choice)
  local ask = current()
  if not ask or not (choice == "deny" or vim.tbl_contains(ask.choices, choice)) then
    return
  end
  table.remove(waiting, 1)
  hide()
  send(ask, choice)
  M.show()
end

local function entered()
  local ask = current()
  if not ask or not focused() then
    return draw()
  end
  -- Leaving Insert mode here is needed when the way in was a <Cmd> map.
  if api.nvim_get_mode().mode:match("^[^n]") then
    vim.cmd.stopinsert()
  end
  guard.hold(window, ask.guard_ms or 400, draw)
  draw()
end

---@param shown integer
local function watch(shown)
  group = api.nvim_create_augroup("zeke-prompt", { clear = true })
  local function on(event, options, callback)
    options.group, options.callback = group, callback
    api.nvim_create_autocmd(event, options)
  end
  on("WinClosed", { pattern = tostring(shown) }, function()
    if not layout_only and window == shown then
      vim.schedule(function()
        answer("deny")
      end)
    end
  end)
  on("WinEnter", {}, function()
    if window == shown then
      if not focused() and api.nvim_win_get_config(0).relative == "" then
        origin = api.nvim_get_current_win()
      end
      entered()
    end
  end)
  on("WinLeave", {}, function()
    vim.schedule(draw)
  end)
  on("VimResized", {}, draw)
  on("TabEnter", {}, function()
    vim.schedule(function()
      hide()
      M.show()
    end)
  end)
  on("VimLeavePre", {}, function()
    for _, ask in ipairs(waiting) do
      send(ask, "deny")
    end
    waiting = {}
  end)
end

---@param shown integer buffer
local function bind(shown)
  local keys = { ["1"] = "once", ["2"] = "session", ["3"] = "project", d = "deny" }
  keys["<Esc>"] = "deny"
  for key, choice in pairs(keys) do
    require("zeke.scratch").map(shown, key, function()
      answer(choice)
    end, choice)
  end
  -- Unmapped, Neovim takes <M-x> for <Esc>x, and that would deny.
  local names = { ["<"] = "lt", ["|"] = "Bar", ["\\"] = "Bslash" }
  for code = 33, 126 do
    local key = string.char(code)
    api.nvim_buf_set_keymap(shown, "n", ("<M-%s>"):format(names[key] or key), "", {})
  end
end

---Put the first waiting question on the screen, unless it is there.
function M.show()
  local ask = current()
  if not ask or visible() then
    return
  end
  if vim.fn.getcmdwintype() ~= "" then
    -- No other window can be opened while that one is there.
    api.nvim_create_autocmd("CmdwinLeave", { once = true, callback = vim.schedule_wrap(M.show) })
    return
  end
  local enter = require("zeke.act").fresh()
  origin = api.nvim_get_current_win()
  buffer = require("zeke.scratch").buffer("prompt", "")
  bind(buffer)
  -- Entered only below, so that the guard is up before the first key can arrive.
  window = view.open(buffer, ask)
  vim.bo[buffer].modifiable = false
  watch(window)
  if enter then
    api.nvim_set_current_win(window)
  else
    draw()
  end
  if api.nvim_get_mode().mode:match("^c") then
    vim.cmd.redraw()
  end
end

---@param ask zeke.Ask
function M.asked(ask)
  waiting[#waiting + 1] = ask
  require("zeke.statusline").refresh()
  M.show()
end

---@param payload {prompt: string, outcome: string}
function M.closed(payload)
  for index, ask in ipairs(waiting) do
    if ask.prompt == payload.prompt then
      table.remove(waiting, index)
      if index == 1 then
        hide()
      end
      if payload.outcome == "expired" then
        local text = "Nobody answered, so GhostWarden denied: %s %s."
        require("zeke.notice").warn(text:format(ask.verb, ask.target))
      end
      break
    end
  end
  M.show()
end

---The broker is gone, and with it what it wanted to know.
function M.withdraw_all()
  waiting = {}
  if visible() then
    hide()
  end
end

---Go to the question, to answer it.
---@return boolean there_is_one
function M.focus()
  M.show()
  if not visible() then
    return false
  end
  api.nvim_set_current_win(window)
  return true
end

---@return integer
function M.count()
  return #waiting
end

return M
