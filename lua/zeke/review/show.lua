---Where a file of a change is looked at: in the person's buffer of it, if that is loaded, else in
---one of ours, which no other Neovim's swap file minds.
local M = {}

local api = vim.api
local Change = require("zeke.review.change")
local decide = require("zeke.review.decide")

local MOST_STALE = 3
local BEHIND = "The buffer of %s is not as its file is: `:ZekeReview` shows the change."

---@return boolean
local function plain()
  return require("zeke.config").get().ui.plain
end

---@param path string
---@return integer? buffer the person's, loaded
function M.buffer_of(path)
  if path == "" then
    return nil
  end
  local context = require("zeke.context")
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    if api.nvim_buf_is_loaded(buffer) then
      local name = context.path_of(buffer)
      if name ~= "" and (name == path or vim.uv.fs_realpath(name) == path) then
        return buffer
      end
    end
  end
end

---@param file zeke.ChangeFile
---@return integer buffer of ours with the text that the hunks are for, or the new file's
local function own(file)
  local scratch = require("zeke.scratch")
  local change = file.change
  local label = ("review/%s/%d/%d/%s"):format(change.id, change.round, file.number, file.name)
  local buffer = scratch.buffer(label, "")
  vim.b[buffer].zeke_whose = file.path
  vim.bo[buffer].bufhidden = "hide" -- the tab shows one file at a time
  if not plain() then
    local new = file.kind == "create" and file.hunks[1].new
    scratch.set(buffer, new or file.base or {})
    local found = vim.filetype.match({ filename = file.path, buf = buffer })
    vim.bo[buffer].filetype = found or ""
  end
  vim.bo[buffer].modifiable = false
  return buffer
end

---@param file zeke.ChangeFile
local function announce(file)
  local buffer = file.view.buffer
  if not file.hunks[1] then
    return
  end
  local first, window = file.hunks[1].start_line, vim.fn.bufwinid(buffer)
  local top = window > 0 and vim.fn.line("w0", window)
  local seen = top and (top == 1 or first > top) and first <= vim.fn.line("w$", window)
  if not seen and file.target == buffer and not file.change.agent then
    file.announced = ("A change of %s is proposed at line %d."):format(file.name, first)
    require("zeke.notice").info(file.announced)
  end
end

---@param file zeke.ChangeFile
---@return boolean it is shown already where it belongs
local function again(file)
  local view = file.view
  local home = view and (not file.target or plain() or view.buffer == file.target)
  if not home or not api.nvim_buf_is_loaded(view.buffer) then
    M.close(file)
    return false
  end
  if not file.target and not plain() then
    local new = file.kind == "create" and file.hunks[1].new
    require("zeke.scratch").set(view.buffer, new or file.base or {})
    view.real = file.kind == "create"
  end
  view:show()
  return true
end

---What was accepted beforehand, in the turn after it was shown; not if some of it does not fit.
---@param file zeke.ChangeFile
local function accept_at_once(file)
  local wanted = file.change.accept and #file.conflicts == 0
  file.change.accept = false
  if wanted then
    vim.schedule(function()
      if file.state == "open" and Change.there(file.change.id) then
        decide.accept(file)
      end
    end)
  end
end

---@param file zeke.ChangeFile
local function open(file)
  decide.become(file, "open")
  accept_at_once(file)
  if again(file) then
    return
  end
  if plain() then
    file.view = require("zeke.review.text").open(file, own(file))
  else
    file.view = require("zeke.review.view").open(file, file.target or own(file))
  end
  file.keys = require("zeke.review.keys").take(file.view.buffer)
  file.watch = require("zeke.review.watch").start(file)
  announce(file)
end

---@param file zeke.ChangeFile
---@return boolean another change is looked at in its buffer
local function taken(file)
  return file.target ~= nil
    and Change.find(function(other)
        return other ~= file and other.target == file.target and other.view ~= nil
      end)
      ~= nil
end

