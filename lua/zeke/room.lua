---What one of our windows takes from the person's, given back when it closes: the room they had,
---what they showed of their text, and which of them was left for it. Neovim itself shares the room
---out anew ('equalalways') and goes to whichever window is nearest.
local api = vim.api

---@class zeke.Room
---@field page integer
---@field origin integer window
---@field previous integer window that <C-w>p went to; 0: none
---@field was table<integer, zeke.Pane> before
---@field after table<integer, zeke.Pane>
local Room = {}
Room.__index = Room

---@class zeke.Pane
---@field buffer integer
---@field width integer
---@field height integer
---@field cursor integer[]
---@field top integer
---@field view table

---@param page integer
---@param besides integer?
---@return table<integer, zeke.Pane> by window
local function panes(page, besides)
  local found = {}
  for _, window in ipairs(api.nvim_tabpage_list_wins(page)) do
    if window ~= besides and api.nvim_win_get_config(window).relative == "" then
      found[window] = {
        buffer = api.nvim_win_get_buf(window),
        width = api.nvim_win_get_width(window),
        height = api.nvim_win_get_height(window),
        cursor = api.nvim_win_get_cursor(window),
        top = vim.fn.line("w0", window), -- brings the view up to date
        view = api.nvim_win_call(window, vim.fn.winsaveview),
      }
    end
  end
  return found
end

---@param some table<integer, zeke.Pane>
---@param others table<integer, zeke.Pane>
---@return boolean the same windows, of the same sizes
local function alike(some, others)
  for window, pane in pairs(some) do
    local other = others[window]
    if not other or other.width ~= pane.width or other.height ~= pane.height then
      return false
    end
  end
  return vim.tbl_count(some) == vim.tbl_count(others)
end

---Call before a window is opened.
---@return zeke.Room
function Room.before()
  local page, origin = api.nvim_get_current_tabpage(), api.nvim_get_current_win()
  local previous = vim.fn.winnr("#")
  return setmetatable({
    page = page,
    origin = origin,
    previous = previous > 0 and vim.fn.win_getid(previous) or 0,
    was = panes(page),
  }, Room)
end

---To where the person was, and <C-w>p goes to where it went then.
---@param origin integer window
---@param previous integer window; 0: none
function Room.go(origin, previous)
  if not api.nvim_win_is_valid(origin) then
    return
  end
  local there = previous ~= origin
    and api.nvim_win_is_valid(previous)
    and api.nvim_win_get_tabpage(previous) == api.nvim_get_current_tabpage()
  if there then
    pcall(api.nvim_command, ("noautocmd call win_gotoid(%d)"):format(previous))
  end
  pcall(api.nvim_set_current_win, origin)
end

---@private
---@param at_close table<integer, zeke.Pane>
function Room:restore(at_close)
  local there = api.nvim_tabpage_is_valid(self.page)
  local now = there and panes(self.page) or {}
  for window in pairs(self.was) do
    if not now[window] then
      return -- windows have gone: who is left has the room
    end
  end
  if vim.tbl_count(now) ~= vim.tbl_count(self.was) then
    return
  end
  for _ = 1, 2 do -- the size of one depends on that of another
    for window, was in pairs(self.was) do
      api.nvim_win_set_height(window, was.height)
      api.nvim_win_set_width(window, was.width)
    end
  end
  for window, was in pairs(self.was) do
    local closed, after = at_close[window], self.after[window]
    local same = closed.buffer == was.buffer
      and vim.deep_equal(closed.cursor, was.cursor)
      and closed.top == after.top -- nobody has scrolled
    if same then
      api.nvim_win_call(window, function()
        vim.fn.winrestview(was.view)
      end)
    end
  end
end

---@param window integer that has been opened
function Room:keep(window)
  self.after = panes(self.page, window)
  api.nvim_create_autocmd("WinClosed", {
    pattern = tostring(window),
    once = true,
    callback = function()
      if not api.nvim_tabpage_is_valid(self.page) then
        return
      end
      local now = panes(self.page, window)
      if api.nvim_get_current_win() == window then
        Room.go(self.origin, self.previous)
      end
      if alike(now, self.after) then -- else somebody has made them another size meanwhile
        vim.schedule(function()
          self:restore(now)
        end)
      end
    end,
  })
end

return Room
