---Taking a suggestion: all of it, a word or a line. Each is one undo step of its own.
local M = {}

local api = vim.api

local shown = require("zeke.complete.shown")

local INSERT = "<C-g>u<Cmd>lua require('zeke.complete.accept').insert()<CR><C-g>u"
local WORD = { "^%s*[%w_\128-\255]+", "^%s*[^%w_%s\128-\255]+" }

local taken ---@type string? on its way into the buffer

---@param rest string
---@return string
function M.word(rest)
  return rest:match(WORD[1]) or rest:match(WORD[2]) or rest
end

---@param rest string
---@return string
function M.line(rest)
  return rest:match("^\n*[^\n]*") or ""
end

---@param part fun(rest: string): string
---@return boolean taken false: nothing is shown
local function take(part)
  local suggestion = shown.current()
  local rest = suggestion and suggestion:rest()
  if not rest then
    return false
  end
  taken = part(rest)
  -- Before what was typed meanwhile; by keys, because only they divide undo steps.
  api.nvim_feedkeys(vim.keycode(INSERT), "ni", false)
  return true
end

---Put what was taken at the cursor.
function M.insert()
  local text = taken
  taken = nil
  local suggestion = shown.current()
  if not text or not suggestion or not vim.startswith(suggestion:rest() or "", text) then
    return
  end
  local cursor = api.nvim_win_get_cursor(0)
  local row, col = cursor[1], cursor[2]
  local lines = vim.split(text, "\n", { plain = true })
  api.nvim_buf_set_text(0, row - 1, col, row - 1, col, lines)
  local last = #lines[#lines]
  api.nvim_win_set_cursor(0, { row + #lines - 1, #lines == 1 and col + last or last })
end

---@return boolean
function M.all()
  return take(function(rest)
    return rest
  end)
end

---@return boolean
function M.one_word()
  return take(M.word)
end

---@return boolean
function M.one_line()
  return take(M.line)
end

return M