---Unless something is in the way.
---@param file zeke.ChangeFile
local function begin(file)
  if file.target and not api.nvim_buf_is_loaded(file.target) then
    return decide.drop(file, ("%s was closed: its change was rejected."):format(file.name))
  elseif taken(file) then
    if file.state ~= "waiting" then
      require("zeke.notice").info(decide.WAITS)
    end
    return decide.become(file, "waiting")
  elseif decide.changed(file) then
    file.stale = file.stale + 1
    if file.stale > MOST_STALE then
      return decide.give_up(file, ("The buffer of %s keeps changing."):format(file.name))
    end
    return decide.rebase(file, "The buffer changed meanwhile: asking for a new diff.")
  end
  file.stale = 0
  open(file)
end

---@param buffer integer
---@param base string[]
---@return boolean
local function holds(buffer, base)
  if api.nvim_buf_line_count(buffer) ~= math.max(#base, 1) then
    return false
  end
  return vim.deep_equal(api.nvim_buf_get_lines(buffer, 0, -1, false), base)
end

---@param buffer integer
---@param file zeke.ChangeFile
---@return boolean there is something of the person's own that is not on disk
local function unsaved(buffer, file)
  return vim.bo[buffer].modified
    and not (file.kind == "create" and require("zeke.context").empty(buffer))
end

---What shows it in a buffer of the person's is put away first: that buffer is not ours.
---@param file zeke.ChangeFile
---@param buffer integer? for which the hunks are, or will be
function M.aim(file, buffer)
  if file.view and file.view.buffer == file.target and buffer ~= file.target then
    M.close(file)
    require("zeke.notice").info(BEHIND:format(file.name))
  end
  local name = file.change:named(buffer)
  if not name and buffer and api.nvim_buf_is_valid(buffer) then
    name = api.nvim_buf_get_name(buffer)
  end
  file.target, file.target_name = buffer, name
end

---Show a diff that has come, or ask for another one that fits.
---@param file zeke.ChangeFile with hunks
---@param tick integer? of the buffer that the hunks are for; nil: they are for what is on disk
function M.place(file, tick)
  if decide.renamed(file) then
    return decide.rebase(file)
  end
  local mine, path = file.change.buffer, file.path
  local there = mine and api.nvim_buf_is_valid(mine) and mine
  local same = there and (path == "" or require("zeke.context").path_of(there) == path)
  local loaded = file.target or same and there or M.buffer_of(path)
  local base = file.base or {}
  if tick then
    M.aim(file, loaded or mine)
    file.tick, file.text = tick, file.change:heard(file.target, tick)
  elseif not loaded or not api.nvim_buf_is_loaded(loaded) then
    M.aim(file, nil)
  elseif unsaved(loaded, file) then
    M.aim(file, loaded)
    return decide.rebase(file)
  elseif file.kind == "change" and holds(loaded, base) then
    M.aim(file, loaded)
    file.tick, file.text = api.nvim_buf_get_changedtick(loaded), table.concat(base, "\n")
  else
    M.aim(file, nil)
  end
  begin(file)
end

---Another change of this buffer is no longer looked at: who waits is next.
---@param buffer integer?
function M.free(buffer)
  local file = buffer
    and Change.find(function(other)
      return other.target == buffer and other.state == "waiting"
    end)
  if file then
    begin(file)
  end
end

---@param file zeke.ChangeFile
function M.close(file)
  if file.keys then
    file.keys:release()
  end
  if file.watch then
    file.watch:stop()
  end
  if file.announced then
    require("zeke.notice").over(file.announced)
  end
  local view = file.view
  file.keys, file.watch, file.view, file.announced = nil, nil, nil, nil
  if view then
    view:close()
    require("zeke.review.visit").refold(view.buffer)
    require("zeke.steady").free(view.buffer)
    if view.buffer ~= file.target then
      require("zeke.review.tab").leave(file, view.buffer)
    end
  end
end

return M
