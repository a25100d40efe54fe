---The files of the open changes and what became of each, as a window of lines: `<CR>` goes there,
---and the keys of a diff work on the file under the cursor.
local M = {}

local api = vim.api
local Change = require("zeke.review.change")
local scratch = require("zeke.scratch")
local namespace = api.nvim_create_namespace("zeke-review-list")

local STATES = {
  rebasing = "a new diff comes",
  waiting = "after the other change of it",
  asking = "GhostWarden decides",
  written = "written",
  applied = "applied, unsaved",
  same = "is so already",
  rejected = "rejected",
  denied = "denied",
  failed = "failed",
}
local GROUPS = {
  written = "ZekeAccepted",
  applied = "ZekeAccepted",
  rejected = "ZekeRejected",
  denied = "ZekeRejected",
  failed = "ZekeError",
}
local OF_FILES = {
  accept = "take what is undecided in this file",
  reject = "leave what is undecided in this file",
  reject_why = "leave it and say why; the model tries again",
  accept_all = "take what is undecided in all files",
  reject_all = "leave what is undecided in all files",
}

---@class zeke.ReviewList
---@field buffer integer
---@field change zeke.Change? nil: all that are open
---@field items table<integer, zeke.ChangeFile> by line
---@field changes table<integer, zeke.Change> by line, each also where its title stands

local lists = {} ---@type table<integer, zeke.ReviewList> by buffer

---@param file zeke.ChangeFile
---@return string
local function state(file)
  if file.state ~= "open" then
    return STATES[file.state]
  elseif #file.hunks == 0 then
    return #file.conflicts > 0 and "undecided" or "…"
  end
  local left, all = #file:those(nil), #file.hunks
  return left == all and ("%d undecided"):format(all) or ("%d/%d undecided"):format(left, all)
end

