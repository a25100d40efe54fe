---Buffers and windows of our own. Knows no task and no text.
local M = {}

local api = vim.api

---@param name string what follows `zeke://`
---@param filetype string
---@return integer buffer listed nowhere, backed by no file, gone when no window shows it
function M.buffer(name, filetype)
  local buffer = api.nvim_create_buf(false, true)
  if not pcall(api.nvim_buf_set_name, buffer, "zeke://" .. name) then
    require("zeke.leftover").clear() -- a session may have brought the name back
    pcall(api.nvim_buf_set_name, buffer, "zeke://" .. name)
  end
  local options = vim.bo[buffer]
  options.buftype = "nofile"
  options.bufhidden = "wipe"
  options.modifiable = true -- `nvim -M` turns it off for every new buffer
  options.swapfile = false
  options.undolevels = -1
  options.filetype = filetype
  return buffer
end

---@param title string
---@return string text with nothing in it that a winbar would take for its own
local function bar(title)
  return "%#ZekeTitle# " .. title:gsub("%%", "%%%%") .. "%*"
end

---@param window integer
local function dress(window)
  local options = vim.wo[window][0]
  options.number = false
  options.relativenumber = false
  options.signcolumn = "no"
  options.foldenable = false
  options.spell = false
  options.list = false
  options.wrap = true
  options.linebreak = true
end

---@param title string
---@return table
local function float(title)
  local frame = require("zeke.frame")
  local width = frame.width(100)
  local height = math.min(30, math.max(3, vim.o.lines - 8))
  return {
    relative = "editor",
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = frame.plain() and 0 or math.floor((vim.o.columns - width) / 2),
    width = width,
    height = height,
    border = frame.border(),
    title = " " .. title .. " ",
    zindex = 45,
  }
end

---Show a buffer below the current window, or above everything when there is no room.
---@param buffer integer
---@param title string
---@param options {enter: boolean, float: boolean?, height: integer?}
---@return integer window
function M.open(buffer, title, options)
  require("zeke.highlight")
  local room = require("zeke.room").before()
  local ok, window = false, nil ---@type boolean, integer?
  if not options.float and vim.fn.win_gettype() == "" then
    local height = options.height or math.max(5, math.floor(vim.o.lines * 0.4))
    local layout = { split = "below", win = 0, height = height }
    local opened, result = pcall(api.nvim_open_win, buffer, options.enter, layout)
    ok, window = opened, opened and result --[[@as integer]] or nil
  end
  window = window or require("zeke.frame").open(buffer, options.enter, float(title))
  dress(window)
  room:keep(window)
  if ok then
    M.title(buffer, title)
  end
  return window
end

---Change the title in every window that shows the buffer.
---@param buffer integer
---@param title string
function M.title(buffer, title)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local layout = api.nvim_win_get_config(window)
    if layout.relative == "" then
      vim.wo[window][0].winbar = bar(title)
    elseif layout.title then
      pcall(api.nvim_win_set_config, window, { title = " " .. title .. " " })
      vim.wo[window][0].winbar = "" -- what it had in the window it was in before
    end
  end
end

---Replace the whole text.
---@param buffer integer
---@param lines string[]
function M.set(buffer, lines)
  if not api.nvim_buf_is_valid(buffer) then
    return
  end
  local modifiable = vim.bo[buffer].modifiable
  vim.bo[buffer].modifiable = true
  api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].modifiable = modifiable
  vim.bo[buffer].modified = false
end

---@param buffer integer
---@param keys string
---@param action fun()
---@param description string
function M.map(buffer, keys, action, description)
  vim.keymap.set("n", keys, action, {
    buffer = buffer,
    nowait = true,
    silent = true,
    desc = "Zeke: " .. description,
  })
end

---@param buffer integer
function M.close(buffer)
  if api.nvim_buf_is_valid(buffer) then
    pcall(api.nvim_buf_delete, buffer, { force = true })
  end
end

---`q` closes.
---@param buffer integer
function M.quits(buffer)
  M.map(buffer, "q", function()
    if not pcall(api.nvim_win_close, 0, false) then
      M.close(buffer) -- the last window stays, with another buffer
    end
  end, "close")
end

return M
