---A tab page for the files of a change that are not open: a list of them at the left, the diff of
---one at the right; in plain mode, where rows are read, one above the other. The person's windows
---stay as they were. What is closed undecided is rejected.
local M = {}

local api = vim.api

local LIST_SHARE, LIST_MOST = 0.3, 40
local PLAIN_SHARE = 0.4

---@class zeke.ReviewTab
---@field change zeke.Change
---@field page integer
---@field window integer
---@field shown zeke.ChangeFile
---@field list integer window
---@field origin integer window to go back to
---@field views table<integer, {buffer: integer, view: table}> of the windows there, as they were
---@field group integer

---@param change zeke.Change
---@return zeke.ReviewTab? tab that is there
local function there(change)
  local tab = change.tab
  return tab and api.nvim_tabpage_is_valid(tab.page) and tab or nil
end

---@param change zeke.Change
---@param besides zeke.ChangeFile?
---@return zeke.ChangeFile? file that is looked at in a buffer of ours, an undecided one if there is
local function candidate(change, besides)
  local found
  for _, file in ipairs(change:known()) do
    local ours = file ~= besides and file.view and file.view.buffer ~= file.target
    if ours and file.state == "open" then
      return file
    end
    found = found or (ours and file or nil)
  end
  return found
end

---@param window integer
---@param title string
---@param caution string
local function dress(window, title, caution)
  local options = vim.wo[window][0]
  local before = caution ~= "" and "%#ZekeWarn# " .. caution .. ":" or ""
  -- What there is no room for is left out after the warning.
  options.winbar = before .. "%#ZekeTitle# %<" .. title:gsub("%%", "%%%%") .. "%*"
  options.foldenable = false
  options.spell = false
  options.list = false
  options.linebreak = require("zeke.frame").plain()
end

---@param tab zeke.ReviewTab
local function narrow(tab)
  if require("zeke.frame").plain() then
    api.nvim_win_set_height(tab.list, math.floor(vim.o.lines * PLAIN_SHARE))
    vim.wo[tab.list][0].winfixheight = true
    return
  end
  local width = math.min(LIST_MOST, math.floor(vim.o.columns * LIST_SHARE))
  api.nvim_win_set_width(tab.list, width)
  vim.wo[tab.list][0].winfixwidth = true
end

---Where the cursor is nowhere near a hunk, the first one is gone to.
---@param tab zeke.ReviewTab
local function reach(tab)
  local window = tab.window
  local view = tab.shown.view --[[@as zeke.View]]
  local index = view:at(api.nvim_win_get_cursor(window)[1] - 1)
  if #tab.shown.hunks > 0 and not view:visible(index, window) then
    require("zeke.review.visit").hunk(view, tab.shown:following(0) or 1, window)
  else
    view:focus(index)
  end
end

---@param tab zeke.ReviewTab
---@param file zeke.ChangeFile
local function put(tab, file)
  if not api.nvim_win_is_valid(tab.window) then
    local place = require("zeke.frame").plain() and "below" or "right"
    local layout = { split = place, win = tab.list }
    tab.window = api.nvim_open_win(file.view.buffer, true, layout)
    narrow(tab)
  end
  tab.shown = file
  api.nvim_win_set_buf(tab.window, file.view.buffer)
  dress(tab.window, file.name .. (file.kind == "create" and " (new)" or ""), file.caution)
  file.view:resized()
  reach(tab)
end

---@param change zeke.Change
local function dropped(change)
  local names = {}
  for _, file in ipairs(change:undecided()) do
    if file.view and file.view.buffer ~= file.target then
      names[#names + 1] = file.name
      require("zeke.review.decide").drop(file)
    end
  end
  if #names > 0 then
    local text = "The review was closed, so this was rejected: %s."
    require("zeke.notice").warn(text:format(table.concat(names, ", ")))
  end
end

---A window of the tab has gone: that of a diff is a no to its file, that of the list one to all.
---@param tab zeke.ReviewTab
local function gone(tab)
  local change, shown = tab.change, tab.shown
  if change.tab ~= tab then
    return
  elseif not there(change) or not api.nvim_win_is_valid(tab.list) then
    M.close(change)
    return dropped(change)
  elseif api.nvim_win_is_valid(tab.window) then
    return
  end
  if shown:undecided() then
    local text = "The change of %s was rejected: its window was closed."
    require("zeke.review.decide").drop(shown, text:format(shown.name))
  end
  local file = change.tab == tab and candidate(change, shown)
  if file then
    put(tab, file)
  else
    M.close(change)
  end
end

---A second tab page takes a line from every window, which may scroll.
---@return table<integer, {buffer: integer, view: table}>
local function views()
  local found = {}
  for _, window in ipairs(api.nvim_tabpage_list_wins(0)) do
    local view = api.nvim_win_call(window, vim.fn.winsaveview)
    found[window] = { buffer = api.nvim_win_get_buf(window), view = view }
  end
  return found
end

---@param tab zeke.ReviewTab
local function restore(tab)
  for window, was in pairs(tab.views) do
    if api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) == was.buffer then
      api.nvim_win_call(window, function()
        local now = vim.fn.winsaveview()
        if now.lnum == was.view.lnum and now.col == was.view.col then
          vim.fn.winrestview({ topline = was.view.topline, topfill = was.view.topfill })
        end
      end)
    end
  end
