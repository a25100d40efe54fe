---A window of lines to look at, each perhaps standing for something. Used by status and consents.
local M = {}

local api = vim.api
local scratch = require("zeke.scratch")
local namespace = api.nvim_create_namespace("zeke-panel")

---@class zeke.PanelLine
---@field text string
---@field group string?
---@field item table? what the line stands for

---@class zeke.Panel
---@field buffer integer
---@field window integer
---@field lines zeke.PanelLine[]
local Panel = {}
Panel.__index = Panel

---@param name string
---@param title string
---@return zeke.Panel in a float that is entered; `q` and `<Esc>` close it
function M.open(name, title)
  require("zeke.highlight")
  local buffer = scratch.buffer(name .. "/" .. vim.uv.hrtime(), "")
  local self = setmetatable({ buffer = buffer, lines = {} }, Panel)
  scratch.set(buffer, { " …" })
  vim.bo[buffer].modifiable = false
  self.window = scratch.open(buffer, title, { enter = true, float = true })
  scratch.quits(buffer)
  scratch.map(buffer, "<Esc>", function()
    scratch.close(buffer)
  end, "close")
  return self
end

---@return boolean
function Panel:there()
  return api.nvim_buf_is_valid(self.buffer)
end

---@return boolean
function Panel:focused()
  return self:there() and api.nvim_get_current_buf() == self.buffer
end

---@return integer? window that shows it
function Panel:where()
  local there = api.nvim_win_is_valid(self.window)
  return there and api.nvim_win_get_buf(self.window) == self.buffer and self.window or nil
end

---@return integer columns for a line's text
function Panel:width()
  local window = self:where()
  return (window and api.nvim_win_get_width(window) or vim.o.columns) - 2
end

---A line in the window's lower edge, if it has one.
---@param text string
function Panel:foot(text)
  local window = self:where()
  local config = window and api.nvim_win_get_config(window)
  local now = config and config.footer and config.footer[1] and config.footer[1][1]
  if window and config.relative ~= "" and config.border and now ~= text then
    pcall(api.nvim_win_set_config, window, { footer = text, footer_pos = "left" })
  end
end

---Replace what differs, so that the rest, the cursor in it and its folds stay as they are.
---@param buffer integer
---@param texts string[]
local function update(buffer, texts)
  local old = api.nvim_buf_get_lines(buffer, 0, -1, false)
  local first, last, past = 1, #texts, #old
  while first <= last and first <= past and texts[first] == old[first] do
    first = first + 1
  end
  while last >= first and past >= first and texts[last] == old[past] do
    last, past = last - 1, past - 1
  end
  if last < first and past < first then
    return
  end
  vim.bo[buffer].modifiable = true
  api.nvim_buf_set_lines(buffer, first - 1, past, false, vim.list_slice(texts, first, last))
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
end

---@param lines zeke.PanelLine[]
function Panel:show(lines)
  if not self:there() then
    return
  end
  self.lines = lines
  update(
    self.buffer,
    vim.tbl_map(function(line)
      return (" " .. line.text:gsub("%s", " "))
    end, lines)
  )
  api.nvim_buf_clear_namespace(self.buffer, namespace, 0, -1)
  for row, line in ipairs(lines) do
    if line.group then
      local options = { line_hl_group = line.group }
      api.nvim_buf_set_extmark(self.buffer, namespace, row - 1, 0, options)
    end
  end
end

---@param row integer? the cursor's unless given
---@return table? item that stands there
function Panel:item(row)
  local line = self.lines[row or api.nvim_win_get_cursor(0)[1]]
  return line and line.item
end

return M
