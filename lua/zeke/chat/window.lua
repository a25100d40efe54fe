---Where a chat is shown: `chat.window` and `chat.width` of the settings. A window that shows a chat
---already is used again.
local M = {}

local api = vim.api
local scratch = require("zeke.scratch")

local WIDE = 120

---@return integer? window of this tab page that shows a chat
local function shown()
  for _, window in ipairs(api.nvim_tabpage_list_wins(0)) do
    if vim.b[api.nvim_win_get_buf(window)].zeke_chat then
      return window
    end
  end
end

---@param window integer
local function dress(window)
  local options = vim.wo[window][0]
  options.number = false
  options.relativenumber = false
  options.signcolumn = "no"
  options.spell = false
  options.list = false
  options.wrap = true
  options.linebreak = not require("zeke.stream.ease").is(api.nvim_win_get_buf(window))
  options.smoothscroll = true -- a paragraph may be longer than the window is high
end

---@param place string
---@return string
local function settled(place)
  if place ~= "auto" then
    return place
  end
  local wide = vim.o.columns >= WIDE and vim.fn.win_gettype() == ""
  return wide and "right" or "below"
end

---@param buffer integer
---@param width number columns; below 1: part of what is there
local function right(buffer, width)
  local layout = { split = "right", win = 0 }
  if width > 0 then
    layout.width = math.floor(width < 1 and vim.o.columns * width or width)
  end
  local room = require("zeke.room").before()
  room:keep(api.nvim_open_win(buffer, true, layout))
end

---Show a chat in a window that showed it before.
---@param window integer
---@param buffer integer
function M.put(window, buffer)
  api.nvim_win_set_buf(window, buffer)
  dress(window)
end

---Show a chat and go there.
---@param buffer integer
---@param title string
function M.show(buffer, title)
  require("zeke.highlight")
  local there = vim.fn.bufwinid(buffer)
  local window = there > 0 and there or shown()
  if window then
    api.nvim_set_current_win(window)
    if api.nvim_win_get_buf(window) ~= buffer then
      api.nvim_win_set_buf(window, buffer)
    end
  else
    local chat = require("zeke.config").get().chat
    local place = settled(chat.window)
    if vim.fn.win_gettype() ~= "" and place == "right" then
      place = "float" -- no window is split from a float
    end
    if place == "right" then
      right(buffer, chat.width)
    elseif place == "tab" then
      vim.cmd.tabnew()
      local empty = api.nvim_get_current_buf()
      api.nvim_win_set_buf(0, buffer)
      pcall(api.nvim_buf_delete, empty, {})
    else
      local height = math.max(8, math.floor(vim.o.lines * 0.5))
      local folds = vim.o.foldenable
      local float = place == "float"
      scratch.open(buffer, title, { enter = true, height = height, float = float })
      vim.wo[0][0].foldenable = folds
    end
  end
  dress(0)
  scratch.title(buffer, title)
end

return M
