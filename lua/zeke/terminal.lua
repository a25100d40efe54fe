---`:ZekeTerminal`: a command for a wish, what a command does, why one failed. Runs nothing.
local M = {}

local api = vim.api

local JOBS = { "suggest", "explain", "debug" }
local USAGE = {
  suggest = "Say what the command should do, as in `:ZekeTerminal suggest find large files`.",
  explain = "Give a command, as in `:ZekeTerminal explain tar -xzf a.tgz`.",
  debug = "Give the command that failed, select what it printed, or take the last terminal's "
    .. "output: `:ZekeTerminal! debug`.",
}
local TITLES = {
  suggest = "Zeke suggests a command",
  explain = "Zeke explains a command",
  debug = "Zeke finds out what failed",
}
local TAIL_LINES = 100
local TAIL_BYTES = 16384

---@param lead string
---@return string[]
function M.complete(lead)
  return vim.tbl_filter(function(job)
    return vim.startswith(job, lead)
  end, JOBS)
end

---@return integer? buffer the terminal that was used last
function M.last()
  local best, latest
  for _, info in ipairs(vim.fn.getbufinfo({ bufloaded = 1 })) do
    local here = info.bufnr == api.nvim_get_current_buf() and math.huge or info.lastused
    if vim.bo[info.bufnr].buftype == "terminal" and (not latest or here > latest) then
      best, latest = info.bufnr, here
    end
  end
  return best
end

---@param lines string[]
---@return string the end of it, without blank lines after that
local function tail(lines)
  local past = #lines
  while past > 0 and not lines[past]:find("%S") do
    past = past - 1
  end
  local kept, room = {}, TAIL_BYTES
  for index = past, math.max(1, past - TAIL_LINES + 1), -1 do
    -- What a terminal shows need not be UTF-8, and the broker takes nothing else.
    local line = require("zeke.columns").visible(lines[index]:gsub("\t", "  "))
    room = room - #line - 1
    if room < 0 then
      break
    end
    table.insert(kept, 1, line)
  end
  return table.concat(kept, "\n")
end

---@class zeke.Given
---@field output string?
---@field buffer zeke.Snippet?
---@field whence string?
---@field places string[]? what keeps text of one of these on this machine keeps the output here

---@param buffer integer
---@return string[]? places where the shell in it began and where it is now; nil: it is no terminal
local function places_of(buffer)
  if vim.bo[buffer].buftype ~= "terminal" then
    return nil
  end
  local began = api.nvim_buf_get_name(buffer):match("^term://(.-)//%d+:")
  local places = {}
  if began then
    places[1] = vim.fn.fnamemodify(began, ":p")
  end
  local pid = vim.b[buffer].terminal_job_pid
  -- Not every system has this, and not of every process.
  local now = pid and vim.uv.fs_readlink(("/proc/%d/cwd"):format(pid))
  if now then
    places[#places + 1] = now
  end
  return places
end

---What the person wants looked at: a selection, or the last terminal's tail.
---@param call zeke.Call
---@return zeke.Given? given, string? problem
local function given_output(call)
  if call.bang then
    local terminal = M.last()
    if not terminal then
      return nil, "There is no terminal in this Neovim: select what was printed instead."
    end
    local name = vim.fn.fnamemodify(api.nvim_buf_get_name(terminal), ":t")
    local output = tail(api.nvim_buf_get_lines(terminal, 0, -1, false))
    local whence = "the end of the terminal " .. name
    return { output = output, whence = whence, places = places_of(terminal) }
  elseif not call.ranged then
    return {}
  end
  local range = call.range
  local typed = require("zeke.context").whose(range.buffer) == ""
  if not typed and vim.bo[range.buffer].buftype ~= "terminal" then
    -- Of a file or the like, which GhostWarden knows more about.
    local snippet, problem = require("zeke.context").excerpt(range)
    return snippet and { buffer = snippet, whence = snippet.name }, problem
  end
  local output = tail(api.nvim_buf_get_lines(range.buffer, range.first - 1, range.last, false))
  return { output = output, whence = "the selected lines", places = places_of(range.buffer) }
end

---@param text string
---@param whence string?
---@return fun(payload: table): string[]
local function head(text, whence)
  return function(payload)
    local visible = require("zeke.columns").visible
    local lines = { "> **Shown to the model:**" }
    if text ~= "" then
      lines[#lines + 1] = "> - `" .. visible(text) .. "`"
    end
    if (payload.output or 0) > 0 then
      local lines_of = payload.output == 1 and "1 line of " or payload.output .. " lines of "
      lines[#lines + 1] = "> - " .. lines_of .. visible(whence or "output")
    end
    local names = {}
    for _, name in ipairs({ payload.shell, payload.system, payload.cwd }) do
      names[#names + 1] = name ~= "" and visible(name) or nil
    end
    if payload.branch and payload.branch ~= "" then
      names[#names + 1] = "branch " .. visible(payload.branch)
    end
    lines[#lines + 1] = "> - " .. table.concat(names, " · ")
    return lines
  end
end

---@param call zeke.Call
function M.run(call)
  local notice = require("zeke.notice")
  local job, text = call.text:match("^(%S+)%s*(.*)$")
  if not vim.tbl_contains(JOBS, job) then
    local near = require("zeke.config").nearest(job or "", JOBS) or "suggest"
    local wrong = job and ("There is no `:ZekeTerminal %s`. "):format(job) or ""
    return notice.error(wrong .. USAGE[near])
  end
  text = require("zeke.context").instruction(text or "")
  local given, problem = {}, nil ---@type zeke.Given?, string?
  if job == "debug" then
    given, problem = given_output(call)
  end
  if not given then
    return notice.error(problem or "")
  elseif text == "" and not given.buffer and (given.output or "") == "" then
    return notice.error(USAGE[job])
  end
  require("zeke.answer").ask({
    kind = "terminal",
    params = {
      instruction = text,
      buffer = given.buffer,
      places = given.places,
      shell = {
        job = job,
        output = given.output,
        name = vim.fn.fnamemodify(vim.o.shell, ":t"),
        system = vim.uv.os_uname().sysname,
      },
    },
    title = TITLES[job],
    sent = head(text, given.whence),
    done = function(buffer, above, payload)
      return payload.suggestion
        and require("zeke.terminal.suggestion").show(buffer, above, payload.suggestion)
    end,
  })
end

return M
