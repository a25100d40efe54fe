---What the keys of `:ZekeConsents` do: each acts on what is marked, else on what the cursor is on,
---and on nothing that has just appeared or moved.
local M = {}

local api = vim.api

local ANSWERS = { ["1"] = "once", ["2"] = "session", ["3"] = "project", d = "deny" }
local WORDS = {
  once = "allowed once",
  session = "allowed for the session",
  project = "allowed for the project",
  deny = "denied",
}
local MARKABLE = { waiting = true, grant = true, refused = true }
local REVOCABLE = { grant = true, refused = true }

---@param text string
local function say(text)
  require("zeke.notice").info(text)
end

---@param inbox zeke.Inbox
---@param method string
---@param fields table
local function tell(inbox, method, fields)
  fields.cwd = inbox.cwd
  require("zeke.connection").notify(method, fields)
  inbox.marks = {}
  inbox:draw()
  inbox:soon() -- the broker reads in order, so this answer is newer
end

---@param entry table
---@return string
local function short(entry)
  return "`" .. require("zeke.columns").middle(entry.target or "?", 48) .. "`"
end

---@param entry table
---@param choice string
---@return string? problem why it cannot be answered so
local function unfit(entry, choice)
  if not vim.tbl_contains(entry.choices or {}, choice) then
    local offered = vim.tbl_filter(function(known)
      return known ~= "deny" and WORDS[known] ~= nil
    end, entry.choices or {})
    local words = vim.tbl_map(function(known)
      return WORDS[known]
    end, offered)
    local only = #words > 0 and table.concat(words, " or ") or "denied"
    return ("%s can only be %s."):format(short(entry), only)
  elseif choice ~= "deny" and not entry.here then
    local text = "%s waits in another Neovim: it can be allowed there, and only denied here."
    return text:format(short(entry))
  end
end

---@param inbox zeke.Inbox
---@param kinds table<string, boolean>
---@param nothing string what to say when nothing of that kind is chosen
---@param anew boolean also from a list that has just come
---@return zeke.ConsentItem[]? items nil: there is nothing to do, and why was said
local function chosen(inbox, kinds, nothing, anew)
  local items = inbox:chosen(kinds)
  if inbox.lost_marks then
    inbox.lost_marks = false
    say("What was marked is gone: answered, or nobody waits for it any more.")
  elseif #items == 0 then
    say(nothing)
  elseif inbox:unsteady(items, anew) then
    say("The list has just changed: look, and press the key again.")
  else
    return items
  end
end

