---GhostWarden's question in a float: one at a time, first come first shown, never replaced.
---It takes no focus from someone who types. Whatever ends it without an answer is a deny.
local M = {}

local api = vim.api
local guard = require("zeke.prompt.guard")
local view = require("zeke.prompt.view")

local MOST_FAILURES = 50

local waiting = {} ---@type zeke.Ask[]
local elsewhere = 0 -- how many wait for this Neovim, as the broker said last
local window, buffer, group ---@type integer?, integer?, integer?
local origin ---@type integer? the window to go back to
local under = 0 -- the one to go back to when that was a float, and is gone
local previous = 0 -- the window that <C-w>p went to there
local side = "bottom" ---@type "top"|"bottom"
local whole = false -- whether the screen has room for what is asked
local failures = 0 -- to open a window, one after the other
local layout_only = false -- closing to open again elsewhere is no answer

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

---@return zeke.PromptState
local function state()
  if focused() then
    return guard.holds() and "guarded" or "open"
  end
  return vim.fn.getcmdwintype() ~= "" and "cmdwin" or "elsewhere"
end

local function draw()
  local ask = current()
  if ask and visible() and buffer then ---@cast window integer
    whole = view.draw(buffer, window, ask, state(), side)
    -- The list has this question too. Where there is no room for both, the person reads the list.
    local crowded = require("zeke.consents").focused() and view.covers(window)
    api.nvim_win_set_config(window, { hide = crowded })
    require("zeke.notice").dodge()
  end
end

---Where Neovim forbids windows to come and go this instant, as soon as it does not.
---@param action fun()
local function later(action)
  api.nvim_create_autocmd("SafeState", { once = true, callback = vim.schedule_wrap(action) })
end

---@param shown integer
local function close(shown)
  if api.nvim_win_is_valid(shown) and not pcall(api.nvim_win_close, shown, true) then
    later(function()
      close(shown)
    end)
  end
end

local function hide()
  layout_only = true
  guard.release()
  local was_focused, back = focused(), origin
  if back and not api.nvim_win_is_valid(back) then
    back = under
  end
  if group then
    pcall(api.nvim_del_augroup_by_id, group)
  end
  if window then
    close(window)
  end
  window, buffer, group, origin = nil, nil, nil, nil
  require("zeke.notice").dodge()
  if was_focused and back and api.nvim_win_is_valid(back) then
    require("zeke.room").go(back, previous)
  end
  layout_only = false
end

---@param ask zeke.Ask
---@return boolean it_waited
local function drop(ask)
  for index, known in ipairs(waiting) do
    if known == ask then
      table.remove(waiting, index)
      if index == 1 then
        hide()
      end
      return true
    end
  end
  return false
end

---Who waits is told where that is shown.
---@param ask zeke.Ask
local function changed(ask)
  require("zeke.statusline").refresh()
  require("zeke.chat.waits").changed(ask)
end

---@param ask zeke.Ask
---@param choice string
local function send(ask, choice)
  require("zeke.act").mark()
  require("zeke.connection").notify("consent.answer", { prompt = ask.prompt, choice = choice })
end

---@param ask zeke.Ask
---@param choice string
local function answer(ask, choice)
  if drop(ask) then
    changed(ask)
    send(ask, choice)
    M.show()
  end
end

---@param key string
---@param choice string
local function pressed(key, choice)
  local ask = current()
  -- A split of the window has the same keys, and shows who knows what.
  if not ask or not focused() or guard.holds() or not require("zeke.typed").is(key) then
    return
  end
  if choice == "deny" or (whole and vim.tbl_contains(ask.choices, choice)) then
    answer(ask, choice)
  end
end

local function entered()
  local ask = current()
  if ask and focused() then ---@cast window integer
    -- Leaving Insert mode here is needed when the way in was a <Cmd> map.
    if api.nvim_get_mode().mode:match("^[^n]") then
      vim.cmd.stopinsert()
    end
    guard.hold(window, ask.guard_ms, draw)
  end
  draw()
end

---Out of the way of who types, if that can be.
local function dodge()
  if not window or not visible() or focused() or not view.covers(window) then
    return
  end
  local before = side
  side = before == "top" and "bottom" or "top"
  draw()
  if view.covers(window) then
    side = before
    draw()
  end
end

---@param ask zeke.Ask
---@param shown integer
local function watch(ask, shown)
  group = api.nvim_create_augroup("zeke-prompt", { clear = true })
  local function on(event, options, callback)
    options.group, options.callback = group, callback
    api.nvim_create_autocmd(event, options)
  end
  on("WinClosed", { pattern = tostring(shown) }, function()
    if not layout_only then
      vim.schedule(function()
        answer(ask, "deny")
      end)
    end
  end)
  on("WinEnter", {}, function()
    if window == shown then
      if not focused() then
        origin = api.nvim_get_current_win()
        if api.nvim_win_get_config(0).relative == "" then
          under, previous = origin, vim.fn.win_getid(vim.fn.winnr("#"))
        end
      end
      entered()
    end
  end)
  on("WinLeave", {}, vim.schedule_wrap(draw))
  on("WinNew", {}, vim.schedule_wrap(draw))
  on("VimResized", {}, draw)
  on({ "CmdwinEnter", "CmdwinLeave" }, {}, vim.schedule_wrap(draw))
  on({ "CursorMoved", "CursorMovedI", "WinScrolled" }, {}, dodge)
  on("TabEnter", {}, function()
    vim.schedule(function()
      hide()
      M.show()
    end)
  end)
  on("VimLeavePre", {}, function()
    for _, left in ipairs(waiting) do
      send(left, "deny")
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
      pressed(key, choice)
    end, choice)
  end
  local function nothing(key)
    api.nvim_buf_set_keymap(shown, "n", key, "", { nowait = true, desc = "Zeke: nothing" })
  end
  -- Unmapped, Neovim takes <M-x> for <Esc>x, and that would deny.
  local names = { ["<"] = "lt", ["|"] = "Bar", ["\\"] = "Bslash" }
  for code = 33, 126 do
    local key = string.char(code)
    nothing(("<M-%s>"):format(names[key] or key))
  end
  -- These would split the question or turn it into another kind of window.
  for key in ("s S v V n N H J K L T r R x o f F d i ^ ] g"):gmatch("%S") do
    nothing("<C-w>" .. key)
    nothing(("<C-w><C-%s>"):format(key))
  end
