---One file of a change: its hunks, and what the person decided on each. Knows no buffer.

---@alias zeke.Decision "accepted"|"rejected"
---@alias zeke.FileState
---| "open" the person decides
---| "rebasing" the text changed; a new diff is on its way
---| "waiting" another change of the same buffer is looked at first
---| "asking" accepted; GhostWarden decides
---| "written"
---| "applied" into a buffer, unsaved
---| "same"
---| "rejected"
---| "denied"
---| "failed"

---@class zeke.Hunk
---@field start_line integer from 1; lines start_line .. start_line + #old - 1 are replaced
---@field old string[]
---@field new string[] with no `old`: inserted before start_line

---@class zeke.ChangeFile
---@field change zeke.Change
---@field number integer from 1, in its change
---@field name string as it is shown
---@field path string absolute; empty without one
---@field kind "change"|"create"
---@field base string[]? the lines the hunks are for, when those are not a buffer's
---@field hunks zeke.Hunk[]
---@field conflicts zeke.Hunk[] that do not fit the text as it is now, and may again
---@field decided table<integer, zeke.Decision> by hunk
---@field parked table<string, (zeke.Decision|false)[]> what was decided on the conflicts
---@field taken table<integer, true> hunks that were accepted when the file was
---@field state zeke.FileState
---@field message string what was said of its end
---@field caution string a mark of GhostWarden's for it, or empty
---@field warning string what that means, as a sentence
---@field problem string what the person should know before they decide
---@field target integer? the person's buffer of that file, for which the hunks are
---@field target_name string? the name that `target` had then
---@field tick integer the changedtick of `target` that the hunks are for
---@field text string? what `target` held then
---@field stamp string? of the file on disk, when it was accepted
---@field version integer? of the diff
---@field stale integer how many diffs in a row came too late
---@field view zeke.View? what shows it
---@field announced string? what is said of a change that is out of sight
---@field keys zeke.ReviewKeys?
---@field watch zeke.Watch?
local File = {}
File.__index = File

local ENDED = {}
for _, state in ipairs({ "written", "applied", "same", "rejected", "denied", "failed" }) do
  ENDED[state] = true
end

---@param change zeke.Change
---@param number integer
---@return zeke.ChangeFile
function File.new(change, number)
  return setmetatable({
    change = change,
    number = number,
    name = "",
    path = "",
    kind = "change",
    hunks = {},
    conflicts = {},
    decided = {},
    parked = {},
    taken = {},
    state = "rebasing",
    message = "",
    caution = "",
    warning = "",
    problem = "",
    tick = -1,
    stale = 0,
  }, File)
end

---@param hunk zeke.Hunk
---@return string
local function content(hunk)
  return table.concat(hunk.old, "\n") .. "\0" .. table.concat(hunk.new, "\n")
end

---New hunks in the place of those there were; what was decided on equal ones stays.
---@param hunks zeke.Hunk[]
---@param conflicts zeke.Hunk[]?
---@return boolean same they say the same, if perhaps elsewhere
function File:take(hunks, conflicts)
  local before, same = self.parked, #hunks == #self.hunks
  for index, hunk in ipairs(self.hunks) do
    local key = content(hunk)
    before[key] = before[key] or {}
    table.insert(before[key], self.decided[index] or false)
  end
  self.hunks, self.decided = hunks, {}
  for index, hunk in ipairs(hunks) do
    local known = before[content(hunk)]
    if known and #known > 0 then
      self.decided[index] = table.remove(known, 1) or nil
    else
      same = false
    end
  end
  self.conflicts, self.parked = conflicts or {}, {}
  for _, hunk in ipairs(self.conflicts) do
    local key = content(hunk)
    local known = before[key]
    self.parked[key] = self.parked[key] or {}
    table.insert(self.parked[key], known and table.remove(known, 1) or false)
  end
  return same
end

---@param decision zeke.Decision?
---@return integer[] numbers of the hunks on which that was decided
function File:those(decision)
  local numbers = {}
  for index = 1, #self.hunks do
    if self.decided[index] == decision then
      numbers[#numbers + 1] = index
    end
  end
  return numbers
end

---@param from integer
---@return integer? index of the next undecided hunk after `from`, round the end
function File:following(from)
  local count = #self.hunks
  for step = 1, count do
    local index = (from + step - 1) % count + 1
    if not self.decided[index] then
      return index
    end
  end
end

---@return string its name, with what the person has to know before they want it
function File:called()
  return self.caution ~= "" and ("%s (%s)"):format(self.name, self.caution) or self.name
end

---@return boolean the person's word is still wanted
function File:undecided()
  return self.state == "open" or self.state == "rebasing" or self.state == "waiting"
end

---@return boolean
function File:ended()
  return ENDED[self.state] or false
end

---@param hunks zeke.Hunk[]
---@return integer added, integer removed
function File.count(hunks)
  local added, removed = 0, 0
  for _, hunk in ipairs(hunks) do
    added, removed = added + #hunk.new, removed + #hunk.old
  end
  return added, removed
end

return File
