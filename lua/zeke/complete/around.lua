---The text before and after the cursor, as much of it as counts: never the whole buffer.
local M = {}

local api = vim.api

local BEFORE, AFTER = 16 * 1024, 4 * 1024

---@class zeke.Around
---@field buffer integer
---@field row integer from 0
---@field col integer bytes
---@field tick integer
---@field prefix string
---@field suffix string
---@field after string what stands behind the cursor in its line

---The first line that begins at `offset` of the buffer or after it.
---@param buffer integer
---@param offset integer
---@param last integer
---@return integer row from 0, at most `last`
local function line_from(buffer, offset, last)
  local low, high = 0, last
  while low < high do
    local middle = math.floor((low + high) / 2)
    if api.nvim_buf_get_offset(buffer, middle) < offset then
      low = middle + 1
    else
      high = middle
    end
  end
  return low
end

---@param text string
---@param most integer
---@return string text its end, cut between characters
local function ending(text, most)
  if #text <= most then
    return text
  end
  local start = #text - most + 1
  local inside = vim.str_utf_start(text, start) ~= 0
  return text:sub(inside and start + vim.str_utf_end(text, start) + 1 or start)
end

---@param text string
---@param most integer
---@return string text its beginning, cut between characters
local function beginning(text, most)
  if #text <= most then
    return text
  end
  return text:sub(1, most + vim.str_utf_start(text, most + 1))
end

---@param lines string[]
---@return string? text nil: it holds what is no text
local function joined(lines)
  for _, line in ipairs(lines) do
    -- A NUL byte stands here as a line end.
    if line:find("\n", 1, true) then
      return nil
    end
  end
  return table.concat(lines, "\n")
end

---@param most_before integer bytes
---@param most_after integer
---@return string? prefix, string? suffix nil: there is no text here
function M.text(most_before, most_after)
  local buffer = api.nvim_get_current_buf()
  local cursor = api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  local count = api.nvim_buf_line_count(buffer)
  local here = api.nvim_buf_get_offset(buffer, row) + col
  local first = line_from(buffer, here - most_before, row)
  local last = count - 1
  if api.nvim_buf_get_offset(buffer, count) > here + most_after then
    -- Lines that end within what counts; that of the cursor in any case.
    last = math.max(row, line_from(buffer, here + most_after, count) - 2)
  end
  local before = joined(api.nvim_buf_get_text(buffer, first, 0, row, col, {}))
  local after = joined(api.nvim_buf_get_text(buffer, row, col, last, -1, {}))
  if before and after then
    return ending(before, most_before), beginning(after, most_after)
  end
end

---@return zeke.Around? around nil: what is here is no text
function M.cursor()
  local buffer = api.nvim_get_current_buf()
  local prefix, suffix = M.text(BEFORE, AFTER)
  if not prefix or not suffix or not pcall(vim.fn.json_encode, prefix .. suffix) then
    return nil
  end
  local cursor = api.nvim_win_get_cursor(0)
  return {
    buffer = buffer,
    row = cursor[1] - 1,
    col = cursor[2],
    tick = api.nvim_buf_get_changedtick(buffer),
    prefix = prefix,
    suffix = suffix,
    after = suffix:match("^[^\n]*") or "",
  }
end

return M
