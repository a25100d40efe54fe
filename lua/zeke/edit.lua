---`:ZekeEdit` and `:ZekeRefactor`: a change is proposed, looked at, and made only after a yes.
---
---    working ──▸ shown ──▸ accepted ──▸ (consent) ──▸ applied
---       ▴          │           │
---       └─ rebase ─┴───────────┘   when the buffer changed meanwhile
local M = {}

local api = vim.api
local apply = require("zeke.apply")
local diff = require("zeke.diff")

local MOST_REBASES = 3
local USAGE = {
  edit = "Say what to do, as in `:Zeke edit add a docstring`.",
  refactor = "Say what to refactor, as in `:ZekeRefactor extract a function`.",
}

---@class zeke.Edit
---@field id string
---@field buffer integer
---@field phase "working"|"shown"|"accepted"|"rejected"
---@field patch {changedtick: integer, hunks: zeke.Hunk[], note: string?}?
---@field rebases integer
---@field keys zeke.EditKeys?
---@field autocmd integer

local edits = {} ---@type table<integer, zeke.Edit> by buffer

local function notice()
  return require("zeke.notice")
end

---@param edit zeke.Edit
local function close(edit)
  if edits[edit.buffer] ~= edit then
    return
  end
  edits[edit.buffer] = nil
  pcall(api.nvim_del_autocmd, edit.autocmd)
  if edit.keys then
    edit.keys:release()
    edit.keys = nil
  end
  diff.clear(edit.buffer)
  require("zeke.mark").clear(edit.buffer)
end

---@param edit zeke.Edit
---@param committed boolean
local function commit(edit, committed)
  local task = require("zeke.tasks").get(edit.id)
  if task then
    task.committed = committed
  end
end

---@param edit zeke.Edit
---@param why string
local function rebase(edit, why)
  edit.rebases = edit.rebases + 1
  local last = api.nvim_buf_line_count(edit.buffer)
  local range = { buffer = edit.buffer, first = 1, last = last }
  local snippet, problem = require("zeke.context").whole(range)
  if not snippet or edit.rebases > MOST_REBASES then
    notice().warn(
      problem or "The buffer keeps changing: the edit was dropped, nothing was changed."
    )
    return require("zeke.tasks").cancel(edit.id)
  end
  notice().info(why)
  edit.phase, edit.patch = "working", nil
  diff.clear(edit.buffer)
  if edit.keys then
    edit.keys:release()
    edit.keys = nil
  end
  require("zeke.tasks").answer("edit.rebase", { id = edit.id, buffer = snippet })
end

---@param edit zeke.Edit
---@return boolean
local function changed(edit)
  return api.nvim_buf_get_changedtick(edit.buffer) ~= edit.patch.changedtick
end

---@param edit zeke.Edit
---@return table[] chunks
local function hint(edit)
  local added, removed = diff.count(edit.patch.hunks)
  local head = (" Zeke +%d −%d "):format(added, removed)
  if edit.phase == "accepted" then
    return { { head, "ZekeTitle" }, { " accepted, GhostWarden decides", "ZekeHint" } }
  end
  local keys = require("zeke.config").get().keymaps
  return {
    { head, "ZekeTitle" },
    { " " .. keys.accept, "ZekeKey" },
    { " accept  ", "ZekeHint" },
    { keys.reject, "ZekeKey" },
    { " reject", "ZekeHint" },
  }
end

---@param edit zeke.Edit
local function announce(edit)
  local hunks = edit.patch.hunks
  local first, window = hunks[1].start_line, vim.fn.bufwinid(edit.buffer)
  if edit.patch.note and edit.patch.note ~= "" then
    notice().info(edit.patch.note)
  end
  local top = window > 0 and vim.fn.line("w0", window)
  local seen = top and (top == 1 or first > top) and first <= vim.fn.line("w$", window)
  if not seen then
    local name = vim.fn.fnamemodify(api.nvim_buf_get_name(edit.buffer), ":t")
    notice().info(("A change of %s is proposed at line %d."):format(name, first))
  end
end

---@param edit zeke.Edit
---@param payload table
local function on_patch(edit, payload)
  if not api.nvim_buf_is_loaded(edit.buffer) then
    return require("zeke.tasks").cancel(edit.id)
  end
  require("zeke.mark").clear(edit.buffer)
  edit.patch = payload
  if #payload.hunks == 0 then
    notice().info(payload.note or "The model proposes no change.")
    return M.reject(edit.buffer)
  end
  if changed(edit) then
    return rebase(edit, "The buffer changed meanwhile: asking for a new diff.")
  end
  edit.phase = "shown"
  edit.keys = edit.keys or require("zeke.edit_keys").take(edit.buffer)
  diff.show(edit.buffer, payload.hunks, hint(edit))
  announce(edit)
end

---@param edit zeke.Edit
local function on_apply(edit)
  local loaded = api.nvim_buf_is_loaded(edit.buffer)
  local fits = edit.patch ~= nil
    and apply.fits(edit.buffer, edit.patch.changedtick, edit.patch.hunks)
  require("zeke.connection").notify("edit.ready", {
    id = edit.id,
    fits = fits,
    modified = loaded and vim.bo[edit.buffer].modified,
  })
  if not fits then
    commit(edit, false)
    rebase(edit, "The buffer changed since the yes: nothing was applied, here comes a new diff.")
  end