---@param inbox zeke.Inbox
---@param key "1"|"2"|"3"|"d"
local function answer(inbox, key)
  if not require("zeke.typed").is(key) then
    return
  end
  local nothing = "1 2 3 d answer a waiting question: mark some, or put the cursor on one."
  local items = chosen(inbox, { waiting = true }, nothing, false)
  local prompts = {}
  for _, item in ipairs(items or {}) do
    local problem = unfit(item.entry, ANSWERS[key])
    if problem then
      return say(problem .. (#items > 1 and " Nothing was sent." or ""))
    end
    prompts[#prompts + 1] = item.entry.prompt
  end
  if #prompts > 0 then
    tell(inbox, "consent.answer", { prompts = prompts, choice = ANSWERS[key] })
  end
end

---@param inbox zeke.Inbox
local function revoke(inbox)
  local nothing = "r revokes a grant or a refusal: mark some, or go to one."
  local items = chosen(inbox, REVOCABLE, nothing, true)
  if items then
    local ids = vim.tbl_map(function(item)
      return item.entry.id
    end, items)
    tell(inbox, "consent.revoke", { ids = ids })
  end
end

---@param inbox zeke.Inbox
---@param hash string that was shown
---@param method string
local function judge_fresh(inbox, hash, method)
  local wanted = { what = "consents", cwd = inbox.cwd }
  require("zeke.replies").ask("state.get", wanted, function(data, problem)
    inbox:take(data, problem)
    if not data then
      return
    elseif data.hash ~= hash then
      return say("The file has just changed: look at its grants, then press the key again.")
    end
    tell(inbox, method, { hash = hash })
  end)
end

---Only what was seen is trusted: these grants, all of them, from a file that is still the same.
---@param inbox zeke.Inbox
---@param key string
---@param method "consent.trust"|"consent.reject"
local function judge(inbox, key, method)
  local data = inbox.data
  if not data or not require("zeke.typed").is(key) then
    return
  elseif (data.hash or "") == "" then
    return say("There is no .zeke-consents.json here to judge.")
  elseif inbox:unsteady({ { kind = "file", key = "file", entry = data } }, true) then
    return say("The list has just changed: look, and press the key again.")
  end
  local row, count = inbox:unread()
  if method == "consent.trust" and row then
    api.nvim_win_set_cursor(0, { row, 0 })
    vim.cmd("normal! zt")
    inbox:hold({ "file", inbox.panel:item(row).key }, "moved")
    local text = "Grants of the file that were not in sight yet: %d. Read on, then press t."
    return say(text:format(count))
  end
  judge_fresh(inbox, data.hash, method)
end

---@param inbox zeke.Inbox
local function exclude(inbox)
  local git = inbox.data and inbox.data.git
  if git == "untracked" then
    return tell(inbox, "consent.exclude", {})
  end
  local why = {
    tracked = "Git tracks .zeke-consents.json: take it out by `git rm --cached` first.",
    ignored = "Git ignores .zeke-consents.json already.",
  }
  say(why[git] or "There is no .zeke-consents.json that git could take.")
end

---@param inbox zeke.Inbox
---@param items zeke.ConsentItem[]
local function mark(inbox, items)
  local all = true
  for _, item in ipairs(items) do
    all = all and inbox.marks[item.key] or false
  end
  for _, item in ipairs(items) do
    inbox.marks[item.key] = not all or nil
  end
  inbox.lost_marks = false
  inbox:draw()
end

---@param inbox zeke.Inbox
local function mark_range(inbox)
  local first, last = vim.fn.line("v"), vim.fn.line(".")
  local items, seen = {}, {}
  for row = math.min(first, last), math.max(first, last) do
    local item = inbox.panel:item(row)
    if item and MARKABLE[item.kind] and not seen[item.key] then
      seen[item.key] = true
      items[#items + 1] = item
    end
  end
  vim.cmd.normal({ "\27", bang = true })
  mark(inbox, items)
end

---@param inbox zeke.Inbox
---@param only_open boolean
local function details(inbox, only_open)
  local item = inbox.panel:item()
  if item and item.kind ~= "file" then
    inbox.opened[item.key] = (only_open or not inbox.opened[item.key]) or nil
    inbox:draw()
  end
end

---@param inbox zeke.Inbox
function M.bind(inbox)
  local buffer = inbox.panel.buffer
  require("zeke.typed").watch()
  local function map(key, action, description)
    require("zeke.scratch").map(buffer, key, action, description)
  end
  for key, choice in pairs(ANSWERS) do
    map(key, function()
      answer(inbox, key)
    end, choice)
  end
  map("<Space>", function()
    local item = inbox.panel:item()
    if item and MARKABLE[item.kind] then
      mark(inbox, { item })
    end
  end, "mark")
  vim.keymap.set("x", "<Space>", function()
    mark_range(inbox)
  end, { buffer = buffer, nowait = true, silent = true, desc = "Zeke: mark" })
  map("<CR>", function()
    details(inbox, false)
  end, "details")
  map("w", function()
    details(inbox, true)
  end, "why")
  map("r", function()
    revoke(inbox)
  end, "revoke")
  map("t", function()
    judge(inbox, "t", "consent.trust")
  end, "trust the project's file")
  map("x", function()
    judge(inbox, "x", "consent.reject")
  end, "reject the project's file")
  map("e", function()
    exclude(inbox)
  end, "keep the project's file out of git")
end

return M