end

---@return boolean nobody is typing elsewhere, or reading the list of what waits
local function may_enter()
  local inbox = package.loaded["zeke.consents"]
  return require("zeke.act").fresh() and not (inbox and inbox.focused())
end

---@param ask zeke.Ask
---@param problem string
local function unshown(ask, problem)
  failures = failures + 1
  if failures < MOST_FAILURES then
    return later(M.show)
  end
  failures = 0
  require("zeke.notice").internal("GhostWarden's question, which is denied", problem)
  answer(ask, "unshown") -- that nobody said no is known to the broker
end

---Put the first waiting question on the screen, unless it is there.
function M.show()
  local ask = current()
  if not ask or visible() then
    return
  end
  local enter, here = may_enter(), api.nvim_get_current_win()
  side = view.side()
  local fresh = require("zeke.scratch").buffer("prompt", "")
  bind(fresh)
  -- Entered only below, so that the guard is up before the first key can arrive.
  local ok, opened = pcall(view.open, fresh, ask, state(), side)
  if not ok then
    require("zeke.scratch").close(fresh)
    return unshown(ask, opened)
  end
  window, buffer, origin, under, failures = opened, fresh, here, here, 0
  previous = vim.fn.win_getid(vim.fn.winnr("#"))
  vim.bo[buffer].modifiable = false
  watch(ask, window)
  if enter then
    api.nvim_set_current_win(window)
  else
    draw()
  end
  if api.nvim_get_mode().mode:match("^c") then
    vim.cmd.redraw()
  end
end

---@param given table
---@return zeke.Ask
local function read(given)
  local visibly = require("zeke.columns").visible
  local ask = { prompt = given.prompt, guard_ms = given.guard_ms or 400 } ---@type table
  for _, name in ipairs({ "subject", "verb", "target", "project", "risk", "reason", "note" }) do
    ask[name] = visibly(given[name])
  end
  for _, name in ipairs({ "position", "total", "added", "removed" }) do
    ask[name] = tonumber(given[name]) or 0
  end
  ask.diff = vim.tbl_map(visibly, given.diff or {})
  ask.session = given.session ~= "" and given.session or nil
  ask.task = given.task ~= "" and given.task or nil
  ask.choices = require("zeke.prompt.lines").known(given.choices or {})
  return ask --[[@as zeke.Ask]]
end

---@param given table
function M.asked(given)
  for _, ask in ipairs(waiting) do
    if ask.prompt == given.prompt then
      return -- what is shown is what is answered
    end
  end
  waiting[#waiting + 1] = read(given)
  changed(waiting[#waiting])
  M.show()
end

---@param payload {prompt: string, outcome: string}
function M.closed(payload)
  for _, ask in ipairs(waiting) do
    if ask.prompt == payload.prompt then
      drop(ask)
      changed(ask)
      if payload.outcome == "expired" then
        local text = "Nobody answered, so GhostWarden denied: %s %s."
        local target = require("zeke.columns").middle(ask.target, 120)
        require("zeke.notice").warn(text:format(ask.verb, target))
      end
      break
    end
  end
  M.show()
end

---@param count integer how many questions wait for this Neovim, the shown one among them
function M.told(count)
  elsewhere = count
  local ask = current()
  if ask and count > 0 and ask.position + count - 1 ~= ask.total then
    ask.total = ask.position + count - 1
    draw()
  end
end

---@param meant fun(wish: zeke.Wish): boolean
---@return integer how many of these wait
function M.waiting(meant)
  return #vim.tbl_filter(meant, waiting)
end

---The broker is gone, and with it what it wanted to know.
function M.withdraw_all()
  local lost = #waiting
  waiting, elsewhere = {}, 0
  hide()
  if lost > 0 then
    require("zeke.notice").warn("The broker stopped while it asked: nothing was allowed.")
  end
  if package.loaded["zeke.consents"] then
    require("zeke.consents").lost()
  end
end

---Go to the question, to answer it.
---@return boolean there_is_one
function M.focus()
  M.show()
  if window and visible() and not pcall(api.nvim_set_current_win, window) then
    require("zeke.notice").info("Leave this window first, by :q, to answer.")
  end
  return visible()
end

---@return integer? window that shows the question
function M.window()
  return visible() and window or nil
end

---@return integer
function M.count()
  return math.max(#waiting, elsewhere)
end

return M
