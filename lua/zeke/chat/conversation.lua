---A conversation as the text of a buffer, and back: pure, knows no buffer.
---The text is the conversation: what is edited there is what the model will read.
local M = {}

M.YOU = "## You"
M.ZEKE = "## Zeke"
---What a heading matches, for `search()`.
M.HEADING = [[^## \%(You\|Zeke\)$]]

local ROLES = { [M.YOU] = "user", [M.ZEKE] = "assistant" }
local NOTE = "> **Stopped:** "
local TITLE = 60

---@class zeke.Message
---@field role "user"|"assistant"
---@field content string
---@field attachments zeke.Attachment[]?

---@class zeke.Turn
---@field role "user"|"assistant"
---@field content string
---@field last integer its last line that is not empty, from 1

---@param lines string[]
---@return zeke.Turn[] turns without empty ones; two of one speaker in a row are one
function M.parse(lines)
  local turns = {} ---@type zeke.Turn[]
  local role, body, last = nil, {}, 0
  local function finish()
    local content = vim.trim(table.concat(body, "\n"))
    local before = turns[#turns]
    if role and content ~= "" then
      if before and before.role == role then
        before.content = before.content .. "\n\n" .. content
        before.last = last
      else
        turns[#turns + 1] = { role = role, content = content, last = last }
      end
    end
    body = {}
  end
  for index, line in ipairs(lines) do
    if ROLES[line] then
      finish()
      role = ROLES[line]
    elseif line:sub(1, #NOTE) ~= NOTE then
      body[#body + 1] = line
      last = line:find("%S") and index or last
    end
  end
  finish()
  return turns
end

---@class zeke.Answer
---@field row integer of its heading, from 1
---@field text string

---@param lines string[]
---@return zeke.Answer[]
function M.answers(lines)
  local found, row = {}, nil
  for index = 1, #lines + 1 do
    if index > #lines or ROLES[lines[index]] then
      if row then
        local text = vim.trim(table.concat(lines, "\n", row + 1, index - 1))
        found[#found + 1] = { row = row, text = text }
      end
      row = lines[index] == M.ZEKE and index or nil
    end
  end
  return found
end

---@param lines string[]
---@return integer? index of the last heading
---@return "user"|"assistant"|nil role
function M.last_heading(lines)
  for index = #lines, 1, -1 do
    local role = ROLES[lines[index]]
    if role then
      return index, role
    end
  end
end

---Whether the last thing in the text is a question.
---@param lines string[]
---@return boolean
function M.asks(lines)
  local index, role = M.last_heading(lines)
  return role == "user" and vim.trim(table.concat(lines, "\n", index + 1)) ~= ""
end

---Lines of an answer, none of which can be taken for a heading of ours.
---@param lines string[]
---@return string[]
function M.quoted(lines)
  return vim.tbl_map(function(line)
    return ROLES[line] and " " .. line or line
  end, lines)
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
