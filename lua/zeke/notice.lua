---Sentences for the person that never stop them: a small window in a corner, which nobody has to
---dismiss and which goes out of the way of who types; and a history (`:Zeke messages`; Neovim's own
---keeps only what it has shown in the command line, where a long sentence stops everything). A
---`vim.notify` of the person's own is used instead of the window.
local M = {}

local SHOWN_MS = 8000
local MOST = 4
local KEPT = 200
local GROUPS = { info = "ZekeInfo", warn = "ZekeWarn", error = "ZekeError" }
local ALOUD = { warn = "Zeke warning", error = "Zeke error" } -- what is otherwise a colour

---@class zeke.Sentence
---@field text string
---@field group string

local shown = {} ---@type zeke.Sentence[]
local history = {} ---@type zeke.PanelLine[]
local window, buffer ---@type integer?, integer?
local timer ---@type uv.uv_timer_t?
local own_step ---@type any what the person's own vim.notify returned for the last step
local going = {} ---@type table<string, true?> steps of what goes on: they stay until it is over

local draw ---@type fun()

---@return integer? window
local function there()
  return window and vim.api.nvim_win_is_valid(window) and window or nil
end

---Something has moved that it must not be under.
function M.dodge()
  if there() then
    pcall(draw)
  end
end

---The person has gone elsewhere, or on.
local function follow()
  local here = there()
  if here and not require("zeke.notice.place").fits(here) then
    pcall(draw)
  end
end

---@param on boolean
local function watch(on)
  local group = vim.api.nvim_create_augroup("zeke-notice", { clear = true })
  if not on then
    return
  end
  vim.api.nvim_create_autocmd({ "CursorMoved", "CursorMovedI", "WinScrolled", "TextChangedT" }, {
    group = group,
    callback = follow,
  })
  local layout = { "WinEnter", "WinNew", "WinClosed", "WinResized", "VimResized", "TabEnter" }
  vim.api.nvim_create_autocmd(vim.list_extend(layout, { "CompleteChanged" }), {
    group = group,
    callback = vim.schedule_wrap(M.dodge),
  })
end

local function hide()
  shown = vim.tbl_filter(function(sentence)
    return going[sentence.text] == true
  end, shown)
  if #shown > 0 and pcall(draw) then
    return
  end
  local here = there()
  if here then
    pcall(vim.api.nvim_win_close, here, true)
  end
  window = nil
  watch(false)
end

