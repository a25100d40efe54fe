---Where the notice window may lie. Never over a question, the foot of a float (where its keys
---stand), a menu of completions, or the line of the cursor and what is around it; not over a float
---at all while there is room elsewhere. Where rows are read one by one (`ui.plain`), it is at the
---bottom, and only questions are in its way. Knows no sentence.
local M = {}

local api = vim.api

local NEAR = 2 -- rows above and below the cursor's line
local FAR = 5 -- rows above and below the cursor, of a line that takes many
local FOOT = 2 -- the lower edge of a float and its last row

---Rows and columns of the screen, from 0; `bottom` and `right` are just past it.
---@class zeke.NoticeArea
---@field top integer
---@field bottom integer
---@field left integer
---@field right integer

---@param config vim.api.keyset.win_config
---@param side integer 2: above, 4: right, 6: below, 8: left
---@return integer thickness of the edge there
local function edge(config, side)
  local border = config.border
  if type(border) ~= "table" then
    return 0
  end
  local sign = border[side]
  sign = type(sign) == "table" and sign[1] or sign
  return (sign or "") ~= "" and 1 or 0
end

---@param window integer
---@return zeke.NoticeArea area with its edges
local function area(window)
  local config = api.nvim_win_get_config(window)
  local at = api.nvim_win_get_position(window)
  local height, width = api.nvim_win_get_height(window), api.nvim_win_get_width(window)
  return {
    top = at[1],
    bottom = at[1] + height + edge(config, 2) + edge(config, 6),
    left = at[2],
    right = at[2] + width + edge(config, 4) + edge(config, 8),
  }
end

---@return zeke.NoticeArea[]
local function questions()
  local found = {}
  for _, name in ipairs({ "zeke.prompt", "zeke.confirm" }) do
    local window = package.loaded[name] and package.loaded[name].window()
    if window and not api.nvim_win_get_config(window).hide then
      found[#found + 1] = area(window)
    end
  end
  return found
end

---@param besides integer? the window of the notice
---@return zeke.NoticeArea[] of what can be entered and is in front of the person's windows
local function floats(besides)
  local found = {}
  for _, window in ipairs(api.nvim_tabpage_list_wins(0)) do
    local config = api.nvim_win_get_config(window)
    local seen = config.relative ~= "" and config.focusable and not config.hide
    if seen and window ~= besides then
      found[#found + 1] = area(window)
    end
  end
  return found
end

---@param window integer
---@param line integer
---@param column integer
---@return integer row from 1; 0: it cannot be seen
local function row_of(window, line, column)
  return vim.fn.screenpos(window, line, column).row or 0
end

---@return zeke.NoticeArea? area of the cursor's line and what is around it, in its window
local function cursor()
  local window, line = api.nvim_get_current_win(), vim.fn.line(".")
  vim.fn.line("w$") -- brings up to date what `screenpos` looks at
  local first = row_of(window, line, 1)
  local here = row_of(window, line, vim.fn.col("."))
  local last = row_of(window, line, vim.fn.col("$"))
  if here == 0 then
    return nil -- it cannot be seen
  end
  local place = area(window)
  first, last = first > 0 and first or place.top + 1, last > 0 and last or place.bottom
  place.top = math.max(place.top, first - 1 - NEAR, here - 1 - FAR)
  place.bottom = math.min(place.bottom, last + NEAR, here + FAR)
  return place
end

---@return zeke.NoticeArea?
local function menu()
  local found = vim.fn.pum_getpos() --[[@as table<string, integer>]]
  return found.row
      and {
        top = found.row,
        bottom = found.row + found.height,
        left = found.col,
        right = found.col + found.width + 1,
      }
    or nil
end

---@param besides integer? the window of the notice
---@param whole boolean floats are in the way, and not just their feet
---@return zeke.NoticeArea[] of what is in its way
local function obstacles(besides, whole)
  local found = questions()
  if require("zeke.frame").plain() then
    return found
  end
  for _, float in ipairs(floats(besides)) do
    local top = whole and float.top or math.max(float.top, float.bottom - FOOT)
    found[#found + 1] = vim.tbl_extend("force", float, { top = top })
  end
  found[#found + 1] = cursor()
  found[#found + 1] = menu()
  return found
end

---@param place zeke.NoticeArea
---@param others zeke.NoticeArea[]
---@return boolean
local function free(place, others)
  for _, other in ipairs(others) do
    local rows = place.top < other.bottom and other.top < place.bottom
    if rows and place.left < other.right and other.left < place.right then
      return false
    end
  end
  return true
end

---@return integer top, integer bottom rows that are for windows
local function room()
  local tabline = vim.o.showtabline == 2 or vim.o.showtabline == 1 and #api.nvim_list_tabpages() > 1
  return tabline and 1 or 0, vim.o.lines - vim.o.cmdheight - 1
end

---@param width integer
---@param bottom integer
---@param height integer
---@return zeke.NoticeArea
local function right_of(width, bottom, height)
  local columns = vim.o.columns
  return { top = bottom - height, bottom = bottom, left = columns - width, right = columns }
end

---@param window integer of the notice
---@return zeke.NoticeArea
local function where(window)
  -- `nvim_win_get_position` knows it only once it is drawn.
  local config = api.nvim_win_get_config(window)
  local width, height = config.width, config.height ---@cast width integer
  ---@cast height integer
  return right_of(width, config.row --[[@as integer]], height)
end

---The rows at which it may end, the best first: at the bottom (above a question that is there), at
---the top, and then whatever is lowest. What was at the top stays there.
---@param width integer
---@param height integer
---@param now integer? the row it ends at
---@return integer[]
local function choices(width, height, now)
  local top, bottom = room()
  local found, asked = {}, questions()
  for row = bottom, top + height, -1 do
    if free(right_of(width, row, height), asked) then
      found[#found + 1] = row
    end
  end
  if #found > 1 and not require("zeke.frame").plain() then
    table.insert(found, 2, table.remove(found))
    if now and now < bottom / 2 then
      found[1], found[2] = found[2], found[1]
    end
  end
  return found
end

---@param width integer
---@param height integer
---@param window integer? that it has
---@return integer? row just past it; nil: there is no room for so much
function M.find(width, height, window)
  local now = window and where(window).bottom
  local rows = choices(width, height, now)
  for _, whole in ipairs({ true, false }) do
    local others = obstacles(window, whole)
    for _, row in ipairs(rows) do
      if free(right_of(width, row, height), others) then
        return row
      end
    end
  end
end

---Where it lies when there is no room at all.
---@param height integer
---@return integer row, integer height
function M.anyhow(height)
  local top, bottom = room()
  return bottom, math.max(1, math.min(height, bottom - top - 1))
end

---@param window integer of the notice
---@return boolean right where it is, nothing is in its way
function M.fits(window)
  return free(where(window), obstacles(window, false))
end

return M
