---Looking at what is proposed, hunk by hunk, and saying yes or no to it. What others may call.
local M = {}

local api = vim.api
local Change = require("zeke.review.change")

---Submit a task that proposes a change, and see it through.
---@param kind string
---@param params table the fields of `task.submit`
---@param options zeke.Following
---@return string id
function M.follow(kind, params, options)
  return require("zeke.review.follow").follow(kind, params, options)
end

---@class zeke.Proposed
---@field title string?
---@field path string? absolute
---@field buffer integer?
---@field new_text string? of the whole buffer or file
---@field range zeke.Range? or the lines of a buffer that `lines` shall stand for
---@field lines string[]?
---@field edits {first: integer, last: integer, lines: string[]}[]? or any number of such places
---@field base string? what was seen of it, when that may be old: lines of a buffer, bytes of a file
---@field patch string? or a diff, or SEARCH/REPLACE blocks: the broker finds where they belong
---@field accept boolean? take the whole change as soon as it is there; GhostWarden asks as always
---@field why zeke.WhyNot? hears why it is not taken, or not all of it

---@param buffer integer?
---@return string? path of a buffer that has nothing to lose
local function bare(buffer)
  local context = require("zeke.context")
  local path = buffer and context.path_of(buffer) or ""
  local empty = buffer and context.empty(buffer) and not vim.bo[buffer].modified
  return path ~= "" and empty and path or nil
end

---A text from elsewhere, looked at like any other change.
---@param change zeke.Proposed
---@return string? id, string? problem
function M.propose(change)
  local buffer = change.range and change.range.buffer or change.buffer
  buffer = buffer or require("zeke.review.show").buffer_of(change.path or "")
  local params = { instruction = change.title or "", path = change.path, text = change.new_text }
  params.base, params.edits, params.patch = change.base, change.edits, change.patch
  if change.range then
    local first, last = change.range.first, change.range.last
    params.edits = { { first = first, last = last, lines = change.lines or {} } }
  end
  local path = bare(buffer)
  if path then
    buffer, params.path, params.base = nil, path, nil
  elseif buffer then
    local count = api.nvim_buf_line_count(buffer)
    local range = { buffer = buffer, first = 1, last = count }
    local snippet, problem = require("zeke.context").whole(range, true)
    if not snippet then
      require("zeke.notice").error(problem --[[@as string]])
      return nil, problem
    end
    params.buffer, params.path = snippet, nil
    if not change.buffer and change.base then
      -- It was read as a file; here are the same lines as a buffer has them.
      params.base = change.base:gsub("^\239\187\191", ""):gsub("\r\n", "\n"):gsub("\n$", "")
    end
  end
  local options = { saying = "Comparing …", buffer = buffer, accept = change.accept }
  options.why = change.why
  return M.follow("propose", params, options), nil
end

---@return zeke.Change[] oldest first
function M.list()
  return Change.all()
end

---@param buffer integer
---@return zeke.ChangeFile? file that is looked at there
function M.of(buffer)
  return Change.of(buffer)
end

---@param session string? of an agent
---@param name string of a file
---@return zeke.ChangeFile? that waits for the person
function M.at(session, name)
  return Change.find(function(file)
    local its = session ~= nil and file.change.session == session and file.name == name
    return its and file:undecided() and file.view ~= nil
  end)
end

---`:ZekeReview`.
function M.open()
  require("zeke.review.list").open()
end

---@param buffer integer?
---@return integer
local function here(buffer)
  return buffer and buffer ~= 0 and buffer or api.nvim_get_current_buf()
end

