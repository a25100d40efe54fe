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
  scratch.open(buffer, title, { enter = true, float = true })
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

---@param lines zeke.PanelLine[]
function Panel:show(lines)
  if not self:there() then
    return
  end
  self.lines = lines
  scratch.set(
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

---@return table? item under the cursor
function Panel:item()
  local line = self.lines[api.nvim_win_get_cursor(0)[1]]
  return line and line.item
end

return M
