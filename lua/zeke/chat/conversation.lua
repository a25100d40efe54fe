---A conversation as the text of a buffer, and back: pure, knows no buffer.
---The text is the conversation: what is edited there is what the model will read.
local M = {}

M.YOU = "## You"
M.ZEKE = "## Zeke"

local ROLES = { [M.YOU] = "user", [M.ZEKE] = "assistant" }
local NOTE = "> **Stopped:** "

---@class zeke.Message
---@field role "user"|"assistant"
---@field content string

---@param lines string[]
---@return zeke.Message[] messages without empty ones; two of one speaker in a row are one
function M.parse(lines)
  local messages = {} ---@type zeke.Message[]
  local role, body = nil, {}
  local function finish()
    local content = vim.trim(table.concat(body, "\n"))
    local before = messages[#messages]
    if role and content ~= "" then
      if before and before.role == role then
        before.content = before.content .. "\n\n" .. content
      else
        messages[#messages + 1] = { role = role, content = content }
      end
    end
    body = {}
  end
  for _, line in ipairs(lines) do
    if ROLES[line] then
      finish()
      role = ROLES[line]
    elseif line:sub(1, #NOTE) ~= NOTE then
      body[#body + 1] = line
    end
  end
  finish()
  return messages
end

---Whether the last thing in the text is a question.
---@param lines string[]
---@return boolean
function M.asks(lines)
  for index = #lines, 1, -1 do
    if ROLES[lines[index]] then
      local question = table.concat(lines, "\n", index + 1)
      return lines[index] == M.YOU and vim.trim(question) ~= ""
    end
  end
  return false
end

---Lines of an answer, none of which can be taken for a heading of ours.
---@param lines string[]
---@return string[]
function M.quoted(lines)
  return vim.tbl_map(function(line)
    return ROLES[line] and " " .. line or line
  end, lines)
end

return M
