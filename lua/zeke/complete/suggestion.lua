---One suggestion at a place of a buffer, and what is left of it while it is typed.
---@class zeke.Suggestion
---@field buffer integer
---@field row integer from 0
---@field col integer bytes
---@field after string what stood behind the cursor in its line
---@field texts string[] as they belong at the place, the likeliest first
---@field index integer which of them is shown
---@field asked integer how often the model was asked
local Suggestion = {}
Suggestion.__index = Suggestion

local api = vim.api

---Nothing of several lines goes before text of the same line.
---@param text string
---@param after string
---@return string
local function fitting(text, after)
  return after:find("%S") and text:match("^[^\n]*") or text
end

---@param around zeke.Around
---@param texts string[]
---@return zeke.Suggestion? suggestion nil: there is nothing to show
function Suggestion.new(around, texts)
  local kept = {}
  for _, text in ipairs(texts) do
    text = fitting(text, around.after)
    if text:find("%S") and not vim.list_contains(kept, text) then
      kept[#kept + 1] = text
    end
  end
  if #kept == 0 then
    return nil
  end
  return setmetatable({
    buffer = around.buffer,
    row = around.row,
    col = around.col,
    after = around.after,
    texts = kept,
    index = 1,
    asked = #texts,
  }, Suggestion)
end

---What was typed from the place to the cursor; nil when the cursor is elsewhere.
---@param row integer
---@param col integer
---@return string?
function Suggestion:typed(row, col)
  local back = row < self.row or (row == self.row and col < self.col)
  if back or row - self.row > select(2, self.texts[self.index]:gsub("\n", "")) then
    return nil
  end
  local ok, lines = pcall(api.nvim_buf_get_text, self.buffer, self.row, self.col, row, col, {})
  return ok and table.concat(lines, "\n") or nil
end

---@return string? rest what is left of it at the cursor; nil: it does not belong there any more
function Suggestion:rest()
  if api.nvim_get_current_buf() ~= self.buffer then
    return nil
  end
  local cursor = api.nvim_win_get_cursor(0)
  if api.nvim_get_current_line():sub(cursor[2] + 1) ~= self.after then
    return nil
  end
  local typed = self:typed(cursor[1] - 1, cursor[2])
  local text = self.texts[self.index]
  local rest = typed and text:sub(1, #typed) == typed and text:sub(#typed + 1) or ""
  return rest:find("%S") and rest or nil
end

---Stand at the cursor instead, with what is left; those that were not typed go.
function Suggestion:settle()
  local cursor = api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  local typed = self:typed(row, col) or ""
  local chosen, texts = self.texts[self.index], {}
  for _, text in ipairs(self.texts) do
    if text == chosen then
      self.index = #texts + 1
    end
    if text:sub(1, #typed) == typed and #text > #typed then
      texts[#texts + 1] = text:sub(#typed + 1)
    end
  end
  self.row, self.col, self.texts = row, col, texts
end

---@param text string
---@return boolean new
function Suggestion:add(text)
  text = fitting(text, self.after)
  if not text:find("%S") or vim.list_contains(self.texts, text) then
    return false
  end
  self.texts[#self.texts + 1] = text
  return true
end

return Suggestion
