---What an agent tells of itself, as lines for a person: pure, knows no buffer.
---The values are ACP's: tool calls and their content, plans. All strings in them are escaped by the
---broker, but for the text of files and of programs.
local M = {}

local columns = require("zeke.columns")

local MOST_LINES = 2000
local MOST_UNFOLDED = 30
local MOST_DIFF = 256 * 1024
local TAIL = 6
local TITLE = 56

local STATUS = {
  pending = "waits",
  in_progress = "running …",
  completed = "done",
  failed = "failed",
}
local SPOKEN = { completed = "> Done: %s", failed = "> Failed: %s" }
---What somebody did not want has not failed.
---@type table<string, string>
local REFUSED = {
  rejected = "rejected",
  denied = "not allowed",
  partly = "partly taken",
  undecided = "not written",
}
---@type table<string, string>
local REFUSED_SPOKEN = {
  rejected = "> Rejected: %s",
  denied = "> Not allowed: %s",
  partly = "> Partly taken: %s",
  undecided = "> Not written: %s",
}
local GROUPS = { failed = "ZekeError", completed = "ZekeHint" }
local BOXES = { pending = "[ ]", in_progress = "[-]", completed = "[x]" }

---@alias zeke.Words {[1]: string, [2]: string} text and highlight group

---@param text string
---@return string on one line
local function flat(text)
  return vim.trim((columns.visible((text:gsub("%s+", " ")))))
end

---@param text string
---@return string[] without what would draw over other lines
local function split(text)
  local whole = text:gsub("\r\n?", "\n"):gsub("\n+$", ""):gsub("\t", "    ")
  return vim.tbl_map(columns.visible, vim.split(whole, "\n", { plain = true }))
end

---@param call zeke.ToolCall
---@return string
function M.title(call)
  local title = flat(call.title or "")
  return title ~= "" and title or call.kind or "a tool"
end

---@param call zeke.ToolCall
---@return string line of it in the text of an answer
function M.line(call)
  local conversation = require("zeke.chat.conversation")
  local mark = require("zeke.frame").plain() and conversation.PLAIN_CALL or conversation.CALL
  return mark .. columns.cut(M.title(call), TITLE)
end

---@param call zeke.ToolCall
---@return string? state in which it ended because somebody did not want all of it
local function refused(call)
  local over = call.status == "failed" or call.status == "completed"
  local state = over and call.refusal and call.refusal.state
  return state and REFUSED[state] and state or nil
end

---@param reason string?
---@return string with what is before it, or nothing
local function because(reason)
  local text = reason and flat(reason) or ""
  return text ~= "" and ": " .. text or ""
end

---@param call zeke.ToolCall
---@return string text
---@return string group
function M.status(call)
  local ended, state = call.ended, refused(call)
  if state then
    return REFUSED[state] or state, "ZekeWarn"
  end
  if ended and call.status == "in_progress" then
    return ended, "ZekeHint"
  elseif call.asks then
    return call.asks, "ZekeWarn"
  end
  local text, group = STATUS[call.status] or "waits", GROUPS[call.status] or "ZekeWarn"
  group = call.failed and call.status == "completed" and "ZekeWarn" or group
  return ended and text .. " · " .. ended or text, group
end

---@param call zeke.ToolCall
---@return string? sentence that tells a change of its status
function M.spoken(call)
  local state = refused(call)
  if state then
    local line = REFUSED_SPOKEN[state]:format(columns.cut(M.title(call), TITLE))
    return line .. because(call.refusal.reason)
  end
  local spoken = SPOKEN[call.status]
  local ended = call.ended and (" (%s)"):format(call.ended) or ""
  return spoken and spoken:format(columns.cut(M.title(call), TITLE)) .. ended
end

---@param call zeke.ToolCall
---@return boolean
function M.has_details(call)
  return call.command ~= nil
    or vim.iter(call.content or {}):any(function(one)
      return one.type ~= "terminal"
    end)
end

