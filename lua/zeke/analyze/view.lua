---`:ZekeFindings`: everything that was found, to go to, to have mended, or to put aside.
local M = {}

local api = vim.api

local HEIGHT, AROUND = 12, 15
local KEYS = "<CR> go · a mend · x dismiss · u undo · r again · q close"

local panel ---@type zeke.Panel?
local run ---@type zeke.AnalysisRun?

local function draw()
  if panel and panel:there() then
    local files = require("zeke.analyze.findings").files()
    panel:show(require("zeke.analyze.lines").of(files, run, panel:width()))
  end
end

---Something was found, or put aside, or is being looked for.
---@param under_way zeke.AnalysisRun?
function M.refresh(under_way)
  run = under_way or run
  draw()
end

---@return integer? window of the person's, to show a file in
local function other_window()
  local previous = vim.fn.win_getid(vim.fn.winnr("#"))
  local windows = vim.list_extend({ previous }, api.nvim_tabpage_list_wins(0))
  for _, window in ipairs(windows) do
    local valid = window ~= 0 and api.nvim_win_is_valid(window)
    if valid and vim.fn.win_gettype(window) == "" and not vim.wo[window].winfixbuf then
      if not (panel and api.nvim_win_get_buf(window) == panel.buffer) then
        return window
      end
    end
  end
end

---@param item zeke.FindingItem
---@return boolean there
local function go(item)
  local buffer = item.looked.buffer
  if require("zeke.analyze.texts").gone(buffer) then
    require("zeke.analyze").drop({ item.looked })
    return false
  end
  local there = vim.fn.bufwinid(buffer)
  local window = there > 0 and there or other_window()
  if window then
    api.nvim_set_current_win(window)
  end
  if api.nvim_get_current_buf() ~= buffer then
    local command = window and not vim.bo.modified and "buffer" or "sbuffer"
    local ok, problem = pcall(vim.cmd[command], tostring(buffer))
    if not ok then
      require("zeke.notice").error((tostring(problem):gsub("^.-:(E%d+)", "%1")))
      return false
    end
  end
  vim.bo[buffer].buflisted = true
  vim.cmd("normal! m'")
  -- Only now, because a file that is opened puts its findings to their lines.
  local line = require("zeke.analyze.findings").line(item.looked, item.finding)
  api.nvim_win_set_cursor(0, { math.min(line, api.nvim_buf_line_count(buffer)), 0 })
  vim.cmd("normal! zv")
  return true
end

---@param item zeke.FindingItem
local function mend(item)
  if not go(item) then
    return
  end
  local buffer, finding = item.looked.buffer, item.finding
  local line = api.nvim_win_get_cursor(0)[1]
  local text = ("Mend this at line %d: %s"):format(line, finding.message)
  if finding.suggestion ~= "" then
    text = text .. "\nLike this: " .. finding.suggestion
  end
  local range = {
    buffer = buffer,
    first = math.max(1, line - AROUND),
    last = math.min(api.nvim_buf_line_count(buffer), line + AROUND),
  }
  require("zeke.edit").run(range, text, "edit")
end

---@param item zeke.FindingItem
local function dismiss(item)
  require("zeke.analyze.findings").dismiss(item.looked, item.finding)
  require("zeke.analyze.publish").run({ item.looked.buffer })
  draw()
end

local function restore()
  local findings = require("zeke.analyze.findings")
  findings.restore()
  local buffers = vim.tbl_map(function(looked)
    return looked.buffer
  end, findings.files())
  require("zeke.analyze.publish").run(buffers)
  draw()
end

---@param action fun(item: zeke.FindingItem)
---@return fun()
local function on_item(action)
  return function()
    local item = panel and panel:item()
    if item then
      action(item)
    else
      require("zeke.notice").info("There is no finding on this line.")
    end
  end
end

---@param enter boolean
---@return boolean shown
function M.open(enter)
  if panel and panel:where() then
    if enter then
      api.nvim_set_current_win(panel.window)
    end
    draw()
    return true
  end
  panel = require("zeke.panel").open("findings", "Findings · " .. KEYS, {
    enter = enter,
    height = math.min(HEIGHT, math.max(5, math.floor(vim.o.lines * 0.4))),
  })
  local map = require("zeke.scratch").map
  map(panel.buffer, "<CR>", on_item(go), "go to the finding")
  map(panel.buffer, "a", on_item(mend), "have it mended, as a diff")
  map(panel.buffer, "x", on_item(dismiss), "dismiss it")
  map(panel.buffer, "u", restore, "bring back what was dismissed")
  map(panel.buffer, "r", function()
    require("zeke.analyze").again(false)
  end, "look again at what changed")
  map(panel.buffer, "R", function()
    require("zeke.analyze").again(true)
  end, "look again at everything")
  draw()
  return true
end

---Show it below, unless the person is busy or elsewhere. The cursor stays where it is.
---@param buffer integer where they asked
function M.offer(buffer)
  local idle = api.nvim_get_mode().mode == "n" and vim.fn.getcmdwintype() == ""
  if idle and api.nvim_get_current_buf() == buffer and vim.fn.win_gettype() == "" then
    M.open(false)
  else
    draw()
  end
end

return M
