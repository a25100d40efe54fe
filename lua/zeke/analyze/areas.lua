---Which lines of a file were looked at, for which kinds, and what they said then. An area moves
---with its lines while its buffer is loaded. Knows nothing of what was found.
local M = {}

local api = vim.api
local namespace = api.nvim_create_namespace("zeke-areas")
local WHOLE = -1 ---@type integer

---@class zeke.Area
---@field buffer integer
---@field first integer from 1, when it was last known
---@field last integer inclusive, or -1: the whole text, however long it becomes
---@field mark integer? where it is now
---@field kinds string[]
---@field stamp string? what was in it; nil: it was to be looked at, and that failed

---@param area zeke.Area
local function mark(area)
  area.mark = nil
  if area.last == WHOLE or not api.nvim_buf_is_loaded(area.buffer) then
    return
  end
  local count = api.nvim_buf_line_count(area.buffer)
  local first, last = math.min(area.first, count), math.min(area.last, count)
  local text = api.nvim_buf_get_lines(area.buffer, last - 1, last, false)[1]
  area.mark = api.nvim_buf_set_extmark(area.buffer, namespace, first - 1, 0, {
    end_row = last - 1,
    end_col = #text,
    right_gravity = false,
    end_right_gravity = true,
  })
end

---@param area zeke.Area
function M.free(area)
  if area.mark and api.nvim_buf_is_loaded(area.buffer) then
    api.nvim_buf_del_extmark(area.buffer, namespace, area.mark)
  end
  area.mark = nil
end

---@param buffer integer
---@param first integer
---@param last integer
---@param kinds string[]
---@return zeke.Area of lines that are about to be looked at
function M.new(buffer, first, last, kinds)
  local loaded = api.nvim_buf_is_loaded(buffer)
  local whole = not loaded or first == 1 and last == api.nvim_buf_line_count(buffer)
  local area = {
    buffer = buffer,
    first = first,
    last = whole and WHOLE or last,
    kinds = vim.list_slice(kinds),
  }
  mark(area)
  return area
end

---@param area zeke.Area
---@return integer first, integer last where it is now, or -1: to the end
function M.where(area)
  if area.mark and api.nvim_buf_is_loaded(area.buffer) then
    local options = { details = true }
    local at = api.nvim_buf_get_extmark_by_id(area.buffer, namespace, area.mark, options)
    if at[1] then
      area.first, area.last = at[1] + 1, at[3].end_row + 1
    end
  end
  return area.first, area.last
end

---@param area zeke.Area
---@param line integer
---@return boolean
function M.holds(area, line)
  local first, last = M.where(area)
  return line >= first and (last == WHOLE or line <= last)
end

---@param inner zeke.Area
---@param outer zeke.Area
---@return boolean
local function inside(inner, outer)
  local first, last = M.where(inner)
  if last == WHOLE then
    return outer.last == WHOLE
  end
  return M.holds(outer, first) and M.holds(outer, last)
end

---@param areas zeke.Area[]
---@param area zeke.Area takes the place of what lies in it, as far as its kinds go
---@return zeke.Area[]
function M.with(areas, area)
  local kept = {}
  for _, old in ipairs(areas) do
    -- What failed says nothing of what was seen before: that still stands.
    if inside(old, area) and not (old.stamp and not area.stamp) then
      old.kinds = vim.tbl_filter(function(kind)
        return not vim.tbl_contains(area.kinds, kind)
      end, old.kinds)
    end
    if #old.kinds > 0 then
      kept[#kept + 1] = old
    else
      M.free(old)
    end
  end
  kept[#kept + 1] = area
  return kept
end

---@param area zeke.Area
---@return boolean
function M.changed(area)
  local first, last = M.where(area)
  return area.stamp ~= nil
    and require("zeke.analyze.texts").now(area.buffer, first, last) ~= area.stamp
end

---@param areas zeke.Area[]
---@param all boolean also those that are as they were
---@return {first: integer, last: integer, kinds: string[]}[] what is to be looked at again
function M.due(areas, all)
  local due, places = {}, {}
  for _, area in ipairs(areas) do
    if all or not area.stamp or M.changed(area) then
      local first, last = M.where(area)
      local key = first .. "," .. last
      if not places[key] then
        places[key] = { first = first, last = last, kinds = {} }
        due[#due + 1] = places[key]
      end
      vim.list_extend(places[key].kinds, area.kinds)
    end
  end
  for _, one in ipairs(due) do
    one.kinds = vim.tbl_filter(function(kind)
      return vim.tbl_contains(one.kinds, kind)
    end, require("zeke.config").analyses)
  end
  return due
end

---The buffer is about to lose its marks: remember where they were.
---@param areas zeke.Area[]
function M.leave(areas)
  for _, area in ipairs(areas) do
    M.where(area)
    M.free(area)
  end
end

---The buffer was read: mark what is remembered.
---@param areas zeke.Area[]
function M.settle(areas)
  for _, area in ipairs(areas) do
    M.free(area)
    mark(area)
  end
end

return M
