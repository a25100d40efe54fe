---What `:ZekeConsents` says, as lines. The broker has escaped every string of it already.
local M = {}

local columns = require("zeke.columns")
local target_of = require("zeke.consents.target").of

local INDENT = "    "
local TRUST = {
  none = "no .zeke-consents.json here",
  trusted = "the project's file is trusted",
  untrusted = "the project's file is not trusted: none of its grants counts",
  broken = "the project's file cannot be read: none of its grants counts",
}
local GIT = {
  tracked = "git tracks it: whoever gets the repository gets it, too",
  untracked = "git knows nothing of it yet: e keeps it out of git",
}
local VERDICTS =
  { allow = "allowed", deny = "denied", ask = "asked", ask_once = "asked", none = "unasked" }
M.KEYS = {
  "<Space> marks · 1 once · 2 session · 3 project · d denies · <CR> details",
  "r revokes · t trusts · x rejects · e keeps out of git · w why · q closes",
}

---@alias zeke.ConsentKind "waiting"|"grant"|"refused"|"file"|"deny"|"decision"

---@class zeke.ConsentParts
---@field head string
---@field target string
---@field meta string
---@field age string?
---@field gap string?

---@class zeke.ConsentItem
---@field kind zeke.ConsentKind
---@field key string the same after each refresh
---@field entry table

---@class zeke.ConsentLine: zeke.PanelLine
---@field item zeke.ConsentItem?
---@field still string the text without what changes by itself or by the person

---@class zeke.ConsentsShown what of it is shown how
---@field marks table<string, boolean>
---@field opened table<string, boolean>
---@field width integer
---@field now integer seconds since the epoch

---@param time number?
---@return string
local function day(time)
  return type(time) == "number" and os.date("%Y-%m-%d", math.floor(time)) --[[@as string]]
    or tostring(time or "?"):sub(1, 10)
end

---@param time any ISO, UTC
---@return string of here, without the day if that is today
function M.clock(time)
  local pattern = "^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)"
  local year, month, day_of, hour, min, sec = tostring(time or ""):match(pattern)
  if not (year and month and day_of) then
    return tostring(time or "?")
  end
  local parts = { year = year, month = month, day = day_of, hour = hour, min = min, sec = sec }
  local date = vim.tbl_extend("error", vim.tbl_map(tonumber, parts), { isdst = false })
  local utc = os.time(date --[[@as std.osdateparam]])
  local away = os.time(os.date("!*t", utc) --[[@as std.osdateparam]])
  local here = utc + (utc - away)
  local today = os.date("%Y-%m-%d", here) == os.date("%Y-%m-%d")
  return os.date(today and "%H:%M:%S" or "%Y-%m-%d %H:%M", here) --[[@as string]]
end

---@param subject string? the key of one: `agent:claude:<hash>`
---@return string
function M.who(subject)
  local kind, id = tostring(subject or ""):match("^(%a+):(.*):%x*$")
  if not kind then
    return subject ~= "assistant" and subject or "Zeke"
  end
  return id .. (kind == "agent" and " (agent)" or " (MCP server)")
end

