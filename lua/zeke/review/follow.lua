---A task that proposes a change, from its first word to what became of each file.
---
---    submitted ──▸ open ──▸ asking ──▸ written, applied, denied, failed
---                 ▴   └──▸ rejected        │
---                 └──────── a reason was given: the next round
local M = {}

local api = vim.api
local Change = require("zeke.review.change")
local decide = require("zeke.review.decide")
local land = require("zeke.review.land")
local show = require("zeke.review.show")

---@class zeke.Following
---@field saying string what is said while nothing is there
---@field range zeke.Range? where it is said; else it is a notice
---@field buffer integer? of the person, that the change is for
---@field title string? the instruction, unless given
---@field accept boolean? take it as a whole as soon as it is there
---@field why zeke.WhyNot?
---@field done? fun(payload: table)
---@field failed? fun(failure: zeke.Failure)

local AGAIN = "Your reason goes to the model: another proposal follows …"
local NEW_DIFF = " Here comes a new diff."

local function notice()
  return require("zeke.notice")
end

---@param change zeke.Change
local function heard(change)
  if change.waits then
    change.waits:over(true)
    change.waits = nil
  end
  notice().over(AGAIN)
  if change.buffer then
    require("zeke.review.mark").clear(change.buffer)
  end
end

---@param change zeke.Change
local function put_away(change)
  for _, file in ipairs(change:known()) do
    show.close(file)
  end
end

---@param change zeke.Change
---@param payload table
---@return zeke.ChangeFile? of this round
local function file_of(change, payload)
  local same = (payload.round or change.round) == change.round
  return same and change:file(payload.file or 1) or nil
end

---@param payload table
---@return string[]? lines
local function base_of(payload)
  if not payload.base then
    return nil
  end
  return vim.split(payload.base, "\n", { plain = true })
end

---@param change zeke.Change
---@param payload table
local function begin_round(change, payload)
  local round = payload.round or 1
  if round > change.round then
    put_away(change)
    change.round, change.files, change.reasons = round, {}, 0
  end
  change.count = payload.files or 1
  heard(change)
end

---@param file zeke.ChangeFile
---@param payload table
local function take(file, payload)
  local name = payload.name or vim.fn.fnamemodify(payload.path or "", ":t")
  if name == "" and file.change.buffer then
    name = vim.fn.fnamemodify(api.nvim_buf_get_name(file.change.buffer), ":t")
  end
  file.name = name ~= "" and name or "[No Name]"
  file.path, file.kind = payload.path or "", payload.kind or "change"
  file.version, file.base = payload.version, base_of(payload)
  file.problem = payload.problem or ""
  file.caution, file.warning = payload.caution or "", payload.warning or ""
end

---@param change zeke.Change
---@param payload table
local function on_patch(change, payload)
  begin_round(change, payload)
  local file = file_of(change, payload)
  if not file or file:ended() then
    return -- rejected here, before that was heard
  end
  local first = file.version == nil and #file.hunks == 0
  take(file, payload)
  local taken, note = file:take(payload.hunks, payload.conflicts), payload.note or ""
  local same = taken and file.view ~= nil
  if file.problem ~= "" then
    decide.become(file, "open")
  elseif #file.hunks + #file.conflicts == 0 then
    notice().info(note ~= "" and note or "The model proposes no change.")
    decide.drop(file)
  else
    show.place(file, payload.changedtick)
    if note ~= "" and not (same and file.state == "open") then
      notice().info(note)
    end
  end
  if first and #change:known() == change.count then
    if change.agent then
      require("zeke.review.offer").arrived(change)
    else
      require("zeke.review.tab").arrived(change)
    end
    require("zeke.events").announce("review.opened", {
      id = change.id,
      round = change.round,
      files = change.count,
    })
  end
end

