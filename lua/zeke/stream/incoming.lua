---What comes of a model, made fit to be a text in a buffer. Pure, knows no buffer.
---Line ends are `\n`; what would control a terminal is visible. With a guard, no line of it can be
---taken for one of ours: what might still become such a line is kept until that is decided.
local M = {}

---@class zeke.LineGuard
---@field undecided fun(beginning: string): boolean
---@field quoted fun(line: string): string

---@class zeke.Incoming
---@field private guard zeke.LineGuard?
---@field private rest string what came, and is not decided
---@field private within boolean the line that comes is decided
local Incoming = {}
Incoming.__index = Incoming

-- Tabs and line feeds are text.
local CONTROL = "[%z\1-\8\11-\31\127]"

---@param char string
---@return string the picture that Unicode has of it
local function picture(char)
  local byte = char:byte()
  return byte == 127 and "\226\144\161" or "\226\144" .. string.char(128 + byte)
end

---@param guard zeke.LineGuard?
---@return zeke.Incoming
function M.new(guard)
  return setmetatable({ guard = guard, rest = "", within = false }, Incoming)
end

---@param text string
---@param last boolean nothing else comes
---@return string decided
function Incoming:guarded(text, last)
  local guard = self.guard --[[@as zeke.LineGuard]]
  local found, at = {}, 1
  while true do
    local past = text:find("\n", at, true)
    local line = text:sub(at, past and past - 1)
    if not past and not self.within and not last and guard.undecided(line) then
      self.rest = line
      break
    end
    found[#found + 1] = self.within and line or guard.quoted(line)
    self.within = not past and line ~= "" or not past and self.within
    if not past then
      break
    end
    found[#found + 1] = "\n"
    at = past + 1
  end
  return table.concat(found)
end

---@param text string
---@param last boolean? nothing else comes
---@return string text that can be written; the rest is given with a later call
function Incoming:take(text, last)
  text = self.rest .. text
  self.rest = ""
  local held = not last and text:sub(-1) == "\r" and "\r" or ""
  text = text:sub(1, #text - #held):gsub("\r\n", "\n"):gsub(CONTROL, picture)
  if self.guard then
    text = self:guarded(text, last == true)
  end
  self.rest = self.rest .. held
  return text
end

return M
