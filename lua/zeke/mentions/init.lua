---What a person mentions in a chat: `@file:src/a.py`, `@selection`, `@diff`, …
---Files and diffs are read by the broker, with consent; here is only what Neovim has.
local M = {}

local MOST = 64

---@class zeke.Attached what goes along, without the mention that did it
---@field path string? absolute
---@field first integer? lines of `path`, from 1
---@field last integer? inclusive
---@field language string?
---@field text string? without it the broker reads `path`

---@class zeke.Attachment: zeke.Attached
---@field kind string as of the mention
---@field label string the mention as it was typed

---@class zeke.MentionKind
---@field about string
---@field gather fun(mention: zeke.Mention, origin: zeke.Origin?): zeke.Attached[]?, string?
---@field arguments (fun(origin: zeke.Origin?): zeke.Candidate[])? what may stand after the colon

---@param kind string
---@return zeke.MentionKind
function M.kind(kind)
  return require("zeke.mentions.kinds." .. kind)
end

---@param text string
---@param exists (fun(path: string): boolean)? which names are files without `file:`
---@return zeke.Mention[]
function M.find(text, exists)
  return require("zeke.mentions.grammar").find(text, exists)
end

---@param text string
---@param origin zeke.Origin? where the person was before the chat
---@return zeke.Attachment[], string[] problems each of which names its mention
function M.gather(text, origin)
  if not text:find("@", 1, true) then
    return {}, {}
  end
  local places = require("zeke.mentions.places")
  local attachments, problems, seen = {}, {}, {}
  local found = M.find(text, function(name)
    return places.file(name, origin) ~= nil
  end)
  for _, mention in ipairs(found) do
    local label = text:sub(mention.from, mention.to)
    if not seen[label] then
      seen[label] = true
      local given, problem = M.kind(mention.kind).gather(mention, origin)
      for _, attached in ipairs(given or {}) do
        attachments[#attachments + 1] =
          vim.tbl_extend("error", attached, { kind = mention.kind, label = label })
      end
      problems[#problems + 1] = problem and ("%s: %s"):format(label, problem) or nil
    end
  end
  if #attachments > MOST then
    local sentence = "A message takes %d files at most, and these are %d: mention fewer."
    problems[#problems + 1] = sentence:format(MOST, #attachments)
    attachments = vim.list_slice(attachments, 1, MOST)
  end
  return attachments, problems
end

---Tell of what is nearly a mention: it goes as it is written.
---@param text string that is sent
function M.doubt(text)
  for _, one in ipairs(require("zeke.mentions.grammar").doubtful(text)) do
    local said = "@%s is no mention, so nothing goes along with it: did you mean @%s?"
    require("zeke.notice").warn(said:format(one.word, one.kind))
  end
end

return M
