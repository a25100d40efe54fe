---Accepted hunks into a buffer: as one undo step, touching only the lines that change.
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
---@param tick integer the changedtick the hunks were made for
---@param hunks zeke.Hunk[]
---@return boolean
function M.fits(buffer, tick, hunks)
  return api.nvim_buf_is_loaded(buffer)
    and api.nvim_buf_get_changedtick(buffer) == tick
    and vim.iter(hunks):all(function(hunk)
      return lands(buffer, hunk)
    end)
end

---@param hunks zeke.Hunk[]
---@param chosen integer[]? numbers from 1; nil: all
---@return zeke.Hunk[]
function M.chosen(hunks, chosen)
  if not chosen then
    return hunks
  end
  return vim.tbl_map(function(index)
    return hunks[index]
  end, chosen)
end

---The caller has asked `fits`.
---@param buffer integer
---@param hunks zeke.Hunk[]
function M.run(buffer, hunks)
  -- Setting the option, even to what it is, closes the undo block before this one.
  vim.bo[buffer].undolevels = vim.bo[buffer].undolevels
  local ordered = vim.list_slice(hunks)
  table.sort(ordered, function(a, b)
    return a.start_line > b.start_line
  end)
  for _, hunk in ipairs(ordered) do
    local first = hunk.start_line - 1
    api.nvim_buf_set_lines(buffer, first, first + #hunk.old, false, hunk.new)
  end
  vim.bo[buffer].undolevels = vim.bo[buffer].undolevels
end

return M