---@param buffer integer?
---@return zeke.ChangeFile? file in it, or under the cursor of a list; else the person hears of none
local function file_of(buffer)
  buffer = here(buffer)
  local list = require("zeke.review.list")
  local file, why
  if list.is(buffer) then
    file, why = list.file(buffer)
  else
    file = Change.of(buffer)
    why = "No proposed change is shown in this buffer."
      .. (#Change.all() > 0 and " `:ZekeReview` shows those that are open." or "")
  end
  if not file then
    require("zeke.notice").info(why --[[@as string]])
  end
  return file
end

---@param buffer integer?
---@return zeke.ChangeFile?, integer window that shows it
local function shown(buffer)
  local file = file_of(buffer)
  if not file or not file.view then
    return nil, 0
  elseif #file.hunks == 0 then
    require("zeke.notice").info(require("zeke.review.decide").NOTHING_FITS)
    return nil, 0
  end
  local window = api.nvim_get_current_win()
  if api.nvim_win_get_buf(window) ~= file.view.buffer then
    window = vim.fn.bufwinid(file.view.buffer)
  end
  if window > 0 then
    return file, window
  end
  require("zeke.review.visit").file(file)
  return nil, 0
end

---@param buffer integer?
---@param decision zeke.Decision?
local function decide_hunk(buffer, decision)
  local file, window = shown(buffer)
  if not file then
    return
  end
  local visit, view = require("zeke.review.visit"), file.view --[[@as zeke.View]]
  local index = view:at(api.nvim_win_get_cursor(window)[1] - 1)
  if not view:visible(index, window) then
    visit.hunk(view, index, window)
    local text = "Hunk %d of %d was out of sight, and is not decided: this is it."
    return require("zeke.notice").info(text:format(index, #file.hunks))
  end
  view:focus(index)
  local settled = require("zeke.review.decide").hunk(file, index, decision)
  local following = decision and not settled and file:following(index)
  if following then
    visit.hunk(view, following, window)
  end
end

---@param buffer integer?
function M.accept_hunk(buffer)
  decide_hunk(buffer, "accepted")
end

---@param buffer integer?
function M.reject_hunk(buffer)
  decide_hunk(buffer, "rejected")
end

---@param buffer integer?
function M.undecide_hunk(buffer)
  decide_hunk(buffer, nil)
end

---@param buffer integer?
function M.next_hunk(buffer)
  local file, window = shown(buffer)
  if file then
    require("zeke.review.visit").step(window, file.view --[[@as zeke.View]], vim.v.count1)
  end
end

---@param buffer integer?
function M.previous_hunk(buffer)
  local file, window = shown(buffer)
  if file then
    require("zeke.review.visit").step(window, file.view --[[@as zeke.View]], -vim.v.count1)
  end
end

---`:Zeke review text`: the whole diff as lines that can be searched and yanked.
---@param buffer integer?
function M.text(buffer)
  local file = file_of(buffer)
  if file then
    local scratch = require("zeke.scratch")
    local copy = scratch.buffer("review/text/" .. vim.uv.hrtime(), "")
    vim.b[copy].zeke_whose = file.path
    require("zeke.review.text").open(file, copy)
    vim.bo[copy].modifiable = false
    scratch.open(copy, "Proposed for " .. file.name, { enter = true })
    scratch.quits(copy)
  end
end

---@param buffer integer?
function M.accept(buffer)
  local file = file_of(buffer)
  if file then
    require("zeke.review.decide").accept(file)
  end
end

---@param buffer integer?
---@param reason string?
function M.reject(buffer, reason)
  local file = file_of(buffer)
  if file then
    local text = require("zeke.context").instruction(reason)
    require("zeke.review.decide").reject(file, text ~= "" and text or nil)
  end
end

---@param buffer integer?
function M.reject_why(buffer)
  local file = file_of(buffer)
  if file then
    require("zeke.review.decide").why(file)
  end
end

---@param buffer integer?
---@param act fun(file: zeke.ChangeFile)
local function all(buffer, act)
  local change = require("zeke.review.list").change(here(buffer))
  if not change then
    local file = file_of(buffer)
    change = file and file.change
  end
  local left = vim
    .iter(change and Change.with(change) or {})
    :map(function(one)
      return one:undecided()
    end)
    :flatten()
    :totable()
  if change and #left == 0 then
    return require("zeke.notice").info("Nothing of this change is left to decide.")
  end
  vim.tbl_map(act, left)
end

---@param buffer integer?
function M.accept_all(buffer)
  all(buffer, require("zeke.review.decide").accept)
end

---@param buffer integer?
function M.reject_all(buffer)
  all(buffer, require("zeke.review.decide").reject)
end

return M