---@param change zeke.Change
---@param payload table
local function on_apply(change, payload)
  local file = file_of(change, payload)
  if not file or file:ended() then
    return
  end
  local target = file.target or show.buffer_of(file.path)
  local loaded = target ~= nil and api.nvim_buf_is_loaded(target)
  local modified = loaded and vim.bo[target].modified
  if modified and target and not file.target and file.kind == "create" then
    modified = not require("zeke.context").empty(target)
  end
  local fits = not modified and file.path ~= ""
  if loaded and file.target then
    fits = not decide.changed(file) and land.fits(file.target, file.hunks)
  end
  require("zeke.connection").notify("edit.ready", {
    id = change.id,
    file = file.number,
    round = change.round,
    fits = fits,
    modified = modified,
  })
  if not fits and loaded then
    show.aim(file, target)
    local text = "The buffer changed since the yes: nothing was applied, here comes a new diff."
    decide.rebase(file, text)
  elseif not fits then
    decide.drop(file, ("%s was closed: its change was rejected."):format(file.name))
  end
end

---The file is not what the yes was for. What it is now is read again and has to be looked at.
---@param change zeke.Change
---@param payload {message: string}
local function on_changed(change, payload)
  local file = file_of(change, payload)
  if not file or file:ended() then
    return
  elseif not file.target then
    decide.become(file, "rebasing") -- the broker reads it again
    return notice().info(payload.message .. NEW_DIFF)
  end
  local found = vim.uv.fs_stat(api.nvim_buf_get_name(file.target))
  if not found or found.type ~= "file" then
    -- Reading a FIFO would hold Neovim up.
    return decide.give_up(file, payload.message)
  elseif api.nvim_buf_is_loaded(file.target) and not vim.bo[file.target].modified then
    land.reload(file.target, {})
  end
  decide.rebase(file, payload.message .. NEW_DIFF)
end

---@param change zeke.Change
---@param payload table
local function on_text(change, payload)
  local file = file_of(change, payload)
  local target = file and file.target
  local snippet
  if file and target and api.nvim_buf_is_loaded(target) and not decide.renamed(file) then
    local range = { buffer = target, first = 1, last = api.nvim_buf_line_count(target) }
    snippet = require("zeke.context").whole(range, true)
  end
  if target and snippet then
    change:send(target, snippet)
  end
  require("zeke.tasks").answer("edit.text", {
    id = change.id,
    file = payload.file,
    round = change.round,
    buffer = snippet,
  })
end

---@param buffer integer loaded
---@param file zeke.ChangeFile
---@param hunks zeke.Hunk[]
---@param state "written"|"applied"
local function put_in(buffer, file, hunks, state)
  local fits = not decide.changed(file) and land.fits(buffer, hunks)
  local created = file.kind == "create"
  if state == "applied" and fits then
    land.apply(buffer, hunks)
  elseif state == "applied" then
    notice().warn("The buffer changed since the yes: nothing was applied. Run the edit again.")
  elseif vim.bo[buffer].modified and not (created and require("zeke.context").empty(buffer)) then
    local advice = "The file was written, and this buffer has changed since: it was not reloaded. "
      .. "`:write!` keeps the buffer's text, `:edit!` takes the file's."
    notice().warn(advice)
  elseif created then
    land.read(buffer)
  else
    -- Without changes of its own there is nothing to lose, even if Neovim has read it already.
    land.reload(buffer, fits and hunks or {})
  end
end

---@param change zeke.Change
---@param payload table
local function on_settled(change, payload)
  local file = file_of(change, payload)
  if not file then
    return
  end
  local target, state = file.target, payload.state
  file.message = payload.message or ""
  change:settled(file, payload)
  decide.become(file, state)
  show.close(file)
  local buffer = target
  if not target or (state == "written" and decide.renamed(file)) then
    buffer = show.buffer_of(file.path)
  end
  if (state == "written" or state == "applied") and buffer and api.nvim_buf_is_loaded(buffer) then
    put_in(buffer, file, payload.hunks or {}, state)
  end
  show.free(target)
  local open = #change:those(function(other)
    return not other:ended()
  end)
  if open == 0 and change.reasons > 0 and change.agent then
    notice().info(("Your reason goes to %s."):format(change.agent))
  elseif open == 0 and change.reasons > 0 and change.kind ~= "propose" then
    notice().info(AGAIN)
  end
end