---@param lines zeke.Words[]
---@param text string
---@param group string
local function add(lines, text, group)
  for _, line in ipairs(split(text)) do
    lines[#lines + 1] = { line, group }
  end
end

---@param lines zeke.Words[]
---@param diff {path: string, oldText: string?, newText: string}
local function add_diff(lines, diff)
  lines[#lines + 1] = { columns.visible(diff.path), "ZekeTitle" }
  local old, new = diff.oldText or "", diff.newText or ""
  if #old + #new > MOST_DIFF then
    lines[#lines + 1] = { "a change that is too large to be shown here", "ZekeHint" }
    return
  end
  local compare = vim.text and vim.text.diff or vim.diff
  local text = compare(old, new, { ctxlen = 2 }) --[[@as string]]
  for _, line in ipairs(text ~= "" and split(text) or {}) do
    local sign = line:sub(1, 1)
    local group = sign == "+" and "ZekeAdded" or sign == "-" and "ZekeRemoved" or "ZekeHint"
    if not vim.startswith(line, "\\ No newline") then
      lines[#lines + 1] = { line, group }
    end
  end
end

---@param call zeke.ToolCall
---@return zeke.Words[] all that is known of it
function M.details(call)
  local lines = {} ---@type zeke.Words[]
  local why = refused(call) and flat(call.refusal.reason or "") or ""
  if why ~= "" then
    lines[1] = { "The reason: " .. why, "ZekeWarn" }
  end
  for _, one in ipairs(call.content or {}) do
    local content = one.content or {}
    if one.type == "diff" then
      add_diff(lines, one)
    elseif one.type == "content" and content.type == "text" then
      add(lines, content.text or "", "ZekeText")
    elseif one.type == "content" then
      local text = require("zeke.agents.blocks").text(content)
      add(lines, text or ("(%s)"):format(content.type or "?"), "ZekeHint")
    end
  end
  if call.command then
    lines[#lines + 1] = { "$ " .. flat(call.command), "ZekeTitle" }
  end
  local output = call.output or ""
  if output ~= "" then
    add(lines, output, "ZekeText")
  end
  if #lines > MOST_LINES then
    local left = #lines - MOST_LINES
    lines = vim.list_slice(lines, left + 1)
    table.insert(lines, 1, { ("… %d lines before these"):format(left), "ZekeHint" })
  end
  return lines
end

---@param call zeke.ToolCall
---@return zeke.Words[] as many as a window has room for
function M.unfolded(call)
  local lines = M.details(call)
  local left = #lines - MOST_UNFOLDED
  if left > 0 then
    lines = vim.list_slice(lines, 1, MOST_UNFOLDED)
    lines[#lines + 1] = { ("… %d more lines: K shows them"):format(left), "ZekeHint" }
  end
  return lines
end

---@param call zeke.ToolCall
---@return zeke.Words[] what is shown of it while it is folded
function M.folded(call)
  local output = call.output or ""
  if call.status == "in_progress" and output ~= "" and not call.ended then
    local lines = split(output:sub(-4096))
    lines = vim.list_slice(lines, math.max(1, #lines - TAIL + 1))
    return vim.tbl_map(function(line)
      return { line, "ZekeText" }
    end, lines)
  elseif refused(call) then
    return because(call.refusal.reason) ~= "" and { M.details(call)[1] } or {}
  elseif call.status == "failed" and not call.command then
    return vim.list_slice(M.details(call), 1, 1)
  end
  return {}
end

---@param entries {content: string, status: string}[]
---@return string? current
---@return integer done
local function progress(entries)
  local current, done = nil, 0
  for _, entry in ipairs(entries) do
    done = done + (entry.status == "completed" and 1 or 0)
    current = current or (entry.status == "in_progress" and flat(entry.content or "") or nil)
  end
  return current, done
end

---@param entries {content: string, status: string}[]
---@return string
function M.plan_line(entries)
  local current, done = progress(entries)
  local text = ("Plan: %d of %d done"):format(done, #entries)
  return current and ("%s, now: %s"):format(text, columns.cut(current, TITLE - 8)) or text
end

---@param entries {content: string, status: string}[]
---@return string[]
function M.plan(entries)
  return vim.tbl_map(function(entry)
    local box = BOXES[entry.status] or BOXES.pending
    return ("%s %s"):format(box, flat(entry.content or ""))
  end, entries)
end

local STATES = {
  written = "written",
  partly = "partly taken",
  rejected = "rejected",
  denied = "not allowed",
  undecided = "not written",
  failed = "failed",
  unmediated = "changed without asking",
}
local ORDER = { "written", "partly", "rejected", "denied", "undecided", "failed", "unmediated" }

---@class zeke.TouchedFile
---@field path string as it is shown
---@field state string
---@field added integer?
---@field removed integer?
---@field reason string?

---@param file zeke.TouchedFile
---@return zeke.Words
function M.file(file)
  local state = STATES[file.state] or file.state
  local path = columns.visible(file.path)
  local text = ("%s  +%d −%d  %s"):format(path, file.added or 0, file.removed or 0, state)
  text = text .. because(file.reason)
  return { text, file.state == "unmediated" and "ZekeWarn" or "ZekeText" }
end

---@param files zeke.TouchedFile[]
---@return string
function M.files_line(files)
  local counts, parts = {}, {} ---@type table<string, integer>, string[]
  for _, file in ipairs(files) do
    counts[file.state] = (counts[file.state] or 0) + 1
  end
  for _, state in ipairs(ORDER) do
    if counts[state] then
      parts[#parts + 1] = ("%d %s"):format(counts[state], STATES[state])
    end
  end
  return "Files: " .. table.concat(parts, ", ")
end

return M
