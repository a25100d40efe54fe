---How a question looks. The broker has made every string of it harmless already; our own words,
---the risk and the path stand apart from what the asker says.
local M = {}

local api = vim.api
local namespace = api.nvim_create_namespace("zeke-prompt")

local WIDTH = 78
local LABELS = {
  once = "[1] Allow once",
  session = "[2] Session",
  project = "[3] Project",
  deny = "[d] Deny",
}
local HINTS = {
  elsewhere = "To answer: :Zeke prompt, then the key. Typing goes on where it was.",
  guarded = "One moment: keys count in an instant.",
  open = "Esc denies. <C-w>w leaves the question waiting.",
}

---@class zeke.PromptLine
---@field text string
---@field groups [integer, integer, string][]? first byte, past the last, group

---@param text string
---@param width integer
---@return string[] all of it, broken anywhere: a path must be seen whole
local function broken(text, width)
  local lines, rest = {}, text
  while vim.fn.strdisplaywidth(rest) > width do
    local count = vim.fn.strcharlen(rest)
    while vim.fn.strdisplaywidth(vim.fn.strcharpart(rest, 0, count)) > width do
      count = count - 1
    end
    lines[#lines + 1] = vim.fn.strcharpart(rest, 0, count)
    rest = vim.fn.strcharpart(rest, count)
  end
  lines[#lines + 1] = rest
  return lines
end

---@param text string
---@param width integer
---@return string
local function cut(text, width)
  local lines = broken(text, width - 1)
  return #lines > 1 and lines[1] .. "…" or text
end

---@param ask zeke.Ask
---@param width integer
---@return zeke.PromptLine[]
local function head(ask, width)
  local lines = { { text = " " .. ask.subject .. " wants to" } }
  local counts = ""
  if (ask.added or 0) + (ask.removed or 0) > 0 then
    counts = ("+%d −%d"):format(ask.added, ask.removed)
  end
  local verb = " " .. ask.verb .. "  "
  local room = width - #verb - 10
  for index, part in ipairs(broken(ask.target, room)) do
    local start = index == 1 and verb or (" "):rep(#verb)
    local text = start .. part
    if index == 1 and counts ~= "" then
      local fill = width - vim.fn.strdisplaywidth(text) - vim.fn.strdisplaywidth(counts) - 1
      text = text .. (" "):rep(math.max(1, fill)) .. counts
    end
    lines[#lines + 1] = { text = text, groups = { { #start, #start + #part, "ZekeTitle" } } }
  end
  local risk = " Risk: " .. ask.risk
  local reason = ask.reason and ask.reason ~= "" and "  " .. ask.reason or ""
  lines[#lines + 1] = {
    text = cut(risk .. reason, width),
    groups = { { 7, #risk, "ZekeRisk" .. ask.risk } },
  }
  if ask.note and ask.note ~= "" then
    local said = broken("It says: " .. ask.note, width - 2)
    for index = 1, math.min(2, #said) do
      local text = " " .. said[index] .. (index == 2 and #said > 2 and "…" or "")
      lines[#lines + 1] = { text = text, groups = { { 0, #text, "ZekeNote" } } }
    end
  end
  return lines
end

---@param diff string[]
---@param room integer
---@param width integer
---@return zeke.PromptLine[]
local function folded(diff, room, width)
  local shown = {}
  local function add(from, to)
    for index = from, to do
      local text = cut(" " .. diff[index], width)
      local sign = diff[index]:sub(1, 1)
      local group = sign == "+" and "ZekeAdded" or sign == "-" and "ZekeRemoved"
      shown[#shown + 1] = { text = text, groups = group and { { 0, #text, group } } or nil }
    end
  end
  if #diff <= room then
    add(1, #diff)
  elseif room >= 3 then
    local below = math.floor((room - 1) / 3)
    local above = room - 1 - below
    add(1, above)
    local text = (" ⋯ %d more lines"):format(#diff - above - below)
    shown[#shown + 1] = { text = text, groups = { { 0, #text, "ZekeHint" } } }
    add(#diff - below + 1, #diff)
  elseif room >= 1 then
    local text = (" ⋯ %d changed lines"):format(#diff)
    shown[1] = { text = text, groups = { { 0, #text, "ZekeHint" } } }
  end
  return shown
end

---@param ask zeke.Ask
---@param state "elsewhere"|"guarded"|"open"
---@param width integer
---@return zeke.PromptLine[]
local function foot(ask, state, width)
  local labels = vim.tbl_map(function(choice)
    return LABELS[choice]
  end, ask.choices)
  local text = " " .. table.concat(labels, "  ")
  local hint = cut(" " .. HINTS[state], width)
  local group = state == "open" and "ZekeKey" or "ZekeHint"
  return {
    { text = text, groups = { { 0, #text, group } } },
    { text = hint, groups = { { 0, #hint, "ZekeHint" } } },
  }
end

---@param ask zeke.Ask
---@param state "elsewhere"|"guarded"|"open"
---@param width integer
---@param height integer lines at most
---@return zeke.PromptLine[]
function M.lines(ask, state, width, height)
  local lines, below = head(ask, width), foot(ask, state, width)
  local room = math.max(0, height - #lines - #below)
  vim.list_extend(lines, folded(ask.diff or {}, room, width))
  return vim.list_extend(lines, below)
end

---@param ask zeke.Ask
---@param height integer
---@return table config on the half of the screen where the cursor is not
local function layout(ask, height)
  local width = math.min(WIDTH, vim.o.columns - 2)
  local room = vim.o.lines - vim.o.cmdheight - 1
  local cursor_below = vim.fn.screenrow() > room / 2
  return {
    relative = "editor",
    row = cursor_below and 0 or math.max(0, room - height - 2),
    col = math.max(0, math.floor((vim.o.columns - width - 2) / 2)),
    width = width,
    height = height,
    title = (" GhostWarden ─ %d of %d "):format(ask.position or 1, ask.total or 1),
    border = require("zeke.config").get().ui.border,
    zindex = 250,
  }
end

---@return integer width, integer height the most the text may take
local function limits()
  local most = math.floor((vim.o.lines - vim.o.cmdheight) * 0.6)
  return math.min(WIDTH, vim.o.columns - 2), math.max(6, most)
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
      local past = math.min(mark[2], #line.text)
      local options = { end_col = past, hl_group = mark[3] }
      api.nvim_buf_set_extmark(buffer, namespace, row - 1, math.min(mark[1], past), options)
    end
  end
end

---@param buffer integer
---@param ask zeke.Ask
---@return integer window not entered
function M.open(buffer, ask)
  require("zeke.highlight")
  local width, height = limits()
  local lines = M.lines(ask, "elsewhere", width, height)
  fill(buffer, lines)
  local config = vim.tbl_extend("force", layout(ask, #lines), { style = "minimal" })
  local window = api.nvim_open_win(buffer, false, config)
  local options = vim.wo[window][0]
  options.winhighlight = "NormalFloat:ZekePrompt,FloatBorder:ZekeBorder,FloatTitle:ZekeTitle"
  options.winfixbuf = true
  options.wrap = false
  options.cursorline = false
  return window
end

---@param buffer integer
---@param window integer
---@param ask zeke.Ask
---@param state "elsewhere"|"guarded"|"open"
function M.draw(buffer, window, ask, state)
  local width, height = limits()
  local lines = M.lines(ask, state, width, height)
  fill(buffer, lines)
  local before = api.nvim_win_get_config(window)
  if before.width ~= width or before.height ~= #lines then
    api.nvim_win_set_config(window, layout(ask, #lines))
  elseif before.row + #lines + 2 > vim.o.lines then
    api.nvim_win_set_config(window, layout(ask, #lines))
  end
  if api.nvim_get_current_win() == window then
    api.nvim_win_set_cursor(window, { #lines, 0 })
  end
end

return M
