---Lines of a buffer made into others, by changes that touch nothing else: marks stay in their text.
local M = {}

local api = vim.api
local diff = vim.text and vim.text.diff or vim.diff -- the same under two names

---@param text string
---@param at integer
---@return boolean that byte goes on with a character
local function within(text, at)
  local byte = text:byte(at)
  return byte ~= nil and byte >= 128 and byte < 192
end

---@param old string
---@param new string
---@return integer count of bytes that both begin with
local function beginning(old, new)
  local most = math.min(#old, #new)
  local count = 0
  while count < most and old:byte(count + 1) == new:byte(count + 1) do
    count = count + 1
  end
  while count > 0 and (within(old, count + 1) or within(new, count + 1)) do
    count = count - 1
  end
  return count
end

---@param old string
---@param new string
---@param most integer
---@return integer count of bytes that both end with
local function ending(old, new, most)
  local count = 0
  while count < most and old:byte(#old - count) == new:byte(#new - count) do
    count = count + 1
  end
  while count > 0 and (within(old, #old - count + 1) or within(new, #new - count + 1)) do
    count = count - 1
  end
  return count
end

---@param row integer
---@param text string from the beginning of that row
---@return integer row where it ends
---@return integer column
function M.past(row, text)
  local _, breaks = text:gsub("\n", "")
  return row + breaks, #text:match("[^\n]*$")
end

---@param row integer from 0
---@param old string[]
---@param new string[]
local function replace(row, old, new)
  local was, is = table.concat(old, "\n"), table.concat(new, "\n")
  local first = beginning(was, is)
  local last = ending(was, is, math.min(#was, #is) - first)
  local from_row, from_column = M.past(row, was:sub(1, first))
  local to_row, to_column = M.past(row, was:sub(1, #was - last))
  local text = vim.split(is:sub(first + 1, #is - last), "\n", { plain = true })
  api.nvim_buf_set_text(0, from_row, from_column, to_row, to_column, text)
end

---@param top integer row from 0, of the first of them
---@param old string[]
---@param new string[]
---@return integer[] cursor in the old ones, where the change begins
function M.begins(top, old, new)
  local row = 1
  while row < #old and old[row] == new[row] do
    row = row + 1
  end
  if #new > #old and old[row] == new[row + #new - #old] then
    return { math.max(1, top + row - 1), 0 } -- Lines are put below that one.
  end
  return { top + row, beginning(old[row], new[row] or "") }
end

---In the current buffer.
---@param top integer row from 0, of the first of them
---@param old string[] they are that now
---@param new string[]
function M.change(top, old, new)
  local hunks = diff(
    table.concat(old, "\n") .. "\n",
    table.concat(new, "\n") .. "\n",
    { result_type = "indices" }
  ) --[[@as integer[][] ]]
  for index = #hunks, 1, -1 do
    local hunk = hunks[index]
    local at, count, to, added = hunk[1], hunk[2], hunk[3], hunk[4]
    local row = top + at - (count > 0 and 1 or 0) --[[@as integer]]
    local text = vim.list_slice(new, to, to + added - 1)
    if count > 0 and added > 0 then
      replace(row, vim.list_slice(old, at, at + count - 1), text)
    else
      api.nvim_buf_set_lines(0, row, row + count, false, text)
    end
  end
end

return M
