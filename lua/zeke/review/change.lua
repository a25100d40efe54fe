---The changes that are open in this Neovim: each what one task proposes, a file or many at once.
local File = require("zeke.review.file")

---@class zeke.SentText
---@field tick integer
---@field text string
---@field name string of the buffer

---@alias zeke.WhyNot fun(reason: string, partly: boolean) `partly`: some of the change is taken

---@class zeke.ChangeFields
---@field title string
---@field saying string
---@field buffer integer?
---@field accept boolean
---@field why zeke.WhyNot?

---@class zeke.Change
---@field id string of its task
---@field kind string
---@field title string
---@field round integer from 1; the next one answers the person's reasons
---@field count integer how many files the round has
---@field files zeke.ChangeFile[] by number; some may not have come yet
---@field buffer integer? in which the person asked for it
---@field saying string what is said while nothing is there
---@field waits zeke.Progress? where that is said
---@field reasons integer how many were given in this round
---@field why zeke.WhyNot? who hears them, where no model of its task does
---@field accept boolean it is taken as a whole as soon as it is there
---@field sent table<integer, zeke.SentText> what the broker last heard of a buffer
---@field ended table[] what became of files in all rounds, as `task.done` has it
---@field tab zeke.ReviewTab? where those of its files are looked at that are not open
---@field agent string? who wants it, as a person is shown that
---@field session string? of that agent
---@field task string? of this Neovim, for which it is wanted
---@field told string? what the person was told of it, who may not see it
---@field order integer
local Change = {}
Change.__index = Change

local M = {}

local changes = {} ---@type table<string, zeke.Change>
local latest = 0

---@param kind string
---@param fields zeke.ChangeFields
---@return zeke.Change
function M.new(kind, fields)
  latest = latest + 1
  local change = { id = "", kind = kind, round = 1, count = 0, files = {}, reasons = 0 }
  change.order = latest
  change.sent, change.ended = {}, {}
  return setmetatable(vim.tbl_extend("error", change, fields), Change)
end

---@param change zeke.Change with its id
function M.add(change)
  changes[change.id] = change
end

---@param change zeke.Change
function M.remove(change)
  changes[change.id] = nil
end

---@param id string
---@return boolean
function M.there(id)
  return changes[id] ~= nil
end

---@return zeke.Change[] oldest first
function M.all()
  local found = vim.tbl_values(changes)
  table.sort(found, function(one, other)
    return one.order < other.order
  end)
  return found
end

---@param change zeke.Change
---@return zeke.Change[] it and, where an agent wants it, all that this one wants
function M.with(change)
  return vim.tbl_filter(function(other)
    local same = change.session ~= nil and change.agent == other.agent
    return other == change or same and change.session == other.session
  end, M.all())
end

---@param meant fun(wish: zeke.Wish): boolean
---@return integer how many files of these wait for the person
function M.waiting(meant)
  local count = 0
  for _, change in ipairs(M.all()) do
    count = count + (meant(change) and #change:undecided() or 0)
  end
  return count
end

---@param wanted fun(file: zeke.ChangeFile): boolean
---@return zeke.ChangeFile?
function M.find(wanted)
  for _, change in ipairs(M.all()) do
    for _, file in ipairs(change:known()) do
      if wanted(file) then
        return file
      end
    end
  end
end

---@param buffer integer the person's, or one of ours that shows a file
---@return zeke.ChangeFile? file that is looked at there, and has not ended
function M.of(buffer)
  return M.find(function(file)
    local here = file.view and file.view.buffer == buffer or file.target == buffer
    return here and not file:ended() and file.state ~= "waiting"
  end)
end

---@param number integer
---@return zeke.ChangeFile
function Change:file(number)
  self.files[number] = self.files[number] or File.new(self, number)
  return self.files[number]
end

---@param buffer integer
---@param snippet zeke.Snippet that goes to the broker
function Change:send(buffer, snippet)
  local name = vim.api.nvim_buf_get_name(buffer)
  self.sent[buffer] = { tick = snippet.changedtick, text = snippet.text, name = name }
end

---@param buffer integer?
---@param tick integer
---@return string? text that the broker has of it
function Change:heard(buffer, tick)
  local sent = self.sent[buffer]
  return sent and sent.tick == tick and sent.text or nil
end

---@param buffer integer?
---@return string? name that it had when the broker heard of it
function Change:named(buffer)
  local sent = self.sent[buffer]
  return sent and sent.name
end

---@return boolean whether anybody hears why it is not taken
function Change:hears()
  return self.kind ~= "propose" or self.why ~= nil
end

---@param reason string why it is not taken
---@param partly boolean some of it is
function Change:told_why(reason, partly)
  self.reasons = self.reasons + 1
  if self.why then
    self.why(reason, partly)
  elseif not self:hears() then
    require("zeke.notice").warn("No model proposed this: nobody hears why it is not taken.")
  end
end

---@param file zeke.ChangeFile
---@param payload table of `task.settled`
function Change:settled(file, payload)
  self.ended[#self.ended + 1] = {
    round = payload.round or self.round,
    file = file.number,
    path = file.path,
    name = payload.name or file.name,
    state = payload.state,
    message = payload.message or "",
    accepted = payload.accepted or #(payload.hunks or {}),
    hunks_total = payload.hunks_total or #file.hunks,
  }
end

---@return zeke.ChangeFile[] those that have come, in order
function Change:known()
  local found = {}
  for number = 1, self.count do
    found[#found + 1] = self.files[number]
  end
  return found
end

---@param test fun(file: zeke.ChangeFile): boolean
---@return zeke.ChangeFile[]
function Change:those(test)
  return vim.tbl_filter(test, self:known())
end

---@return zeke.ChangeFile[] that were accepted, and of which nothing more is known
function Change:asked()
  return self:those(function(file)
    return file.state == "asking"
  end)
end

---@return zeke.ChangeFile[] on which the person's word is wanted
function Change:undecided()
  return self:those(File.undecided)
end

return M
