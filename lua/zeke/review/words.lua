---Which words of a line changed. Pure.
local M = {}

local diff = vim.text and vim.text.diff or vim.diff -- the same under two names

local MOST_LINES = 40
local LONGEST = 1000
-- With less than this in common, two lines are different lines.
local COMMON = 0.3

---@alias zeke.Span {[1]: integer, [2]: integer} bytes from 0, the end exclusive

---@param line string
---@return string[] words, integer[] starts
local function split(line)
  local words, starts, at = {}, {}, 1
  while at <= #line do
    local _, last = line:find("^[%w_\128-\255]+", at)
    if not last then
      _, last = line:find("^%s+", at)
    end
    last = last or at
    words[#words + 1] = line:sub(at, last)
    starts[#words] = at - 1
    at = last + 1
  end
  starts[#words + 1] = #line
  return words, starts
end

---@param old string
---@param new string
---@return zeke.Span[]? old_spans, zeke.Span[]? new_spans nil: the lines have too little in common
function M.spans(old, new)
  if old == "" or new == "" or #old > LONGEST or #new > LONGEST then
    return nil, nil
  end
  local before, old_at = split(old)
  local after, new_at = split(new)
  local hunks = diff(table.concat(before, "\n") .. "\n", table.concat(after, "\n") .. "\n", {
    result_type = "indices",
    algorithm = "minimal",
  }) --[[@as integer[][] ]]
  local old_spans, new_spans, changed = {}, {}, 0
  for _, hunk in ipairs(hunks) do
    local from, count, to, added = hunk[1], hunk[2], hunk[3], hunk[4]
    if count > 0 then
      old_spans[#old_spans + 1] = { old_at[from], old_at[from + count] }
      changed = changed + old_at[from + count] - old_at[from]
    end
    if added > 0 then
      new_spans[#new_spans + 1] = { new_at[to], new_at[to + added] }
    end
  end
  if #old - changed < COMMON * math.max(#old, #new) then
    return nil, nil
  end
  return old_spans, new_spans
end

---@param hunk zeke.Hunk
---@return integer[][] pairs of line numbers, old and new, that stand for each other
local function pairs_of(hunk)
  local old, new = #hunk.old, #hunk.new
  local found = {}
  if old == new then
    for line = 1, old do
      found[line] = { line, line }
    end
    return found
  end
  local aligned = diff(
    table.concat(hunk.old, "\n") .. "\n",
    table.concat(hunk.new, "\n") .. "\n",
    { result_type = "indices", linematch = MOST_LINES }
  ) --[[@as integer[][] ]]
  for _, part in ipairs(aligned) do
    if part[2] == part[4] then
      for step = 0, part[2] - 1 do
        found[#found + 1] = { part[1] + step, part[3] + step }
      end
    end
  end
  return found
end

---@param hunk zeke.Hunk
---@return {old: table<integer, zeke.Span[]>, new: table<integer, zeke.Span[]>} spans by line
function M.of(hunk)
  local marks = { old = {}, new = {} }
  local old, new = #hunk.old, #hunk.new
  if old == 0 or new == 0 or old > MOST_LINES or new > MOST_LINES then
    return marks
  end
  for _, pair in ipairs(pairs_of(hunk)) do
    marks.old[pair[1]], marks.new[pair[2]] = M.spans(hunk.old[pair[1]], hunk.new[pair[2]])
  end
  return marks
end

return M
