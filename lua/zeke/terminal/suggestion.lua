---A suggested command: looked at, yanked, or put where a shell waits. Never run.
local M = {}

local api = vim.api
local scratch = require("zeke.scratch")

---@class zeke.ShellSuggestion
---@field command string
---@field shown string the command with everything invisible spelled out
---@field explanation string
---@field dangerous boolean
---@field plain boolean what is shown is all of it

---@param suggestion zeke.ShellSuggestion
---@param sent string[]
---@return string[] the command at the top, where the smallest window shows it
local function lines_of(suggestion, sent)
  local risk = suggestion.dangerous
      and "**Risk:** High. It may destroy something, or nobody can tell; look twice."
    or "**Risk:** Low, as far as can be read from it."
  local put = suggestion.plain and " · `t` types it into the last terminal" or ""
  local lines = { "```sh", suggestion.shown, "```", risk }
  if suggestion.explanation ~= "" then
    lines[#lines + 1] = suggestion.explanation
  end
  vim.list_extend(lines, { "", "`y` yanks it" .. put .. " · nothing is run", "" })
  return vim.list_extend(lines, sent)
end

---@param terminal integer buffer
---@return boolean its shell waits for a command; a running program would take it for keys
local function idle(terminal)
  local pid = vim.b[terminal].terminal_job_pid
  local channel = vim.bo[terminal].channel
  if not pid or channel <= 0 or vim.fn.jobwait({ channel }, 0)[1] ~= -1 then
    return false
  end
  local file = io.open(("/proc/%d/stat"):format(pid))
  if not file then
    return #api.nvim_get_proc_children(pid) == 0
  end
  -- proc(5): after the name come state, parent, process group, session, terminal, foreground group.
  local group, front = file:read("*a"):match("^.*%) %S %-?%d+ (%-?%d+) %-?%d+ %-?%d+ (%-?%d+)")
  file:close()
  return group ~= nil and group == front
end

---@param suggestion zeke.ShellSuggestion
local function yank(suggestion)
  vim.fn.setreg('"', suggestion.command)
  vim.fn.setreg("0", suggestion.command)
  if vim.o.clipboard:find("unnamed", 1, true) then
    pcall(vim.fn.setreg, vim.o.clipboard:find("plus", 1, true) and "+" or "*", suggestion.command)
  end
  require("zeke.notice").info("Yanked: `p` puts it.")
end

---@param suggestion zeke.ShellSuggestion
local function type_it(suggestion)
  local notice = require("zeke.notice")
  local terminal = require("zeke.terminal").last()
  if not suggestion.plain or suggestion.command:find("[%c\127]") then
    return notice.warn("This command holds characters that a shell would act on: `y` yanks it.")
  elseif not terminal then
    return notice.info("No terminal is open: `:terminal` opens one, `y` yanks the command.")
  elseif
    not idle(terminal --[[@as integer]])
  then
    return notice.warn("Something runs in the terminal and would take it as keys: `y` yanks it.")
  end
  api.nvim_chan_send(vim.bo[terminal].channel, suggestion.command)
  notice.info("The command stands in the terminal. Nothing was run.")
end

---@param buffer integer
---@param sent string[] what the model was shown
---@param suggestion zeke.ShellSuggestion
---@return boolean shown
function M.show(buffer, sent, suggestion)
  if not api.nvim_buf_is_loaded(buffer) then
    return true
  end
  scratch.set(buffer, lines_of(suggestion, sent))
  scratch.map(buffer, "y", function()
    yank(suggestion)
  end, "yank the command")
  scratch.map(buffer, "t", function()
    type_it(suggestion)
  end, "type the command into the last terminal, without running it")
  local window = vim.fn.bufwinid(buffer)
  if window > 0 and require("zeke.act").fresh() then
    api.nvim_set_current_win(window)
  end
  return true
end

return M
