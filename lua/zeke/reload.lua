---A file was written for us: bring its buffer up to date, as one undo step, losing nothing.
---Neovim itself reads the file (`:checktime`), so that the next `:w` sees no stranger's change;
---cursors, views and marks are moved along with the lines they were on.
local M = {}

local api = vim.api

---@param hunks zeke.Hunk[] of the old text
---@param line integer in the old text, from 1
---@return integer line in the new one
local function moved(hunks, line)
  local shift = 0
  for _, hunk in ipairs(hunks) do
    local past = hunk.start_line + #hunk.old
    if line >= past then
      shift = shift + #hunk.new - #hunk.old
    elseif line > hunk.start_line then
      return math.min(line, hunk.start_line + math.max(#hunk.new, 1) - 1) + shift
    end
  end
  return line + shift
end

---@param buffer integer
---@return fun(hunks: zeke.Hunk[]) restore
local function remember(buffer)
  local views, marks = {}, {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    views[window] = api.nvim_win_call(window, vim.fn.winsaveview)
  end
  for code = ("a"):byte(), ("z"):byte() do
    local name = string.char(code)
    local at = api.nvim_buf_get_mark(buffer, name)
    if at[1] > 0 then
      marks[name] = at
    end
  end
  return function(hunks)
    for window, view in pairs(views) do
      if api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) == buffer then
        view.lnum = moved(hunks, view.lnum)
        -- Whoever sees the first line wants to see what came before it.
        view.topline = view.topline == 1 and 1 or moved(hunks, view.topline)
        api.nvim_win_call(window, function()
          vim.fn.winrestview(view)
        end)
      end
    end
    for name, at in pairs(marks) do
      pcall(api.nvim_buf_set_mark, buffer, name, moved(hunks, at[1]), at[2], {})
    end
  end
end

---@param buffer integer loaded and not modified
---@param hunks zeke.Hunk[] what was written into the file, for the cursors
---@return boolean reloaded
function M.run(buffer, hunks)
  local ordered = vim.list_slice(hunks)
  table.sort(ordered, function(a, b)
    return a.start_line < b.start_line
  end)
  local restore = remember(buffer)
  local undoreload, tick = vim.o.undoreload, api.nvim_buf_get_changedtick(buffer)
  vim.o.undoreload = -1
  local autocmd = api.nvim_create_autocmd("FileChangedShell", {
    buffer = buffer,
    callback = function()
      vim.v.fcs_choice = "reload"
    end,
  })
  pcall(
    api.nvim_cmd,
    { cmd = "checktime", args = { tostring(buffer) }, mods = { silent = true } },
    {}
  )
  pcall(api.nvim_del_autocmd, autocmd)
  vim.o.undoreload = undoreload
  if not api.nvim_buf_is_loaded(buffer) then
    return false
  end
  restore(ordered)
  return api.nvim_buf_get_changedtick(buffer) ~= tick
end

return M