---@param lines zeke.ConsentLine[]
---@param text string
---@param group string?
---@param item zeke.ConsentItem?
local function add(lines, text, group, item)
  lines[#lines + 1] = { text = text, still = text, group = group, item = item }
end

---One line when everything fits, else two: the first all target.
---@param lines zeke.ConsentLine[]
---@param item zeke.ConsentItem
---@param shown zeke.ConsentsShown
---@param parts zeke.ConsentParts
local function row(lines, item, shown, parts)
  local head = (shown.marks[item.key] and "* " or "  ") .. parts.head .. (parts.gap or "  ")
  local age = parts.age or ""
  local width = columns.width(head) + columns.width(parts.target) + 2
  if width + columns.width(parts.meta) + columns.width(age) <= shown.width then
    local text = head .. parts.target .. "  " .. parts.meta
    lines[#lines + 1] = { text = text .. age, still = text, item = item }
    return
  end
  local room = math.max(12, shown.width - columns.width(head))
  add(lines, head .. columns.middle(parts.target, room), nil, item)
  local meta = INDENT
    .. columns.cut(parts.meta, math.max(12, shown.width - #INDENT - columns.width(age)))
  lines[#lines + 1] = { text = meta .. age, still = meta, item = item, group = "ZekeHint" }
end

---@param lines zeke.ConsentLine[]
---@param shown zeke.ConsentsShown
---@param item zeke.ConsentItem
local function details(lines, shown, item)
  if shown.opened[item.key] then
    for _, line in ipairs(require("zeke.consents.details").of(item, shown.width - #INDENT)) do
      add(lines, INDENT .. line.text, line.group, item)
      lines[#lines].still = "" -- opening it moves only what is below
    end
  end
end

---@param entry table
---@param now integer
---@return zeke.ConsentParts
local function waiting(entry, now)
  local changed = (entry.added or 0) + (entry.removed or 0) > 0
  local counts = changed and (" · +%d −%d"):format(entry.added, entry.removed) or ""
  local where = not entry.here and "another Neovim" or entry.shown and "shown" or "queued"
  if (entry.project or "") ~= "" then
    where = ("in %s · %s"):format(entry.project, where)
  end
  return {
    head = entry.verb or "?",
    target = entry.target or "?",
    meta = ("%s risk · %s%s · %s"):format(entry.risk, entry.subject, counts, where),
    age = (" ·%4d s"):format(math.max(0, now - math.floor(entry.since or now))),
  }
end

---@param entry table
---@return zeke.ConsentParts
local function grant(entry)
  local until_when = entry.expires and ", until " .. day(entry.expires) or ""
  if entry.scope == "session" and not entry.expires then
    until_when = ", until this Neovim ends"
  end
  return {
    head = entry.op or "?",
    target = target_of(entry.target),
    meta = ("by %s since %s%s"):format(M.who(entry.subject), day(entry.created), until_when),
  }
end

---@param entry table
---@return zeke.ConsentParts
local function refused(entry)
  local count = entry.count or 1
  local meta = count == 1 and "refused once" or ("refused %d times"):format(count)
  return { head = entry.op or "?", target = target_of(entry.target), meta = meta }
end

---@param entry table
---@return zeke.ConsentParts
local function decision(entry)
  local target = target_of(entry.target)
  if entry.to and entry.to ~= "" then
    target = target .. " → " .. entry.to
  end
  local verdict = VERDICTS[entry.verdict] or entry.verdict or "?"
  return {
    head = ("%-7s %s"):format(verdict, entry.op or "?"),
    gap = " ", -- a sentence in the past, where the grants are a table
    target = target,
    meta = ("%s · %s"):format(M.clock(entry.time), entry.step or "?"),
  }
end

---@param entry table
---@return zeke.ConsentParts
local function denied(entry)
  return { head = entry.op or "?", target = entry.pattern or "?", meta = "by the project" }
end

---@param lines zeke.ConsentLine[]
---@param shown zeke.ConsentsShown
---@param entries table[]?
---@param kind zeke.ConsentKind
---@param parts_of fun(entry: table, now: integer): zeke.ConsentParts
local function rows(lines, shown, entries, kind, parts_of)
  local known = {}
  for _, entry in ipairs(entries or {}) do
    local named = ("%s\31%s\31%s\31%s"):format(
      entry.time or "",
      entry.op or "",
      entry.target or entry.pattern or "",
      entry.verdict or ""
    )
    local name = entry.prompt or entry.id or named
    known[name] = (known[name] or 0) + 1
    local key = ("%s\31%s\31%d"):format(kind, name, known[name])
    local item = { kind = kind, key = key, entry = entry }
    row(lines, item, shown, parts_of(entry, shown.now))
    details(lines, shown, item)
  end
  if #(entries or {}) == 0 then
    add(lines, "  none", "ZekeHint")
  end
end

---@param lines zeke.ConsentLine[]
---@param data table
---@param shown zeke.ConsentsShown
local function file(lines, data, shown)
  local trust = data.trust or "none"
  local item = { kind = "file", key = "file", entry = data }
  local function say(text, bad)
    for _, part in ipairs(columns.wrapped(text, shown.width - 2)) do
      add(lines, "  " .. part, bad and "ZekeWarn" or "ZekeHint", item)
    end
  end
  say(TRUST[trust] or trust, trust == "untrusted" or trust == "broken")
  if data.rejected then
    say("you rejected it", false)
  elseif trust == "untrusted" then
    say("after reading its grants: t trusts it as it is, x rejects it", true)
  end
  if data.notice and data.notice ~= "" then
    say(data.notice, true)
  end
  if trust ~= "none" and GIT[data.git] then
    say(GIT[data.git], false)
  end
end

---@param given table[]?
---@param scope "session"|"project"
---@return table[]
local function scoped(given, scope)
  return vim.tbl_map(function(entry)
    return vim.tbl_extend("force", entry, { scope = scope })
  end, given or {})
end

---@param data table what `state.get consents` brings
---@param shown zeke.ConsentsShown
---@return zeke.ConsentLine[]
function M.of(data, shown)
  local lines = {} ---@type zeke.ConsentLine[]
  local function title(text)
    add(lines, text, "ZekeTitle")
  end
  title(("Waiting (%d)"):format(#(data.waiting or {})))
  rows(lines, shown, data.waiting, "waiting", waiting)
  title("This session")
  rows(lines, shown, scoped(data.session, "session"), "grant", grant)
  title("This project")
  file(lines, data, shown)
  rows(lines, shown, scoped(data.project, "project"), "grant", grant)
  title("Refused")
  rows(lines, shown, data.refused, "refused", refused)
  title("What the project forbids")
  if data.local_only then
    add(lines, "  nothing of this project leaves this machine", nil)
  end
  if not data.local_only or #(data.denies or {}) > 0 then
    rows(lines, shown, data.denies, "deny", denied)
  end
  title("Recent decisions")
  rows(lines, shown, data.decisions, "decision", decision)
  add(lines, "")
  for _, keys in ipairs(M.KEYS) do
    add(lines, keys, "ZekeHint")
  end
  return lines
end

return M
