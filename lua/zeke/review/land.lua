---Accepted hunks into a buffer, as one undo step that touches only the lines that change. Cursors,
---views, marks and folds move along with the lines they are on.
local M = {}

local api = vim.api

---@param buffer integer
---@param hunk zeke.Hunk
---@return boolean
local function lands(buffer, hunk)
  local first = hunk.start_line - 1
  local count = api.nvim_buf_line_count(buffer)
  if first < 0 or first + #hunk.old > count then
    return false
  end
  local there = api.nvim_buf_get_lines(buffer, first, first + #hunk.old, false)
  return vim.deep_equal(there, hunk.old)
end

---@param buffer integer
---@param hunks zeke.Hunk[]
---@return boolean
function M.fits(buffer, hunks)
  return api.nvim_buf_is_loaded(buffer)
    and vim.iter(hunks):all(function(hunk)
      return lands(buffer, hunk)
    end)
end

---The person has said yes to it, so nothing that keeps a hand from slipping is in the way. At the
---first change of a read-only buffer Neovim would stand still for a second, too.
---@param buffer integer
---@param work fun()
local function unlocked(buffer, work)
  local options = vim.bo[buffer]
  local modifiable, readonly = options.modifiable, options.readonly
  options.modifiable, options.readonly = true, false
  local ok, problem = pcall(work)
  if api.nvim_buf_is_loaded(buffer) then
    options.modifiable, options.readonly = modifiable, readonly
  end
  if not ok then
    error(problem, 0)
  end
end

---@param buffer integer
---@param hunks zeke.Hunk[]
local function replace(buffer, hunks)
  -- Setting the option, even to what it is, closes the undo block before this one.
  vim.bo[buffer].undolevels = vim.bo[buffer].undolevels
  local ordered = vim.list_slice(hunks)
  table.sort(ordered, function(one, other)
    return one.start_line > other.start_line
  end)
  for _, hunk in ipairs(ordered) do
    local first = hunk.start_line - 1
    api.nvim_buf_set_lines(buffer, first, first + #hunk.old, false, hunk.new)
  end
end

---@param hunks zeke.Hunk[]
---@param line integer of the text before, from 1
---@return integer line in the one after
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

---@param first string
---@param last string
---@param found table<string, integer[]>
---@param get fun(name: string): integer[]?
local function marks(first, last, found, get)
  for code = first:byte(), last:byte() do
    local at = get(string.char(code))
    if at and at[1] > 0 then
      found[string.char(code)] = { at[1], at[2] }
    end
  end
end

---@param buffer integer
---@return fun(hunks: zeke.Hunk[]) restore
local function remember(buffer)
  local views, at = {}, {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    views[window] = api.nvim_win_call(window, vim.fn.winsaveview)
  end
  marks("a", "z", at, function(name)
    return api.nvim_buf_get_mark(buffer, name)
  end)
  marks("A", "Z", at, function(name)
    local mark = api.nvim_get_mark(name, {})
    return mark[3] == buffer and mark --[[@as integer[] ]] or nil
  end)
  return function(hunks)
    local ordered = vim.list_slice(hunks)
    table.sort(ordered, function(one, other)
      return one.start_line < other.start_line
    end)
    for window, view in pairs(views) do
      if api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) == buffer then
        view.lnum = moved(ordered, view.lnum)
        -- Whoever sees the first line wants to see what came before it.
        view.topline = view.topline == 1 and 1 or moved(ordered, view.topline)
        view.topfill = 0
        api.nvim_win_call(window, function()
          vim.fn.winrestview(view)
        end)
      end
    end
    for name, mark in pairs(at) do
      pcall(api.nvim_buf_set_mark, buffer, name, moved(ordered, mark[1]), mark[2], {})
    end
  end
end

---Into the buffer, and nowhere else. The caller has asked `fits`.
---@param buffer integer
---@param hunks zeke.Hunk[]
function M.apply(buffer, hunks)
  local restore = remember(buffer)
  unlocked(buffer, function()
    replace(buffer, hunks)
  end)
  restore(hunks)
  vim.bo[buffer].undolevels = vim.bo[buffer].undolevels
end

---Have Neovim look whether the file of a buffer has changed.
---@param buffer integer
---@param choice ""|"reload" what to do, where it would ask a person
---@return string? reason for which it would have asked (`v:fcs_reason`)
local function look(buffer, choice)
  local undoreload, reason = vim.o.undoreload, nil
  vim.o.undoreload = -1 -- however long the text is, its undo tree is kept
  local autocmd = api.nvim_create_autocmd("FileChangedShell", {
    buffer = buffer,
    callback = function()
      reason, vim.v.fcs_choice = vim.v.fcs_reason, choice
    end,
  })
  pcall(
    api.nvim_cmd,
    { cmd = "checktime", args = { tostring(buffer) }, mods = { silent = true } },
    {}
  )
  pcall(api.nvim_del_autocmd, autocmd)
  vim.o.undoreload = undoreload
  return reason
end

---Reading is an undo step that changes nothing when the hunks stand there already: taken out of the
---undo tree again.
---@param buffer integer
---@param sequence integer the latest undo step before it was read
local function forget_reading(buffer, sequence)
  api.nvim_buf_call(buffer, function()
    if vim.fn.undotree(buffer).seq_last > sequence then
      pcall(vim.cmd.undo, { bang = true, mods = { silent = true } })
    end
  end)
  vim.bo[buffer].modified = false
end

---A file that is there now: read it into the buffer that had its name already.
---@param buffer integer loaded and not modified
function M.read(buffer)
  api.nvim_buf_call(buffer, function()
    pcall(vim.cmd.edit, { bang = true, mods = { silent = true } })
  end)
end

---@param buffer integer
---@param hunks zeke.Hunk[]
local function follow(buffer, hunks)
  if #hunks == 0 then
    look(buffer, "reload")
    return
  end
  vim.bo[buffer].modified = true -- what an undo leads to is not what is on disk
  replace(buffer, hunks)
  vim.bo[buffer].modified = false
  local sequence = vim.fn.undotree(buffer).seq_last
  local lines = api.nvim_buf_get_lines(buffer, 0, -1, false)
  look(buffer, "reload")
  local there = api.nvim_buf_is_loaded(buffer)
  if there and vim.deep_equal(lines, api.nvim_buf_get_lines(buffer, 0, -1, false)) then
    forget_reading(buffer, sequence)
  end
end

---A file was written for us: bring its buffer up to date. Neovim itself reads the file, so that the
---next `:w` sees no stranger's change; the hunks go first, so that folds and marks move with them.
---@param buffer integer loaded and not modified
---@param hunks zeke.Hunk[] what was written into the file, if it fits the buffer
function M.reload(buffer, hunks)
  local restore = remember(buffer)
  unlocked(buffer, function()
    follow(buffer, hunks)
  end)
  if api.nvim_buf_is_loaded(buffer) then
    restore(hunks)
    vim.bo[buffer].undolevels = vim.bo[buffer].undolevels
  end
end

---Somebody else may have written its file. Neovim reads it where the option autoread says so;
---nobody is asked. A text that was changed here stays; no change of the file is told twice.
---@param buffer integer loaded
---@return string? reason why it was not read: `v:fcs_reason`, as "conflict"
function M.refresh(buffer)
  local restore, tick = remember(buffer), api.nvim_buf_get_changedtick(buffer)
  local reason = look(buffer, "")
  if api.nvim_buf_is_loaded(buffer) and api.nvim_buf_get_changedtick(buffer) ~= tick then
    restore({})
  end
  return reason
end

return M