end

---@param change zeke.Change
---@param file zeke.ChangeFile
---@return zeke.ReviewTab
local function build(change, file)
  local origin, before = api.nvim_get_current_win(), views()
  vim.cmd.sbuffer({
    args = { tostring(file.view.buffer) },
    mods = { tab = vim.fn.tabpagenr(), keepalt = true, silent = true },
  })
  local tab = { change = change, origin = origin, views = before, shown = file }
  tab.page, tab.window = api.nvim_get_current_tabpage(), api.nvim_get_current_win()
  local place = require("zeke.frame").plain() and "above" or "left"
  local layout = { split = place, win = tab.window }
  tab.list = require("zeke.review.list").beside(change, layout)
  tab.group = api.nvim_create_augroup("zeke-review-tab-" .. change.id, { clear = true })
  dress(tab.list, "Zeke review", "")
  narrow(tab)
  api.nvim_create_autocmd("WinClosed", {
    group = tab.group,
    callback = vim.schedule_wrap(function()
      gone(tab)
    end),
  })
  return tab
end

---Go to the tab, which is made unless it is there.
---@param file zeke.ChangeFile with a view in a buffer of ours
---@return boolean opened
function M.open(file)
  local change = file.change
  local tab = there(change)
  if not tab then
    local ok, built = pcall(build, change, file)
    if not ok then
      local text = "No tab page can be opened from here: leave this window, then `:ZekeReview`."
      require("zeke.notice").warn(text)
      return false
    end
    tab = built
    change.tab = tab
  end
  put(tab, file)
  api.nvim_set_current_win(tab.window)
  require("zeke.notice").dodge()
  return true
end

---The change has come: show what is not open to someone who waits for it, tell someone who types.
---@param change zeke.Change
function M.arrived(change)
  local file = candidate(change)
  if not file then
    return
  elseif require("zeke.act").fresh() then
    M.open(file)
  elseif not there(change) then
    local count = #change:known()
    local what = count == 1 and "a change of " .. file:called()
      or ("changes of %d files"):format(count)
    require("zeke.notice").info(("Zeke proposes %s: `:ZekeReview` shows it."):format(what))
  end
end

---The person is done with a file: the next one comes in its place.
---@param file zeke.ChangeFile
function M.advance(file)
  local tab = there(file.change)
  if tab and tab.shown == file and api.nvim_win_is_valid(tab.window) then
    local next_one = candidate(file.change, file)
    if next_one and next_one.state == "open" then
      put(tab, next_one)
    end
  end
end

---A file is no longer looked at, and its buffer is of no use any more.
---@param file zeke.ChangeFile
---@param buffer integer
function M.leave(file, buffer)
  local tab = there(file.change)
  if tab and tab.shown == file and api.nvim_win_is_valid(tab.window) then
    local next_one = candidate(file.change, file)
    if next_one then
      put(tab, next_one)
    else
      M.close(file.change)
    end
  end
  require("zeke.scratch").close(buffer)
end

---@param change zeke.Change
function M.close(change)
  local tab = change.tab
  change.tab = nil
  if not tab then
    return
  end
  pcall(api.nvim_del_augroup_by_id, tab.group)
  if not api.nvim_tabpage_is_valid(tab.page) then
    return
  end
  if api.nvim_get_current_tabpage() == tab.page and api.nvim_win_is_valid(tab.origin) then
    api.nvim_set_current_win(tab.origin)
  end
  if #api.nvim_list_tabpages() > 1 then
    pcall(vim.cmd.tabclose, api.nvim_tabpage_get_number(tab.page))
    restore(tab)
    require("zeke.notice").dodge()
  end
end

return M
