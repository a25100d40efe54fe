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

---@param list zeke.ReviewList
---@return string[] lines, table<integer, string> groups
local function render(list)
  local found, groups = {}, {}
  list.items = {}
  for _, change in ipairs(list.change and { list.change } or Change.all()) do
    found[#found + 1] = vim.fn.strtrans(change.title)
    groups[#found] = "ZekeTitle"
    if change.round > 1 then
      found[#found + 1] = ("round %d"):format(change.round)
      groups[#found] = "ZekeHint"
    end
    for _, file in ipairs(change:known()) do
      local added, removed = file.count(file.hunks)
      local counts = #file.hunks > 0 and (" +%d −%d"):format(added, removed) or ""
      found[#found + 1] = ("  %s%s"):format(file.name, file.kind == "create" and " (new)" or "")
      list.items[#found] = file
      found[#found + 1] = ("    %s%s"):format(state(file), counts)
      list.items[#found], groups[#found] = file, GROUPS[file.state] or "ZekeHint"
      if #file.conflicts > 0 then
        local left = "    %d of it does not fit the text as it is now"
        found[#found + 1] = left:format(#file.conflicts)
        list.items[#found], groups[#found] = file, "ZekeHint"
      end
      local said = file.message ~= "" and file.message or file.problem
      if said ~= "" then
        found[#found + 1] = "    " .. said
        list.items[#found], groups[#found] = file, "ZekeHint"
      end
    end
  end
  if #found == 0 then
    found = { "No proposed change is open." }
  end
  local keys = require("zeke.config").get().keymaps
  local closing = list.change and "q rejects the rest" or "q closes"
  local deciding = ("%s accepts, %s rejects"):format(keys.accept, keys.reject)
  for _, text in ipairs({ "", "<CR> goes there", deciding, closing }) do
    found[#found + 1] = text
    groups[#found] = "ZekeHint"
  end
  return found, groups
end

---@param list zeke.ReviewList
local function draw(list)
  local texts, groups = render(list)
  scratch.set(list.buffer, texts)
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
---@return zeke.ChangeFile? file under the cursor of a list, or the next one below or above
function M.at(buffer)
  local list = lists[buffer]
  if not list then
    return nil
  end
  local window = vim.fn.bufwinid(buffer)
  local row = window > 0 and api.nvim_win_get_cursor(window)[1] or 1
  for step = 0, api.nvim_buf_line_count(buffer) do
    if list.items[row + step] or list.items[row - step] then
      return list.items[row + step] or list.items[row - step]
    end
  end
end

---@param buffer integer
local function follow(buffer)
  local file = M.at(buffer)
  if file and file.view then
    if api.nvim_win_get_config(0).relative ~= "" then
      scratch.close(buffer)
    end
    require("zeke.review.visit").file(file)
  elseif file then
    local text = "%s: %s."
    require("zeke.notice").info(text:format(file.name, state(file)))
  end
end

---@param change zeke.Change? nil: all
---@return integer buffer with the list, gone when no window shows it
function M.buffer(change)
  local buffer = scratch.buffer(("review/%s/files"):format(change and change.id or "all"), "")
  vim.bo[buffer].modifiable = false
  lists[buffer] = { buffer = buffer, change = change, items = {} }
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

---`:ZekeReview`: every file of every change that is open.
function M.open()
  for buffer, list in pairs(lists) do
    local window = not list.change and vim.fn.bufwinid(buffer) or -1
    if window > 0 then
      return api.nvim_set_current_win(window)
    end
  end
  scratch.open(M.buffer(nil), "Zeke: proposed changes", { enter = true, float = true })
end

return M
