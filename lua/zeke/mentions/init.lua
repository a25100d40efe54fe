---What a person mentions in a chat: `@file:src/a.py`, `@selection`, `@diff`, …
---Files and diffs are read by the broker, with consent; here is only what Neovim has.
local M = {}

local MOST = 64
---What means the same wherever the person was when they asked.
local STANDING = { file = true, diff = true }

---@class zeke.Attached what goes along, without the mention that did it
---@field path string? absolute
---@field is_file boolean? false: the text is of a buffer that is no file's own
---@field first integer? lines of `path`, from 1
---@field last integer? inclusive
---@field language string?
---@field text string? without it the broker reads `path`

---@class zeke.Attachment: zeke.Attached
---@field kind string as of the mention
---@field label string the mention as it was typed

---@class zeke.MentionKind
---@field about string
---@field gather fun(mention: zeke.Mention, origin: zeke.Standpoint): zeke.Attached[]?, string?
---@field arguments (fun(origin: zeke.Standpoint): zeke.Candidate[])? what may stand after the colon

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

---@param mention zeke.Mention
---@param label string
---@param origin zeke.Standpoint
---@return zeke.Attachment[], string? problem
local function gathered(mention, label, origin)
  local given, problem = M.kind(mention.kind).gather(mention, origin)
  local found = vim.tbl_map(function(attached)
    return vim.tbl_extend("error", attached, { kind = mention.kind, label = label })
  end, given or {})
  return found, problem and ("%s: %s"):format(label, problem) or nil
end

---@param text string
---@param origin zeke.Standpoint where the person was before the chat
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
      local given, problem = gathered(mention, label, origin)
      vim.list_extend(attachments, given)
      problems[#problems + 1] = problem
    end
  end
  if #attachments > MOST then
    local sentence = "A message takes %d files at most, and these are %d: mention fewer."
    problems[#problems + 1] = sentence:format(MOST, #attachments)
    attachments = vim.list_slice(attachments, 1, MOST)
  end
  return attachments, problems
end

---What was mentioned in a question that was answered: what it meant then. Where that is not known,
---it is gathered now, if it means the same wherever the person is.
---@param text string as it stands there now
---@param origin zeke.Standpoint
---@param known zeke.Attachment[]
---@return zeke.Attachment[], string[] lost mentions of what was there then
function M.recall(text, origin, known)
  local of = {} ---@type table<string, zeke.Attachment[]>
  for _, one in ipairs(known) do
    of[one.label] = of[one.label] or {}
    table.insert(of[one.label], one)
  end
  local attachments, lost, seen = {}, {}, {}
  local found = M.find(text, function(name)
    local label = "@" .. name
    return vim.iter(known):any(function(one)
      return one.label == label or vim.startswith(one.label, label .. ":")
    end) or require("zeke.mentions.places").file(name, origin) ~= nil
  end)
  for _, mention in ipairs(found) do
    local label = text:sub(mention.from, mention.to)
    local now = STANDING[mention.kind] and not of[label] and not seen[label]
    if not seen[label] then
      local given = of[label] or now and gathered(mention, label, origin) or nil
      vim.list_extend(attachments, given or {})
      lost[#lost + 1] = not given and label or nil
    end
    seen[label] = true
  end
  return vim.list_slice(attachments, 1, MOST), lost
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
