---What the person says to a proposed change, and what of it goes to the broker.
local M = {}

local api = vim.api
local Change = require("zeke.review.change")

local CHANGED = "The buffer changed since: asking for a new diff."
M.WAITS = "Another change of this buffer comes first: this one is shown after it."
local SAYS = { asking = "Accepted already: GhostWarden decides.", waiting = M.WAITS }
M.NOTHING_FITS = "Nothing of the change fits the text as it is now: `u` may bring it back, "
  .. "`:Zeke review text` shows it, and rejecting ends it."

---@param file zeke.ChangeFile
---@param method string
---@param fields table
local function mail(file, method, fields)
  local change = file.change
  fields.id, fields.file, fields.round = change.id, file.number, change.round
  fields.version = file.version
  require("zeke.tasks").answer(method, fields)
end

---While something may be written, only the broker can end the task.
---@param change zeke.Change
local function commit(change)
  local task = require("zeke.tasks").get(change.id)
  if task then
    task.committed = #change:asked() > 0
  end
end

---@param file zeke.ChangeFile
local function refresh(file)
  commit(file.change)
  require("zeke.review.list").refresh()
end

---@param file zeke.ChangeFile
---@param state zeke.FileState
function M.become(file, state)
  file.state = state
  refresh(file)
end

---Somebody gave the buffer another name (`:saveas`, `:file`): it is another file's now.
---@param file zeke.ChangeFile
---@return boolean
function M.renamed(file)
  local target = file.target
  return target ~= nil
    and file.path ~= ""
    and api.nvim_buf_is_loaded(target)
    and api.nvim_buf_get_name(target) ~= file.target_name
end

---A buffer that was saved, or changed and changed back, is what it was.
---@param file zeke.ChangeFile
---@return boolean the buffer is not what the hunks are for
function M.changed(file)
  local target = file.target
  if not target then
    return false
  elseif not api.nvim_buf_is_loaded(target) or M.renamed(file) then
    return true
  end
  local tick = api.nvim_buf_get_changedtick(target)
  if tick == file.tick then
    return false
  elseif table.concat(api.nvim_buf_get_lines(target, 0, -1, false), "\n") ~= file.text then
    return true
  end
  file.tick = tick
  return false
end

---@param file zeke.ChangeFile
---@param reason string?
---@param problem string? why it cannot be, where the person has not said no
local function refuse(file, reason, problem)
  file.state = "rejected"
  mail(file, "edit.reject", { reason = reason, problem = problem })
  local target = file.target
  require("zeke.review.show").close(file)
  refresh(file)
  require("zeke.events").announce("review.decided", {
    id = file.change.id,
    file = file.number,
    accepted = {},
  })
  require("zeke.review.show").free(target)
  require("zeke.review.tab").advance(file)
  if reason then
    file.change:told_why(reason, false)
  end
end

---The whole file: they closed what they saw of it, or there is nothing to show.
---@param file zeke.ChangeFile
---@param why string? what they are told
function M.drop(file, why)
  if file:ended() then
    return
  end
  if why then
    require("zeke.notice").warn(why)
  end
  refuse(file, nil)
end

---It cannot be any more, and nobody has said no to it: it has failed. The person hears of that at
---the end, and who wants the change is told the same.
---@param file zeke.ChangeFile
---@param why string
function M.give_up(file, why)
  if not file:ended() then
    refuse(file, nil, why .. " Nothing was written.")
  end
end

---Ask for a diff against what the buffer is now.
---@param file zeke.ChangeFile with a target
---@param why string?
function M.rebase(file, why)
  local buffer = file.target --[[@as integer]]
  if M.renamed(file) then
    local name = vim.fn.strtrans(vim.fn.fnamemodify(api.nvim_buf_get_name(buffer), ":t"))
    return M.give_up(file, ("The buffer of %s is %s now."):format(file.name, name))
  end
  local loaded = api.nvim_buf_is_loaded(buffer)
  local last = loaded and api.nvim_buf_line_count(buffer) or 1
  local range = { buffer = buffer, first = 1, last = last }
  local snippet, problem = require("zeke.context").whole(range, true)
  if not snippet then
    return M.give_up(file, problem --[[@as string]])
  end
  if why then
    require("zeke.notice").info(why)
  end
  file.change:send(buffer, snippet)
  M.become(file, "rebasing")
  if file.view then
    file.view:restate()
  end
  mail(file, "edit.rebase", { buffer = snippet })
end

---@param file zeke.ChangeFile
---@param taken integer[]
---@param reason string? why the others are not
local function settle(file, taken, reason)
  if #taken == 0 then
    return refuse(file, reason)
  elseif M.changed(file) then
    return M.rebase(file, CHANGED)
  end
  file.taken = {}
  for _, index in ipairs(taken) do
    file.taken[index] = true
  end
  file.stamp = require("zeke.review.doubt").stamp(file.path)
  M.become(file, "asking")
  file.view:restate()
  local hunks = #taken < #file.hunks and taken or nil
  mail(file, "edit.accept", { hunks = hunks, reason = reason })
  require("zeke.events").announce("review.decided", {
    id = file.change.id,
    file = file.number,
    accepted = taken,
  })
  require("zeke.review.tab").advance(file)
  if reason then
    file.change:told_why(reason, true)
  end
end

---@param file zeke.ChangeFile
---@return boolean open else the person hears why not
local function open(file)
  if file.state ~= "open" then
    require("zeke.notice").info(SAYS[file.state] or CHANGED)
  elseif #file.hunks == 0 then
    require("zeke.notice").info(M.changed(file) and CHANGED or M.NOTHING_FITS)
  end
  return file.state == "open" and #file.hunks > 0
end

---Take what is undecided, and with it what was accepted before.
---@param file zeke.ChangeFile
function M.accept(file)
  if open(file) then
    local taken = vim.list_extend(file:those("accepted"), file:those(nil))
    table.sort(taken)
    settle(file, taken, nil)
  end
end

---Leave what is undecided; where nothing is, leave all. What GhostWarden is asked about is
---withdrawn.
---@param file zeke.ChangeFile
---@param reason string?
function M.reject(file, reason)
  local taken = #file:those(nil) > 0 and file:those("accepted") or {}
  if file.state == "asking" or #taken == 0 then
    refuse(file, reason)
  elseif open(file) then
    settle(file, taken, reason)
  end
end

---@param file zeke.ChangeFile
---@param index integer
---@param decision zeke.Decision? nil: undecided again
---@return boolean settled it was the last one
function M.hunk(file, index, decision)
  if not open(file) then
    return true
  end
  file.decided[index] = decision
  file.view:update(index)
  require("zeke.review.list").refresh()
  if #file:those(nil) > 0 then
    return false
  end
  settle(file, file:those("accepted"), nil)
  return true
end

---@param file zeke.ChangeFile
function M.why(file)
  if not file.change:hears() then
    return require("zeke.notice").info("No model proposed this: reject it without a reason.")
  end
  local prompt = ("Why not? (rejects the rest of %s) "):format(file.name)
  require("zeke.dialog").input({ prompt = prompt }, function(text)
    if not text then
      return
    elseif not Change.there(file.change.id) or file:ended() then
      return require("zeke.notice").info("It was decided meanwhile: nothing was rejected.")
    end
    local reason = require("zeke.context").instruction(text)
    M.reject(file, reason ~= "" and reason or nil)
  end)
end

return M
