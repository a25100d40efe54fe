---A question of the front's own, yes or no, in a float. Waits for nobody; no unless `y` is typed.
---What is done with files or the network is GhostWarden's to ask, not this.
local M = {}

local api = vim.api

local GUARD_MS = 300
local HINTS = {
  elsewhere = "To answer: <C-w>w until you are here.",
  guarded = "One moment: keys count in an instant.",
  open = "y goes on. Any other key: no.",
}

---@class zeke.Confirm
---@field buffer integer
---@field window integer
---@field text string[]
---@field answered fun(yes: boolean)
---@field pause zeke.Pause

local current ---@type zeke.Confirm?

---@param asked zeke.Confirm
---@return "elsewhere"|"guarded"|"open"
local function state(asked)
  if api.nvim_get_current_win() ~= asked.window then
    return "elsewhere"
  end
  return asked.pause:holds() and "guarded" or "open"
end

---@param asked zeke.Confirm
local function draw(asked)
  if current == asked and api.nvim_buf_is_valid(asked.buffer) then
    local lines = vim.list_extend(vim.list_slice(asked.text), { " " .. HINTS[state(asked)] })
    require("zeke.scratch").set(asked.buffer, lines)
    local row, options = #lines - 1, { line_hl_group = "ZekeHint" }
    local namespace = require("zeke.highlight").namespace
    api.nvim_buf_clear_namespace(asked.buffer, namespace, 0, -1)
    api.nvim_buf_set_extmark(asked.buffer, namespace, row, 0, options)
  end
end

---@param asked zeke.Confirm
---@param yes boolean
local function settle(asked, yes)
  if current ~= asked then
    return
  end
  current = nil
  asked.pause:close()
  vim.schedule(function()
    require("zeke.scratch").close(asked.buffer)
    require("zeke.notice").dodge()
  end)
  asked.answered(yes)
end

---@param asked zeke.Confirm
local function entered(asked)
  if current == asked and api.nvim_get_current_win() == asked.window then
    require("zeke.typed").watch()
    asked.pause:start(GUARD_MS, function()
      draw(asked)
    end)
  end
  draw(asked)
end

---@param asked zeke.Confirm
local function bind(asked)
  local map = require("zeke.scratch").map
  local function no()
    if not asked.pause:holds() then
      settle(asked, false)
    end
  end
  -- Every key that could mean something else here is a no.
  for code = 33, 126 do
    local key = string.char(code)
    if key ~= "y" and key ~= ":" then
      map(asked.buffer, key == "<" and "<lt>" or key == "|" and "<Bar>" or key, no, "no")
    end
  end
  for _, key in ipairs({ "<Esc>", "<CR>", "<Space>", "<BS>" }) do
    map(asked.buffer, key, no, "no")
  end
  map(asked.buffer, "y", function()
    if not asked.pause:holds() and require("zeke.typed").is("y") then
      settle(asked, true)
    end
  end, "yes")
end

---@param asked zeke.Confirm
local function watch(asked)
  local function on(event, options, callback)
    options.callback = callback
    api.nvim_create_autocmd(event, options)
  end
  on("WinEnter", { buffer = asked.buffer }, function()
    entered(asked)
  end)
  -- Leaving it, closing it: no.
  on({ "WinLeave", "BufWipeout" }, { buffer = asked.buffer }, function()
    settle(asked, false)
  end)
end

---@param text string
---@param answered fun(yes: boolean) called once
function M.ask(text, answered)
  if current then
    settle(current, false)
  end
  local scratch, frame = require("zeke.scratch"), require("zeke.frame")
  local width = frame.width(70)
  local lines = vim.tbl_map(function(line)
    return " " .. line
  end, require("zeke.columns").wrapped(text, width - 2))
  local buffer = scratch.buffer("confirm", "")
  local enter = require("zeke.act").fresh()
  local asked = { buffer = buffer, text = lines, answered = answered }
  asked.pause = require("zeke.pause").new()
  current = asked
  require("zeke.highlight")
  asked.window = frame.open(buffer, false, {
    relative = "editor",
    row = math.max(0, vim.o.lines - vim.o.cmdheight - #lines - 4),
    col = math.max(0, math.floor((vim.o.columns - width - 2) / 2)),
    width = width,
    height = #lines + 1,
    style = "minimal",
    border = frame.border(),
    title = " Zeke ",
    zindex = 60,
  })
  vim.wo[asked.window][0].wrap = false
  vim.bo[buffer].modifiable = false
  require("zeke.notice").dodge()
  bind(asked)
  watch(asked)
  if enter then
    api.nvim_set_current_win(asked.window) -- `WinEnter` draws it
  else
    draw(asked)
  end
end

---@return integer? window that shows the question
function M.window()
  local window = current and current.window
  return window and api.nvim_win_is_valid(window) and window or nil
end

return M
