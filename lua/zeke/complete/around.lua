---The text before and after the cursor, as much of it as counts: never the whole buffer.
local M = {}

local api = vim.api

local BEFORE, AFTER = 16 * 1024, 4 * 1024
-- So that the end of what counts can be seen to be between two characters.
local SPARE = 4

---@class zeke.Around
---@field buffer integer
---@field row integer from 0
---@field col integer bytes
---@field tick integer
---@field prefix string
---@field suffix string
---@field after string what stands behind the cursor in its line

---Where a byte of the buffer stands.
---@param buffer integer
---@param offset integer
---@return integer row from 0
---@return integer col bytes; that of a line end is the length of its line
local function place_of(buffer, offset)
  local low, high = 0, api.nvim_buf_line_count(buffer) - 1
  while low < high do
    local middle = math.ceil((low + high) / 2)
    if api.nvim_buf_get_offset(buffer, middle) <= offset then
      low = middle
    else
      high = middle - 1
    end
  end
  return low, offset - api.nvim_buf_get_offset(buffer, low)
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
  local first, from = place_of(buffer, math.max(0, here - most_before - SPARE))
  local last, to = count - 1, -1
  if api.nvim_buf_get_offset(buffer, count) > here + most_after + SPARE then
    last, to = place_of(buffer, here + most_after + SPARE)
  end
  local before = joined(api.nvim_buf_get_text(buffer, first, from, row, col, {}))
  local after = joined(api.nvim_buf_get_text(buffer, row, col, last, to, {}))
  if before and after then
    return ending(before, most_before), beginning(after, most_after)
  end
end

---What a model is given of it: lines that are whole, but for one that is longer than what counts.
---@param around zeke.Around
---@return string prefix, string suffix
function M.whole(around)
  local prefix, suffix = around.prefix, around.suffix
  if #prefix > BEFORE - SPARE then
    prefix = prefix:match("^[^\n]*\n(.*)$") or prefix
  end
  if #suffix > AFTER - SPARE then
    suffix = suffix:match("^(.*)\n") or suffix
  end
  return prefix, suffix
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
