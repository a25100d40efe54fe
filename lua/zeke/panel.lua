---A window of lines to look at, each perhaps standing for something. Used by status and consents.
local M = {}

local api = vim.api
local scratch = require("zeke.scratch")
local namespace = api.nvim_create_namespace("zeke-panel")
local diff = vim.text and vim.text.diff or vim.diff -- the same under two names

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
---@param below {enter: boolean, height: integer}? a split below instead of a float that is entered
---@return zeke.Panel `q` closes it, `<Esc>` a float
function M.open(name, title, below)
  require("zeke.highlight")
  local buffer = scratch.buffer(name .. "/" .. vim.uv.hrtime(), "")
  local self = setmetatable({ buffer = buffer, lines = {} }, Panel)
  scratch.set(buffer, { " …" })
  vim.bo[buffer].modifiable = false
  self.window = scratch.open(buffer, title, below or { enter = true, float = true })
  scratch.quits(buffer)
  if not below then
    scratch.map(buffer, "<Esc>", function()
      scratch.close(buffer)
    end, "close")
  end
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

---@param hunks integer[][] as `vim.diff` gives them
---@param row integer of the old text
---@return integer where that line is in the new text
local function moved(hunks, row)
  local offset = 0
  for _, hunk in ipairs(hunks) do
    local first, count, at, now = hunk[1], hunk[2], hunk[3], hunk[4]
    local past = count == 0 and first + 1 or first + count
    if row >= past then
      offset = offset + now - count
    elseif count > 0 and row >= first then
      -- Of lines that are gone, what follows takes the place.
      return now == 0 and at + 1 or at + math.min(row - first, now)
    end
  end
  return row + offset
end

---Replace what differs, so that the rest, every cursor in it and its folds stay as they are.
---@param buffer integer
---@param texts string[]
local function update(buffer, texts)
  local old = api.nvim_buf_get_lines(buffer, 0, -1, false)
  local before, after = table.concat(old, "\n") .. "\n", table.concat(texts, "\n") .. "\n"
  if before == after then
    return
  end
  local hunks = diff(before, after, { result_type = "indices" }) --[[@as integer[][] ]]
  local views = {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    views[window] = api.nvim_win_call(window, vim.fn.winsaveview)
  end
  vim.bo[buffer].modifiable = true
  for index = #hunks, 1, -1 do
    local hunk = hunks[index]
    local first, count, at, now = hunk[1], hunk[2], hunk[3], hunk[4]
    local from = count == 0 and first or first - 1
    api.nvim_buf_set_lines(
      buffer,
      from,
      from + count,
      false,
      vim.list_slice(texts, at, at + now - 1)
    )
  end
  vim.bo[buffer].modifiable = false
  vim.bo[buffer].modified = false
  for window, view in pairs(views) do
    view.lnum = moved(hunks, view.lnum)
    view.topline = view.topline > 1 and moved(hunks, view.topline) or 1
    api.nvim_win_call(window, function()
      vim.fn.winrestview(view)
    end)
  end
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
