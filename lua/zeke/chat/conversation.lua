---A conversation as the text of a buffer, and back: pure, knows no buffer.
---The text is the conversation: what is edited there is what the model will read.
---
---A heading is one that Zeke has set (`own`, rows from 1), or a line like it, unless that stands in
---a code block of a question. In an answer no line is like it, or like one that Zeke adds to tell
---what was done: what a model says so is moved aside.
local M = {}

local fences = require("zeke.chat.fences")

M.YOU = "## You"
M.ZEKE = "## Zeke"

local ROLES = { [M.YOU] = "user", [M.ZEKE] = "assistant" }
local NOTE = "> **Stopped:** "
---How lines begin that tell what was done for an answer: they are not what the model said.
M.CALL, M.PLAIN_CALL = "▸ ", "> Tool: "
local DEEDS = { M.CALL, M.PLAIN_CALL }
for _, word in ipairs({ "Done", "Failed", "Plan", "File" }) do
  DEEDS[#DEEDS + 1] = ("> %s: "):format(word)
end
local ADDED = vim.list_extend({ NOTE }, DEEDS)
local TITLE = 60

---@class zeke.Message
---@field role "user"|"assistant"
---@field content string
---@field attachments zeke.Attachment[]?

---@class zeke.Turn
---@field role "user"|"assistant"
---@field content string
---@field first integer the row of its heading, from 1
---@field last integer its last line that is not empty, from 1

---@class zeke.Heading
---@field row integer from 1
---@field role "user"|"assistant"

---@param rows any of a file: the lines that were headings when it was saved
---@param lines string[] of it
---@return table<integer, true> own none, if somebody else has changed the file since
function M.own(rows, lines)
  local own = {}
  for _, row in ipairs(type(rows) == "table" and rows or {}) do
    if not ROLES[lines[row] or ""] then
      return {}
    end
    own[row] = true
  end
  return own
end

---@param lines string[]
---@param from integer
---@param fence zeke.Fence that opened above
---@param own table<integer, true>
---@return boolean whether it is closed before the next heading that is certain
local function closed(lines, from, fence, own)
  for index = from, #lines do
    if own[index] and ROLES[lines[index]] then
      return false
    elseif fences.closes(lines[index], fence) then
      return true
    end
  end
  return false
end

---@param lines string[]
---@param own table<integer, true>?
---@return zeke.Heading[]
function M.headings(lines, own)
  own = own or {}
  local found, fence, role = {}, nil, nil ---@type zeke.Heading[], zeke.Fence?, string?
  for index, line in ipairs(lines) do
    local is = ROLES[line]
    if is and (own[index] or not fence or not closed(lines, index + 1, fence, own)) then
      found[#found + 1] = { row = index, role = is }
      role, fence = is, nil
    elseif role == "user" and line:find("^[ \t>]*[`~]") then
      if not fence then
        fence = fences.opening(line)
      elseif fences.closes(line, fence) then
        fence = nil
      end
    end
  end
  return found
end

---@param line string
---@param beginnings string[]
---@return boolean whether it begins with one of them
local function begins(line, beginnings)
  for _, beginning in ipairs(beginnings) do
    if vim.startswith(line, beginning) then
      return true
    end
  end
  return false
end

---@param line string of an answer
---@return string line that can be taken for nothing of ours
local function quoted(line)
  local bare = line:match("^ *(.*)$") --[[@as string]]
  return (ROLES[bare] or begins(bare, ADDED)) and " " .. line or line
end

---@param line string of an answer
---@return string as the model wrote it
function M.unquoted(line)
  return line:find("^ ") and quoted(line) ~= line and line:sub(2) or line
end

---@param beginning string of a line
---@return boolean whether it may become one that has to be quoted
local function undecided(beginning)
  local bare = beginning:match("^ *(.*)$") --[[@as string]]
  if vim.startswith(M.YOU, bare) or vim.startswith(M.ZEKE, bare) then
    return true
  end
  for _, whole in ipairs(ADDED) do
    if #bare < #whole and vim.startswith(whole, bare) then
      return true
    end
  end
  return false
end

---@type zeke.LineGuard what keeps an answer from being taken for more than one
M.guard = { quoted = quoted, undecided = undecided }

---@param lines string[]
---@param heading zeke.Heading
---@param past integer the next heading
---@return string content
---@return integer last line that is not empty, from 1; 0: none
local function content_of(lines, heading, past)
  local body, last = {}, 0
  for index = heading.row + 1, past - 1 do
    local line = lines[index]
    local answer = heading.role == "assistant"
    local ours = line:sub(1, #NOTE) == NOTE or answer and begins(line, DEEDS)
    if not ours then
      body[#body + 1] = answer and M.unquoted(line) or line
      last = line:find("%S") and index or last
    end
  end
  return vim.trim(table.concat(body, "\n")), last
end

---@param lines string[]
---@param own table<integer, true>? rows of headings that are certain
---@param missed table<integer, true>? headings of the questions that go with the next one; nil: all
---@return zeke.Turn[] turns without empty ones; two of one speaker in a row are one
function M.parse(lines, own, missed)
  local turns, latest = {}, 0 ---@type zeke.Turn[], integer
  local headings = M.headings(lines, own)
  for index, heading in ipairs(headings) do
    local following = headings[index + 1]
    local content, last = content_of(lines, heading, following and following.row or #lines + 1)
    local before = turns[#turns]
    local goes_on = before and before.role == heading.role
    if missed and heading.role == "user" and not missed[latest] then
      goes_on = false
    end
    if content ~= "" and before and goes_on then
      before.content = before.content .. "\n\n" .. content
      before.last = last
    elseif content ~= "" then
      local row = heading.row
      turns[#turns + 1] = { role = heading.role, content = content, first = row, last = last }
    end
    latest = content ~= "" and heading.row or latest
  end
  return turns
end

---@class zeke.Answer
---@field row integer of its heading, from 1
---@field text string

---@param lines string[]
---@param own table<integer, true>?
---@return zeke.Answer[]
function M.answers(lines, own)
  local found = {}
  local headings = M.headings(lines, own)
  for index, heading in ipairs(headings) do
    if heading.role == "assistant" then
      local past = headings[index + 1] and headings[index + 1].row or #lines + 1
      local text = vim.trim(table.concat(lines, "\n", heading.row + 1, past - 1))
      found[#found + 1] = { row = heading.row, text = text }
    end
  end
  return found
end

---Whether the last thing in the text is a question.
---@param lines string[]
---@param own table<integer, true>?
---@return boolean
function M.asks(lines, own)
  local headings = M.headings(lines, own)
  local last = headings[#headings]
  return last ~= nil
    and last.role == "user"
    and vim.trim(table.concat(lines, "\n", last.row + 1)) ~= ""
end

---@param turns zeke.Turn[]
---@return string[] what the person asked, oldest first
function M.questions(turns)
  local found = {}
  for _, turn in ipairs(turns) do
    if turn.role == "user" then
      found[#found + 1] = turn.content
    end
  end
  return found
end

---@param question string?
---@return string title its beginning, on one line
function M.title(question)
  local text = vim.trim((question or ""):gsub("%s+", " "))
  if vim.fn.strcharlen(text) > TITLE then
    text = vim.fn.strcharpart(text, 0, TITLE - 1) .. "…"
  end
  return text == "" and "a new chat" or text
end

return M
