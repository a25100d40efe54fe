---Going to a hunk or a file. Cursors move because the person says so; jumplist, registers and
---search pattern stay as they are, and folds that had to open are closed again.
local M = {}

local api = vim.api
local steady = require("zeke.review.steady")

local opened = {} ---@type table<integer, {window: integer, buffer: integer, mark: integer}[]>
local folds = api.nvim_create_namespace("zeke-review-folds")

---@param window integer
---@param buffer integer
---@param row integer from 1
local function unfold(window, buffer, row)
  api.nvim_win_call(window, function()
    local first = vim.fn.foldclosed(row)
    while first ~= -1 do
      local mark = api.nvim_buf_set_extmark(buffer, folds, first - 1, 0, {})
      opened[buffer] = opened[buffer] or {}
      table.insert(opened[buffer], { window = window, mark = mark })
      vim.cmd.foldopen({ range = { row } })
      local now = vim.fn.foldclosed(row)
      first = now ~= first and now or -1
    end
  end)
end

---Close what was opened here.
---@param buffer integer
function M.refold(buffer)
  local found = opened[buffer] or {}
  opened[buffer] = nil
  for index = #found, 1, -1 do
    local fold = found[index]
    local at = api.nvim_buf_is_loaded(buffer)
      and api.nvim_buf_get_extmark_by_id(buffer, folds, fold.mark, {})
    local here = api.nvim_win_is_valid(fold.window) and api.nvim_win_get_buf(fold.window) == buffer
    if at and at[1] and here then
      api.nvim_win_call(fold.window, function()
        pcall(vim.cmd.foldclose, { range = { at[1] + 1 } })
      end)
    end
  end
  if api.nvim_buf_is_valid(buffer) then
    api.nvim_buf_clear_namespace(buffer, folds, 0, -1)
  end
end

---The first line of a window in which all of a hunk can be seen, with as much as there is room for
---of what stands before it. Both from 0.
---@param window integer
---@param view zeke.View
---@param index integer
---@return integer
local function top_for(window, view, index)
  local row, hunk = view:row(index), view.file.hunks[index]
  local count, last = api.nvim_buf_line_count(view.buffer), steady.last(view, index)
  -- What stands below the last line of all is not counted.
  local height = vim.fn.getwininfo(window)[1].height -- without its winbar
  local room = height - (last == count - 1 and #hunk.new + 1 or 0)
  local top = row
  while top > 0 do
    local range = { start_row = top - 1, end_row = last }
    if api.nvim_win_text_height(window, range).all > room then
      break
    end
    top = top - 1
  end
  return top
end

---@param view zeke.View
---@param index integer
---@param window integer that shows it
function M.hunk(view, index, window)
  local row = view:row(index)
  unfold(window, view.buffer, row + 1)
  steady.hold(view, index, window)
  view:turn_to(index, window)
  local before = vim.fn.line("w0", window) - 1
  api.nvim_win_set_cursor(window, { row + 1, 0 })
  local top = top_for(window, view, index)
  if before > row - 1 or top > before then
    local wanted = before > row - 1 and math.max(top, row - 2) or top
    api.nvim_win_call(window, function()
      -- With all that stands above it, so that the keys are seen.
      local fill = wanted == row and view.high[index] or 0
      vim.fn.winrestview({ topline = wanted + 1, topfill = fill })
    end)
  end
  view:focus(index)
end

---@param window integer
---@param view zeke.View
---@param steps integer backwards when negative
function M.step(window, view, steps)
  local count = #view.file.hunks
  local cursor = api.nvim_win_get_cursor(window)[1] - 1
  local index = view:at(cursor)
  local row = view:row(index)
  if steps > 0 and row > cursor then
    index = index - 1 -- the first one is still ahead
  elseif steps < 0 and row < cursor then
    index = index + 1
  end
  local wanted = index + steps
  local landed = (wanted - 1) % count + 1
  M.hunk(view, landed, window)
  if count == 1 then
    require("zeke.notice").info("This is the only hunk.")
  elseif wanted ~= landed then
    local which = steps > 0 and "the last hunk, on from the first"
      or "the first hunk, on from the last"
    require("zeke.notice").info(("That was %s."):format(which))
  end
end

---To where a file is looked at, in whatever window that is.
---@param file zeke.ChangeFile with a view
function M.file(file)
  local view = file.view --[[@as zeke.View]]
  local buffer = view.buffer
  require("zeke.review.offer").seen(file.change)
  if buffer ~= file.target then
    return require("zeke.review.tab").open(file)
  end
  local window = vim.fn.win_findbuf(buffer)[1]
  if window then
    api.nvim_set_current_win(window)
  else
    require("zeke.agents.place").enter(buffer)
  end
  if #file.hunks > 0 then
    M.hunk(view, file:following(0) or 1, api.nvim_get_current_win())
  end
end

return M