end

---The file is not what the yes was for. What it is now is read again and has to be looked at.
---@param edit zeke.Edit
---@param payload {message: string}
local function on_changed(edit, payload)
  if edit.phase == "rejected" then
    return
  end
  commit(edit, false)
  local found = vim.uv.fs_stat(api.nvim_buf_get_name(edit.buffer))
  if not found or found.type ~= "file" then
    -- Reading a FIFO would hold Neovim up.
    notice().warn(payload.message .. " Nothing was written.")
    return require("zeke.tasks").cancel(edit.id)
  end
  if not vim.bo[edit.buffer].modified then
    require("zeke.reload").run(edit.buffer, {})
  end
  rebase(edit, payload.message .. " Here comes a new diff.")
end

---@param edit zeke.Edit
---@param payload table
local function on_done(edit, payload)
  if edit.phase == "rejected" then
    return
  end
  close(edit)
  local buffer, patch = edit.buffer, edit.patch
  if payload.message and payload.message ~= "" then
    notice().info(payload.message)
  end
  if not patch or #patch.hunks == 0 or not api.nvim_buf_is_loaded(buffer) then
    return
  end
  local hunks = payload.hunks or patch.hunks
  local fits = apply.fits(buffer, patch.changedtick, hunks)
  if payload.written and not vim.bo[buffer].modified then
    -- Without changes of its own there is nothing to lose, even if Neovim has read it already.
    require("zeke.reload").run(buffer, fits and hunks or {})
  elseif payload.written then
    local advice = "The file was written, and this buffer has changed since: it was not reloaded. "
      .. "`:write!` keeps the buffer's text, `:edit!` takes the file's."
    notice().warn(advice)
  elseif fits then
    apply.run(buffer, hunks)
  else
    notice().warn("The buffer changed since the yes: nothing was applied. Run the edit again.")
  end
end

---@param edit zeke.Edit
---@param failure zeke.Failure
local function on_failed(edit, failure)
  close(edit)
  if failure.code == "cancelled" or edit.phase == "rejected" then
    return
  elseif failure.code == "denied" then
    notice().warn(failure.message)
  else
    notice().error(failure.message)
  end
end

---@param range zeke.Range
---@param text string
---@param kind "edit"|"refactor"
function M.run(range, text, kind)
  local instruction = require("zeke.context").instruction(text)
  if instruction == "" then
    return notice().error(USAGE[kind])
  end
  if edits[range.buffer] then
    local advice = "An edit of this buffer is open: `:Zeke accept`, `:Zeke reject` or "
      .. "`:ZekeCancel` ends it."
    return notice().warn(advice)
  end
  local snippet, problem = require("zeke.context").whole(range)
  if not snippet then
    return notice().error(problem)
  end
  local edit = { buffer = range.buffer, phase = "working", rebases = 0 }
  edits[range.buffer] = edit
  require("zeke.mark").set(range, "Zeke is writing a change …")
  edit.autocmd = api.nvim_create_autocmd("BufUnload", {
    buffer = range.buffer,
    callback = function()
      if edits[edit.buffer] == edit then
        require("zeke.tasks").cancel(edit.id)
      end
    end,
  })
  local function on(handler)
    return function(payload)
      handler(edit, payload)
    end
  end
  edit.id = require("zeke.tasks").submit(kind, { buffer = snippet, instruction = instruction }, {
    patch = on(on_patch),
    apply = on(on_apply),
    changed = on(on_changed),
    done = on(on_done),
    failed = on(on_failed),
  })
end

---@param buffer integer
---@return zeke.Edit? edit whose diff is shown; else the person hears that there is none
local function shown(buffer)
  local edit = edits[buffer]
  if edit and edit.phase == "shown" then
    return edit
  end
  notice().info(
    edit and edit.phase == "accepted" and "Accepted already: GhostWarden decides."
      or "No proposed change is shown in this buffer."
  )
end

---@param buffer integer
function M.accept(buffer)
  local edit = shown(buffer)
  if not edit then
    return
  end
  if changed(edit) then
    return rebase(edit, "The buffer changed since: asking for a new diff.")
  end
  edit.phase = "accepted"
  commit(edit, true)
  edit.keys:release()
  edit.keys = nil
  diff.show(edit.buffer, edit.patch.hunks, hint(edit))
  require("zeke.tasks").answer("edit.accept", { id = edit.id })
end

---@param buffer integer
---@param reason string?
function M.reject(buffer, reason)
  local edit = edits[buffer]
  if not edit or (edit.phase ~= "shown" and not edit.patch) then
    shown(buffer)
    return
  end
  local text = require("zeke.context").instruction(reason)
  edit.phase = "rejected"
  close(edit)
  require("zeke.tasks").answer("edit.reject", { id = edit.id, reason = text ~= "" and text or nil })
end

---@param buffer integer
---@return boolean
function M.open(buffer)
  return edits[buffer] ~= nil
end

return M