---@param file zeke.ChangeFile
---@return {[1]: string, [2]: string?}[] lines with their groups; the first is its name
local function described(file)
  local added, removed = file.count(file.hunks)
  local counts = #file.hunks > 0 and (" +%d −%d"):format(added, removed) or ""
  local name = ("  %s%s"):format(file.name, file.kind == "create" and " (new)" or "")
  local found = { { name } } ---@type {[1]: string, [2]: string?}[]
  if file.caution ~= "" then
    found[2] = { "    " .. file.caution, "ZekeWarn" }
  end
  local group = GROUPS[file.state] or "ZekeHint"
  found[#found + 1] = { ("    %s%s"):format(state(file), counts), group }
  if #file.conflicts > 0 then
    local left = "    %d of it does not fit the text as it is now"
    found[#found + 1] = { left:format(#file.conflicts), "ZekeHint" }
  end
  local said = file.message ~= "" and file.message or file.problem
  if said ~= "" then
    found[#found + 1] = { "    " .. said, "ZekeHint" }
  end
  return found
end

---@return zeke.Change[] those of one agent after each other
local function grouped()
  local found, seen = {}, {} ---@type zeke.Change[], table<zeke.Change, true>
  for _, change in ipairs(Change.all()) do
    for _, one in ipairs(seen[change] and {} or Change.with(change)) do
      found[#found + 1], seen[one] = one, true
    end
  end
  return found
end

---@param list zeke.ReviewList
---@return string[] lines, table<integer, string> groups
local function render(list)
  local found, groups = {}, {}
  list.items, list.changes = {}, {}
  local before ---@type zeke.Change?
  for _, change in ipairs(list.change and Change.with(list.change) or grouped()) do
    local goes_on = before and change.session and change.session == before.session
    if not goes_on and (not change.agent or #change:known() > 0) then
      local wants = change.agent and change.agent .. " wants to change"
      found[#found + 1] = wants or vim.fn.strtrans(change.title)
      groups[#found], list.changes[#found] = "ZekeTitle", change
    end
    before = #change:known() > 0 and change or before
    if change.round > 1 then
      found[#found + 1] = ("round %d"):format(change.round)
      groups[#found], list.changes[#found] = "ZekeHint", change
    end
    for _, file in ipairs(change:known()) do
      for _, line in ipairs(described(file)) do
        found[#found + 1] = line[1]
        list.items[#found], list.changes[#found] = file, change
        groups[#found] = line[2]
      end
    end
  end
  if #found == 0 then
    found = { "No proposed change is open." }
  end
  local keys = require("zeke.config").get().keymaps
  local hints = { "" }
  if next(list.items) then
    local deciding = ("%s accepts, %s rejects"):format(keys.accept, keys.reject)
    vim.list_extend(hints, { "<CR> goes there", deciding })
  end
  hints[#hints + 1] = list.change and "q rejects the rest" or "q closes"
  for _, text in ipairs(hints) do
    found[#found + 1] = text
    groups[#found] = "ZekeHint"
  end
  return found, groups
end

---@param list zeke.ReviewList
---@return table<integer, {file: zeke.ChangeFile, offset: integer}> where the cursors are, by window
local function cursors(list)
  local found = {}
  for _, window in ipairs(vim.fn.win_findbuf(list.buffer)) do
    local row = api.nvim_win_get_cursor(window)[1]
    local file, offset = list.items[row], 0
    while file and list.items[row - offset - 1] == file do
      offset = offset + 1
    end
    found[window] = file and { file = file, offset = offset }
  end
  return found
end

---@param list zeke.ReviewList
---@param file zeke.ChangeFile
---@return integer? row of its name
local function row_of(list, file)
  for row = 1, api.nvim_buf_line_count(list.buffer) do
    if list.items[row] == file then
      return row
    end
  end
end

---Put the cursor on a file: an undecided one, else the first.
---@param list zeke.ReviewList
---@param window integer
local function start(list, window)
  local first ---@type integer?
  for row = 1, api.nvim_buf_line_count(list.buffer) do
    local file = list.items[row]
    first = first or file and row
    if file and file:undecided() then
      first = row
      break
    end
  end
  api.nvim_win_set_cursor(window, { first or 1, 0 })
end

---@param list zeke.ReviewList
local function draw(list)
  local before, empty = cursors(list), next(list.items) == nil
  local texts, groups = render(list)
  scratch.set(list.buffer, texts)
  for _, window in ipairs(empty and vim.fn.win_findbuf(list.buffer) or {}) do
    start(list, window)
  end
  for window, was in pairs(before) do
    -- What is decided there is decided about this file, wherever it stands now.
    local row = row_of(list, was.file)
    if row then
      local there = list.items[row + was.offset] == was.file and row + was.offset or row
      local column = api.nvim_win_get_cursor(window)[2]
      api.nvim_win_set_cursor(window, { there, column })
    end
  end
  api.nvim_buf_clear_namespace(list.buffer, namespace, 0, -1)
  for row, group in pairs(groups) do
    local options = { line_hl_group = group }
    api.nvim_buf_set_extmark(list.buffer, namespace, row - 1, 0, options)
  end
end

---What has changed is drawn, in every list that is open.
function M.refresh()
  for buffer, list in pairs(lists) do
    if api.nvim_buf_is_loaded(buffer) then
      draw(list)
    end
  end
end

---@param buffer integer
---@return zeke.ChangeFile? file, zeke.Change? change under the cursor of a list
local function at(buffer)
  local list, window = lists[buffer], vim.fn.bufwinid(buffer)
  if not list or window <= 0 then
    return nil, nil
  end
  local row = api.nvim_win_get_cursor(window)[1]
  return list.items[row], list.changes[row]
end

---@param buffer integer
---@return boolean
function M.is(buffer)
  return lists[buffer] ~= nil
end

---@param buffer integer
---@return zeke.Change? change under the cursor of a list, also where its title stands
function M.change(buffer)
  local _, change = at(buffer)
  return change
end

---@param buffer integer of a list
---@return zeke.ChangeFile? file under the cursor that is not settled
---@return string? why there is none
function M.file(buffer)
  local file, change = at(buffer)
  if file and file:ended() then
    return nil, ("%s is settled: %s."):format(file.name, state(file))
  elseif file then
    return file, nil
  elseif not change then
    return nil, "No file stands in this line: go to one, then say what becomes of it."
  end
  local keys = require("zeke.config").get().keymaps
  local take = keys.accept_all ~= "" and keys.accept_all or ":ZekeReview accept-all"
  local leave = keys.reject_all ~= "" and keys.reject_all or ":ZekeReview reject-all"
  local text = "This is the whole change: go to a file of it, or `%s` takes all, `%s` leaves all."
  return nil, text:format(take, leave)
end

---@param buffer integer
local function follow(buffer)
  local file = at(buffer)
  if not file then
    require("zeke.notice").info("No file stands in this line: go to one, then <CR>.")
  elseif file.view then
    if api.nvim_win_get_config(0).relative ~= "" then
      scratch.close(buffer)
    end
    require("zeke.review.visit").file(file)
  else
    local text = "%s: %s."
    require("zeke.notice").info(text:format(file.name, state(file)))
  end
end

---@param change zeke.Change? nil: all
---@return integer buffer with the list, gone when no window shows it
local function buffer_of(change)
  local buffer = scratch.buffer(("review/%s/files"):format(change and change.id or "all"), "")
  vim.bo[buffer].modifiable = false
  lists[buffer] = { buffer = buffer, change = change, items = {}, changes = {} }
  draw(lists[buffer])
  local keymaps = require("zeke.config").get().keymaps
  for action, what in pairs(OF_FILES) do
    if keymaps[action] ~= "" then
      scratch.map(buffer, keymaps[action], function()
        require("zeke.review")[action](buffer)
      end, what)
    end
  end
  scratch.map(buffer, "<CR>", function()
    follow(buffer)
  end, "go there")
  scratch.quits(buffer)
  api.nvim_create_autocmd("BufWipeout", {
    buffer = buffer,
    once = true,
    callback = function()
      lists[buffer] = nil
    end,
  })
  return buffer
end

---@param list zeke.ReviewList
---@return boolean wanted where `:ZekeReview` is typed: the list of all, or that of the tab page
---where there is no other change
local function wanted(list)
  local tab = list.change and list.change.tab
  local here = tab ~= nil and tab.page == api.nvim_get_current_tabpage()
  return not list.change or here and #Change.all() == 1
end

---`:ZekeReview`: every file of every change that is open; in the tab page of the only one, the list
---that stands there.
function M.open()
  for buffer, list in pairs(lists) do
    local window = wanted(list) and vim.fn.bufwinid(buffer) or -1
    if window > 0 then
      return api.nvim_set_current_win(window)
    end
  end
  local buffer = buffer_of(nil)
  local window = scratch.open(buffer, "Zeke: proposed changes", { enter = true, float = true })
  start(lists[buffer], window)
end

---The list of one change, in a window beside its files.
---@param change zeke.Change
---@param layout vim.api.keyset.win_config
---@return integer window not entered
function M.beside(change, layout)
  local buffer = buffer_of(change)
  local window = api.nvim_open_win(buffer, false, layout)
  start(lists[buffer], window)
  return window
end

return M