---@param change zeke.Change
local function finish(change)
  heard(change)
  put_away(change)
  require("zeke.review.tab").close(change)
  Change.remove(change)
  for _, file in ipairs(change:known()) do
    show.free(file.target)
  end
  require("zeke.review.list").refresh()
  require("zeke.events").announce("review.closed", { id = change.id })
  if change.agent then
    require("zeke.review.offer").closed(change)
  end
end

---@param change zeke.Change
---@param failure zeke.Failure
local function on_failed(change, failure)
  local silent = failure.code == "broker_lost" or failure.code == "broker_silent"
  local asked, open = change:asked(), change:undecided()
  if not failure.settled and #change.ended > 0 then
    failure.settled = change.ended -- the task was ended here
  end
  finish(change)
  require("zeke.review.report").say(change, failure.settled or {}, true)
  vim.tbl_map(require("zeke.review.doubt").look, silent and asked or {})
  if failure.code ~= "cancelled" then
    notice()[failure.code == "denied" and "warn" or "error"](failure.message)
  elseif #asked > 0 then
    notice().info("Cancelled: what was accepted last was not written.")
  elseif change.agent and #open > 0 then
    local text = "%s does not wait for the change of %s any more: nothing was written."
    notice().info(text:format(change.agent, open[1].name))
  end
end

---@param change zeke.Change
---@param range zeke.Range?
local function say(change, range)
  if not range then
    change.waits = require("zeke.progress").start("Zeke", function()
      require("zeke.tasks").cancel(change.id)
    end)
    return change.waits:report(change.saying)
  end
  require("zeke.review.mark").set(range, change.saying)
  api.nvim_create_autocmd("BufUnload", {
    buffer = range.buffer,
    once = true,
    callback = function()
      if Change.there(change.id) and change.count == 0 then
        require("zeke.tasks").cancel(change.id)
      end
    end,
  })
end

---@param change zeke.Change
---@param options {done: fun(payload: table)?, failed: fun(failure: zeke.Failure)?}
---@return table<string, fun(payload: table)> by event of its task
local function handlers(change, options)
  local function on(handler)
    return function(payload)
      handler(change, payload)
    end
  end
  return {
    patch = on(on_patch),
    apply = on(on_apply),
    changed = on(on_changed),
    text = on(on_text),
    settled = on(on_settled),
    done = function(payload)
      finish(change)
      require("zeke.review.report").say(change, payload.files or {})
      if options.done then
        options.done(payload)
      end
    end,
    late = function(payload)
      local file = file_of(change, payload)
      if file then
        require("zeke.review.doubt").late(file, payload.state)
      end
    end,
    failed = function(failure)
      on_failed(change, failure)
      if options.failed then
        options.failed(failure)
      end
    end,
  }
end

---Submit a task that proposes a change, and see it through.
---@param kind string
---@param params table the fields of `task.submit`
---@param options zeke.Following
---@return string id
function M.follow(kind, params, options)
  local buffer = options.range and options.range.buffer or options.buffer
  local title = options.title or params.instruction or ""
  local saying = options.saying
  local accept = options.accept or false
  local fields = { title = title, saying = saying, buffer = buffer, accept = accept }
  fields.why = options.why
  local change = Change.new(kind, fields)
  if buffer and params.buffer then
    change:send(buffer, params.buffer)
  end
  change.title = title ~= "" and ("%s: %s"):format(kind, title) or kind
  change.id = require("zeke.tasks").submit(kind, params, handlers(change, options))
  Change.add(change)
  say(change, options.range)
  return change.id
end

---@class zeke.Begun what `task.started` brings of a task of the broker's own
---@field id string
---@field kind string
---@field agent string
---@field session string
---@field task string
---@field title string

---An agent wants to change something: the broker has begun a task for it.
---@param payload zeke.Begun
function M.begun(payload)
  local fields = { title = payload.title or "", saying = "", accept = false }
  local change = Change.new(payload.kind, fields)
  local links = package.loaded["zeke.agents.link"]
  local link = links and links.of(payload.session)
  change.id, change.session, change.task = payload.id, payload.session, payload.task
  change.agent = link and link:label() or vim.fn.strtrans(payload.agent)
  require("zeke.tasks").adopt(change.id, change.kind, handlers(change, {}))
  Change.add(change)
end

return M
