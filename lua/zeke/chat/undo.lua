---The undo steps of a chat: an answer is one, and a draft that was written while it came another.
local M = {}

local api = vim.api
local stream = require("zeke.stream")

---@param buffer integer
---@return integer number of the step that was done last
function M.now(buffer)
  return vim.fn.undotree(buffer).seq_cur
end

---What is done from here on is a step of its own.
---@param buffer integer
function M.step(buffer)
  vim.bo[buffer].undolevels = vim.bo[buffer].undolevels -- `:help undo-break`
end

---@param lines string[]
---@param before string[]
---@return boolean
local function begin_with(lines, before)
  for index, line in ipairs(before) do
    if lines[index] ~= line then
      return false
    end
  end
  return true
end

---@param buffer integer
---@param step integer
function M.go(buffer, step)
  api.nvim_buf_call(buffer, function()
    vim.cmd(("silent noautocmd undo %d"):format(step))
  end)
end

---@param buffer integer
function M.back(buffer)
  api.nvim_buf_call(buffer, function()
    vim.cmd("silent noautocmd undo")
  end)
end

---@param buffer integer
---@param lines string[] all of them, as they stand
---@param since integer
---@param past integer
---@return boolean
local function redo(buffer, lines, since, past)
  local latest = M.now(buffer)
  M.go(buffer, since)
  local before = api.nvim_buf_get_lines(buffer, 0, -1, false)
  if not begin_with(lines, before) then
    M.go(buffer, latest) -- Something above was changed as well.
    return false
  end
  M.step(buffer)
  local answer = vim.list_slice(lines, #before + 1, past)
  vim.list_extend(answer, { "", "" })
  api.nvim_buf_set_lines(buffer, #before, -1, false, answer)
  M.step(buffer)
  api.nvim_buf_set_lines(buffer, past, -1, false, vim.list_slice(lines, past + 1))
  return true
end

---Both came in turns: do them again, one after the other.
---@param buffer integer
---@param since integer the step before the answer
---@param past integer row from 0, of the first line of the draft
---@return boolean done
function M.separate(buffer, since, past)
  local lines = api.nvim_buf_get_lines(buffer, 0, -1, false)
  local views = {} ---@type table<integer, vim.fn.winsaveview.ret>
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    views[window] = api.nvim_win_call(window, vim.fn.winsaveview)
  end
  local done = false
  stream.change(buffer, function()
    local ok, result = pcall(redo, buffer, lines, since, past)
    done = ok and result
    if not ok then
      api.nvim_buf_set_lines(buffer, 0, -1, false, lines) -- Better many steps than a word lost.
    end
  end)
  for window, view in pairs(views) do
    api.nvim_win_call(window, function()
      vim.fn.winrestview(view)
    end)
  end
  return done
end

return M