---@param text string
---@param width integer
---@return string[]
local function wrapped(text, width)
  local lines, current = {}, ""
  for word in text:gmatch("%S+") do
    local longer = current == "" and word or current .. " " .. word
    if current ~= "" and vim.fn.strdisplaywidth(longer) > width then
      lines[#lines + 1] = current
      current = word
    else
      current = longer
    end
  end
  lines[#lines + 1] = current
  return lines
end

---@param first integer the oldest sentence of those that are shown
---@return string[] lines, string[] groups, integer width
local function text_from(first)
  local plain = require("zeke.frame").plain()
  local most = math.min(76, vim.o.columns - 4)
  local lines, groups, width = {}, {}, plain and vim.o.columns or 1
  for index = first, #shown do
    for _, text in ipairs(wrapped(shown[index].text, most - 2)) do
      lines[#lines + 1] = " " .. text
      groups[#lines] = shown[index].group
      width = plain and width or math.min(most, math.max(width, vim.fn.strdisplaywidth(text) + 2))
    end
  end
  return lines, groups, width
end

---@param lines string[]
---@param groups string[]
---@return integer buffer
local function filled(lines, groups)
  local api = vim.api
  local namespace = require("zeke.highlight").namespace
  if not (buffer and api.nvim_buf_is_valid(buffer)) then
    buffer = api.nvim_create_buf(false, true)
    vim.bo[buffer].modifiable = true
  end
  ---@cast buffer integer
  api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  for row, group in ipairs(groups) do
    api.nvim_buf_set_extmark(buffer, namespace, row - 1, 0, { line_hl_group = group })
  end
  return buffer
end

---@param here integer? the window that is there
---@return vim.api.keyset.win_config, string[] lines, string[] groups
local function layout(here)
  local place = require("zeke.notice.place")
  local first = 0
  local row, lines, groups, width
  repeat -- where there is no room for all of it, the oldest is left to the history
    first = first + 1
    lines, groups, width = text_from(first)
    row = place.find(width, #lines, here)
  until row or first >= #shown
  local height = #lines
  if not row then
    row, height = place.anyhow(height)
  end
  local config = {
    relative = "editor",
    anchor = "SE",
    row = row,
    col = vim.o.columns,
    width = width,
    height = height,
    style = "minimal",
    border = "none",
    focusable = false,
    zindex = 190, -- Neovim's own messages are at 200, and may ask for a number of a list
  }
  return config, lines, groups
end

function draw()
  local api, here = vim.api, there()
  if here and api.nvim_win_get_tabpage(here) ~= api.nvim_get_current_tabpage() then
    pcall(api.nvim_win_close, here, true)
    here = nil
  end
  local config, lines, groups = layout(here)
  local text = filled(lines, groups)
  if here then
    api.nvim_win_set_config(here, config)
  else
    config.noautocmd = true
    window = api.nvim_open_win(text, false, config)
    watch(true)
  end
  if api.nvim_get_mode().mode:match("^c") then
    vim.cmd.redraw()
  end
end

---@param text string
---@param group string
local function show(text, group)
  for index, sentence in ipairs(shown) do
    if sentence.text == text then
      table.remove(shown, index)
      break
    end
  end
  shown[#shown + 1] = { text = text, group = group }
  if #shown > MOST then
    table.remove(shown, 1)
  end
  timer = timer or assert(vim.uv.new_timer())
  timer:start(SHOWN_MS, 0, vim.schedule_wrap(hide))
  draw()
end

---@param text string
---@param group string
local function keep(text, group)
  for _, part in ipairs(vim.split(text, "\n", { plain = true })) do
    history[#history + 1] = { text = os.date("%H:%M:%S ") .. part, group = group }
  end
  while #history > KEPT do
    table.remove(history, 1)
  end
end

---Into the history only: there is more of it than anybody reads.
---@param text string
function M.keep(text)
  keep("Zeke: " .. text, GROUPS.error)
end

---@return boolean
local function person_has_own()
  return not debug.getinfo(vim.notify, "S").source:find("vim/_", 1, true)
end

---@param level "info"|"warn"|"error"
---@param text string
function M.say(level, text)
  local who = require("zeke.frame").plain() and ALOUD[level] or "Zeke"
  text = who .. ": " .. vim.trim((tostring(text):gsub("%s+", " ")))
  local number = vim.log.levels[level:upper()] or vim.log.levels.INFO
  local group = GROUPS[level] or GROUPS.info
  keep(text, group)
  if person_has_own() or #vim.api.nvim_list_uis() == 0 then
    return vim.notify(text, number, { title = "Zeke" })
  end
  if not pcall(show, text, group) then
    -- No window can be opened from the command-line window, for one.
    vim.schedule(function()
      vim.notify(text, number)
    end)
  end
end

---@param text string
function M.info(text)
  M.say("info", text)
end

---@param text string
function M.warn(text)
  M.say("warn", text)
end

---@param text string
function M.error(text)
  M.say("error", text)
end

---A step of something that goes on, in the place of the step before it; no history keeps steps.
---@param before string? the step before
---@param text string
function M.instead(before, text)
  if before then
    M.over(before)
  end
  text = "Zeke: " .. text
  going[text] = true
  if person_has_own() or #vim.api.nvim_list_uis() == 0 then
    -- What nvim-notify, snacks and mini take to keep one window for all of it.
    own_step = vim.notify(text, vim.log.levels.INFO, {
      title = "Zeke",
      id = "zeke-progress",
      replace = before and own_step or nil,
    })
  else
    pcall(show, text, GROUPS.info)
  end
end

---What was said to be going on has ended: it need not stand there any more.
---@param text string
function M.over(text)
  going["Zeke: " .. text] = nil
  shown = vim.tbl_filter(function(sentence)
    return sentence.text ~= "Zeke: " .. text
  end, shown)
  if #shown == 0 then
    return hide()
  end
  M.dodge()
end

---Something of ours broke: one sentence for the person, the trace for the history.
---@param where string
---@param trace string
function M.internal(where, trace)
  keep(trace, GROUPS.error)
  M.error(("Zeke itself failed at %s: `:Zeke messages` has the details."):format(where))
end

---`:Zeke messages`: what was said so far, oldest first.
function M.run()
  local panel = require("zeke.panel").open("messages", "Zeke messages")
  panel:show(#history > 0 and history or { { text = "nothing was said yet", group = "ZekeHint" } })
  vim.cmd("normal! G")
end

return M
