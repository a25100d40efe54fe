---Where a text mentions something with `@`: pure, knows neither files nor buffers.
---`@kind`, `@kind:argument`, `@kind:"quoted argument"`, at a word's start and in no code.
local M = {}

M.KINDS = { "file", "buffer", "selection", "diagnostics", "diff", "quickfix", "symbol" }

-- This much of a word may be wrong for it to be a slip, and no word of the person's own.
local SLIP = 0.25

local CLOSERS = { [")"] = "(", ["]"] = "[", ["}"] = "{", [">"] = "<" }

---@alias zeke.MentionName "file"|"buffer"|"selection"|"diagnostics"|"diff"|"quickfix"|"symbol"

---@class zeke.Mention
---@field kind zeke.MentionName
---@field argument string?
---@field from integer first byte, from 1
---@field to integer last byte, inclusive

---@param text string
---@param from integer the first byte of a line
---@return integer? past the first byte behind the fenced block that begins here
local function fenced(text, from)
  local _, past, run, info = text:find("^[ \t>]*(```+)([^\n]*)", from)
  if not run or info and info:find("`", 1, true) then
    _, past, run = text:find("^[ \t>]*(~~~+)[^\n]*", from)
  end
  while past and run and past < #text do
    local line
    _, past, line = text:find("^\n([^\n]*)", past + 1) ---@cast line string
    local closing = line:match("^[ \t>]*(" .. run:sub(1, 1) .. "+)%s*$")
    if closing and #closing >= #run then
      return past + 1
    end
  end
  return past and #text + 1
end

---@param text string
---@param from integer the first of some backticks
---@param limit integer where the paragraph ends
---@return integer past the first byte behind them, or behind the code that they begin
local function coded(text, from, limit)
  local run = text:match("^`+", from)
  local first, last = text:find("`+", from + #run)
  while first and first <= limit do
    if last - first + 1 == #run then
      return last + 1
    end
    first, last = text:find("`+", last + 1)
  end
  return from + #run
end

---@param argument string
---@return string argument without what belongs to the sentence around it
local function trimmed(argument)
  while argument ~= "" do
    local last = argument:sub(-1)
    local opener = CLOSERS[last]
    if opener then
      local _, opened = argument:gsub(vim.pesc(opener), "")
      local _, closed = argument:gsub(vim.pesc(last), "")
      if opened >= closed then
        break
      end
    elseif not last:find("^[.,;:!?'*_]$") then
      break
    end
    argument = argument:sub(1, -2)
  end
  return argument
end

---@param text string
---@param at integer where the `@` is
---@return zeke.Mention?
local function named(text, at)
  local kind = text:match("^@(%a+)", at) or ""
  local past = at + 1 + #kind
  if not vim.list_contains(M.KINDS, kind) or text:find("^[%w_/\\%-]", past) then
    return nil
  end
  ---@type zeke.Mention
  local mention = {
    kind = kind --[[@as zeke.MentionName]],
    from = at,
    to = past - 1,
  }
  local _, last, quoted = text:find('^:"([^"\n]+)"', past)
  if last then
    mention.argument, mention.to = quoted, last
    return mention
  end
  local argument = trimmed(text:match('^:([^%s"]+)', past) or "")
  if argument ~= "" then
    mention.argument, mention.to = argument, past + #argument
  elseif text:find("^%.%w", past) then
    return nil -- `@file.txt` is a name
  end
  return mention
end

---@param text string
---@param at integer
---@param exists fun(path: string): boolean
---@return zeke.Mention? for a file that is there and needs no `file:` before it
local function bare(text, at, exists)
  local path = trimmed(text:match('^@([^%s"`@]+)', at) or "")
  local name = path:gsub(":%d+$", ""):gsub(":%d+%-%d+$", "")
  if name:find("[/.]") and exists(name) then
    return { kind = "file", argument = path, from = at, to = at + #path }
  end
end

---@param text string
---@param take fun(at: integer): integer? gets where an `@` begins a word; its answer: what it took
---ends there
local function scan(text, take)
  local at, limit = 1, 0
  while at <= #text do
    local starts_line = at == 1 or text:byte(at - 1) == 10
    local past = starts_line and fenced(text, at)
    if not past then
      local first = text:find("[`@\\\n]", at)
      local char = first and text:sub(first, first)
      if not first then
        break
      elseif char == "`" then
        if first > limit then
          limit = text:find("\n[ \t]*\n", first) or #text
        end
        past = coded(text, first, limit)
      elseif char == "\\" and text:sub(first + 1, first + 1) ~= "\n" then
        past = first + 2
      elseif char == "@" and not text:sub(first - 1, first - 1):find("^[%w_@/.%-]$") then
        past = (take(first) or first) + 1
      else
        past = first + 1
      end
    end
    at = past
  end
end

---@param text string
---@param exists (fun(path: string): boolean)? without it every file needs `file:` before it
---@return zeke.Mention[] found as they stand
function M.find(text, exists)
  local found = {}
  scan(text, function(at)
    local mention = named(text, at) or exists and bare(text, at, exists) or nil
    found[#found + 1] = mention
    return mention and mention.to
  end)
  return found
end

---@param text string
---@param at integer
---@param past integer the first byte behind the name
---@return boolean it stands as a decorator does: called, or alone in a line with code below it
local function decorates(text, at, past)
  local alone = text:sub(1, at - 1):find("\n[ \t]*$") or text:sub(1, at - 1):find("^[ \t]*$")
  local below = text:match("^[ \t]*\n[ \t]*([^\n]+)", past) or ""
  local code = below:find("^@") or below:find("[(){}=;:]")
  return text:sub(past, past) == "(" or (alone ~= nil and code ~= nil)
end

---@param text string
---@return {word: string, kind: string}[] what is nearly a mention, and the one that it may mean
function M.doubtful(text)
  local found = {}
  scan(text, function(at)
    local word = text:match("^@(%a+)", at)
    local past = at + 1 + #(word or "")
    if not word or named(text, at) or decorates(text, at, past) then
      return nil
    elseif text:find("^[%w_/\\@%-]", past) or text:find("^%.%w", past) then
      return nil -- part of another word
    end
    local kind, wrong = require("zeke.config").nearest(word:lower(), M.KINDS)
    if kind and wrong <= SLIP then
      found[#found + 1] = { word = word, kind = kind }
    end
  end)
  return found
end

---@param argument string
---@return string? as it is typed behind a colon; nil when it cannot be
function M.written(argument)
  if argument:find('["\n]') then
    return nil
  end
  local plain = "@file:" .. argument
  local found = M.find(plain)[1]
  local whole = found and found.to == #plain and not argument:find("[%s`]")
  return whole and argument or ('"%s"'):format(argument)
end

return M
