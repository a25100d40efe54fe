---The suggestion as text that is not in the buffer, for a Neovim without inline completion of its
---own. In plain mode it stands in lines of its own that say what they are: in a line that is half
---typed and half suggested, only the colour would.
local M = {}

local api = vim.api

local namespace = api.nvim_create_namespace("zeke.complete")
local painted ---@type integer? the buffer that shows one

---@param text string one line
---@param column integer where it begins on the screen, from 0
---@return string text with spaces for tabs
local function expanded(text, column)
  local width = vim.bo.tabstop
  return (
    text:gsub("([^\t]*)\t", function(before)
      column = column + vim.fn.strdisplaywidth(before, column)
      local spaces = width - column % width
      column = column + spaces
      return before .. (" "):rep(spaces)
    end)
  )
end

---@param buffer integer
---@param text string what belongs at the cursor
---@param hint string which of how many, or empty
function M.paint(buffer, text, hint)
  M.clear()
  require("zeke.highlight")
  local cursor = api.nvim_win_get_cursor(0)
  local plain = require("zeke.config").get().ui.plain
  local lines = {}
  for line in vim.gsplit(text, "\n", { plain = true }) do
    local column = (#lines == 0 and not plain) and vim.fn.virtcol(".") --[[@as integer]] - 1 or 0
    lines[#lines + 1] = { { expanded(line, column), "ZekeGhost" } }
  end
  if hint ~= "" then
    table.insert(lines[#lines], { hint, "ZekeHint" })
  end
  if plain then
    table.insert(lines[1], 1, { "Zeke suggests: ", "ZekeHint" })
  end
  painted = buffer
  api.nvim_buf_set_extmark(buffer, namespace, cursor[1] - 1, cursor[2], {
    virt_text = not plain and lines[1] or nil,
    virt_text_pos = "inline",
    virt_lines = plain and lines or vim.list_slice(lines, 2),
    hl_mode = "combine",
    undo_restore = false,
  })
end

function M.clear()
  if painted and api.nvim_buf_is_valid(painted) then
    api.nvim_buf_clear_namespace(painted, namespace, 0, -1)
  end
  painted = nil
end

return M
