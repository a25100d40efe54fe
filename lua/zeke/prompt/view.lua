---The float of a question: where it is, how large, and that nothing is in front of it; while it
---waits, only what Neovim itself says and asks.
local M = {}

local api = vim.api
local frame = require("zeke.frame")
local namespace = api.nvim_create_namespace("zeke-prompt")

local WIDTH = 78
local ABOVE = 250 -- in front of nearly everything
-- Neovim's own messages, which may ask for a number of a list, are at 199 to 201; in 0.12 they can
-- be floats of these filetypes.
local BENEATH = 198
local OWN = { cmd = true, dialog = true, msg = true, pager = true }

---@class zeke.PromptPlace
---@field width integer
---@field height integer the most lines the text may take

---@return integer rows that a float may cover, its border included
local function rows()
  return vim.o.lines - vim.o.cmdheight
end

---Half of the screen, so that it never has to cover the cursor; more for one who reads it.
---@param state zeke.PromptState
---@return zeke.PromptPlace
local function limits(state)
  local reading = state == "open" or state == "guarded"
  local most = math.floor(rows() * (reading and 0.7 or 0.5)) - 2
  local height = math.min(math.max(most, 7), rows() - 2)
  return { width = frame.width(WIDTH, 2), height = height }
end

---@return integer row of the cursor on the screen, from 0; -1 when it is not known
local function cursor_row()
  vim.fn.line("w$") -- brings up to date what `screenpos` looks at
  local row = vim.fn.screenpos(0, vim.fn.line("."), vim.fn.col(".")).row ---@type integer?
  return (row or 0) - 1
end

---@return "top"|"bottom" where the cursor is not
function M.side()
  return cursor_row() >= rows() / 2 and "top" or "bottom"
end

---@return string|string[] border one whose edge carries the title
local function border()
  local chosen = frame.border()
  local top = type(chosen) == "table" and chosen[(2 - 1) % math.max(1, #chosen) + 1]
  top = type(top) == "table" and top[1] or top
  local untitled = vim.tbl_contains({ "none", "", "shadow" }, chosen)
  return (untitled or top == "" or top == nil) and "single" or chosen
end

---@param window integer? the prompt
---@return integer zindex that is before every other float
local function depth(window)
  local answered = window == api.nvim_get_current_win()
  local most = answered and ABOVE or BENEATH
  for _, other in ipairs(api.nvim_tabpage_list_wins(0)) do
    local config = api.nvim_win_get_config(other)
    local own = OWN[vim.bo[api.nvim_win_get_buf(other)].filetype]
    if other ~= window and config.relative ~= "" and (answered or not own) then
      most = math.max(most, (config.zindex or 0) + 1)
    end
  end
  return most
end

---@param ask zeke.Ask
---@param side "top"|"bottom"
---@param height integer
---@param window integer?
---@return table
local function layout(ask, side, height, window)
  local width, dash = frame.width(WIDTH, 2), frame.plain() and ":" or " ─"
  return {
    relative = "editor",
    -- At the bottom the statusline stays in sight.
    row = side == "top" and 0 or math.max(0, rows() - 1 - height - 2),
    col = math.max(0, math.floor((vim.o.columns - width - 2) / 2)),
    width = width,
    height = height,
    title = (" GhostWarden%s %d of %d "):format(dash, ask.position, ask.total),
    border = border(),
    zindex = depth(window),
  }
end

---@param buffer integer
---@param lines zeke.PromptLine[]
local function fill(buffer, lines)
  local texts = vim.tbl_map(function(line)
    return line.text
  end, lines)
  require("zeke.scratch").set(buffer, texts)
  api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  for row, line in ipairs(lines) do
    for _, mark in ipairs(line.groups or {}) do
      local from, past = mark[1], mark[2] ---@type integer, integer
      past = math.min(past, #line.text)
      from = math.min(from, past)
      local options = { end_col = past, hl_group = mark[3] }
      api.nvim_buf_set_extmark(buffer, namespace, row - 1, from, options)
    end
  end
end

---@param ask zeke.Ask
---@param state zeke.PromptState
---@return zeke.PromptText
local function text(ask, state)
  local room = limits(state)
  return require("zeke.prompt.lines").of(ask, state, room.width, room.height)
end

---@param buffer integer
---@param ask zeke.Ask
---@param state zeke.PromptState
---@param side "top"|"bottom"
---@return integer window not entered
function M.open(buffer, ask, state, side)
  require("zeke.highlight")
  local shown = text(ask, state)
  fill(buffer, shown.lines)
  local config = layout(ask, side, #shown.lines)
  local window = frame.open(buffer, false, vim.tbl_extend("error", config, { style = "minimal" }))
  local options = vim.wo[window][0]
  options.winhighlight = "NormalFloat:ZekePrompt,FloatBorder:ZekeBorder,FloatTitle:ZekeTitle"
  options.winfixbuf = true
  options.wrap = false
  options.cursorline = false
  options.list = false
  options.conceallevel = 0
  options.winblend = 0
  return window
end

---@param buffer integer
---@param window integer
---@param ask zeke.Ask
---@param state zeke.PromptState
---@param side "top"|"bottom"
---@return boolean whole whether what is asked could be said
function M.draw(buffer, window, ask, state, side)
  local shown = text(ask, state)
  fill(buffer, shown.lines)
  local wanted, now = layout(ask, side, #shown.lines, window), api.nvim_win_get_config(window)
  local title = now.title and now.title[1] and now.title[1][1]
  for _, name in ipairs({ "row", "col", "width", "height", "zindex" }) do
    if now[name] ~= wanted[name] or title ~= wanted.title then
      api.nvim_win_set_config(window, wanted)
      break
    end
  end
  if api.nvim_get_current_win() == window then
    api.nvim_win_set_cursor(window, { #shown.lines, 0 })
  end
  -- However it was scrolled: what is asked stands at its top.
  api.nvim_win_call(window, function()
    vim.fn.winrestview({ topline = 1, leftcol = 0 })
  end)
  return shown.whole
end

---@param window integer
---@return boolean whether the cursor of whoever types is under it
function M.covers(window)
  local config, row = api.nvim_win_get_config(window), cursor_row()
  return row >= config.row and row < config.row + config.height + 2
end

return M
