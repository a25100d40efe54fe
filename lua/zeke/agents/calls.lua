---The tool calls of one answer. Each has a line in its text; what became of it stands beside that,
---and what it did below, folded. The text is never changed for it: a person may be writing there.
---Where a screen reader reads, nothing stands beside or below: there it is told in the text.
local M = {}

local api = vim.api
local words = require("zeke.agents.words")

local namespace = api.nvim_create_namespace("zeke-agent-calls")

local MOST_OUTPUT = 64 * 1024
---A line may have to wait for the person, and may be deleted by them.
local MOST_TRIES = 50
---How the id of a call begins that no agent has spoken of.
local OWN = "terminal "
local STOPPED = "stopped"

---@class zeke.ToolCall
---@field id string
---@field title string?
---@field kind string?
---@field status string
---@field content table[]?
---@field locations {path: string, line: integer?}[]?
---@field command string? a program that it runs
---@field output string? the end of what that printed
---@field ended string? how that ended
---@field failed boolean?
---@field refusal {state: string, reason: string?}? why it ended, when nothing was broken
---@field asks string? what is said of it while the person is asked about it
---@field line string? as it stands in the text
---@field open boolean unfolded
---@field fresh boolean it is not drawn as it is
---@field mark integer?

---A program of which no call has spoken yet.
---@class zeke.LooseProgram
---@field command string?
---@field output string?
---@field ended string?
---@field failed boolean?

---@class zeke.Calls
---@field private buffer integer
---@field private list zeke.ToolCall[] as they came
---@field private by_id table<string, zeke.ToolCall>
---@field private by_terminal table<string, zeke.ToolCall>
---@field private loose table<string, zeke.LooseProgram>
---@field private tries integer
local Calls = {}
Calls.__index = Calls

---@param buffer integer
---@return zeke.Calls
function M.new(buffer)
  local tables = { list = {}, by_id = {}, by_terminal = {}, loose = {} }
  return setmetatable(vim.tbl_extend("error", tables, { buffer = buffer, tries = 0 }), Calls)
end

local FIELDS = { "title", "kind", "status", "content", "locations" }

---@param id string
---@return zeke.ToolCall
function Calls:add(id)
  local call = { id = id, status = "pending", open = false, fresh = true } ---@type zeke.ToolCall
  self.by_id[id] = call
  self.list[#self.list + 1] = call
  self.tries = 0
  return call
end

---@param call zeke.ToolCall
---@param terminal string
function Calls:runs(call, terminal)
  local before = self.by_terminal[terminal]
  local known = self.loose[terminal] or before
  self.by_terminal[terminal], self.loose[terminal] = call, nil
  if known and before ~= call then
    call.command, call.output = known.command, known.output
    call.ended, call.failed = known.ended, known.failed
  end
end

---@param update table `tool_call` or `tool_call_update`
---@return zeke.ToolCall call
---@return boolean new
function Calls:update(update)
  local id = tostring(update.toolCallId)
  local call = self.by_id[id]
  local new = not call
  call = call or self:add(id)
  for _, name in ipairs(FIELDS) do
    if update[name] ~= nil then
      call[name] = update[name]
    end
  end
  if update.status ~= nil then
    call.refusal = vim.tbl_get(update, "_meta", "zeke")
    if update.status == "completed" and call.ended == STOPPED then
      call.ended = nil -- It was done before the stop came.
    end
  end
  for _, one in ipairs(call.content or {}) do
    if one.type == "terminal" and one.terminalId then
      self:runs(call, one.terminalId)
    end
  end
  call.fresh = true
  return call, new
end

---@param exit {code: integer?, signal: string?}
---@return string
local function ending(exit)
  return exit.signal and "ended by " .. exit.signal or ("exit %s"):format(exit.code or "?")
end

---@param update table `_zeke/terminal`; `output` is what was printed since the last
---@return zeke.ToolCall? call nil: none has spoken of it yet
function Calls:terminal(update)
  local id = tostring(update.terminalId)
  local call = self.by_terminal[id]
  self.loose[id] = not call and (self.loose[id] or {}) or nil
  local program = call or self.loose[id]
  program.command = update.command or program.command
  program.output = ((program.output or "") .. (update.output or "")):sub(-MOST_OUTPUT)
  if update.exit then
    program.ended = ending(update.exit)
    program.failed = update.exit.code ~= 0
  end
  if call then
    call.fresh = true
    local own = vim.startswith(call.id, OWN)
    call.status = own and update.exit and (call.failed and "failed" or "completed") or call.status
  end
  return call
end

---Programs that no call speaks of get one of their own.
---@return zeke.ToolCall[] new
function Calls:adopt()
  local new = {}
  for terminal, program in pairs(self.loose) do
    local call = self:add(OWN .. terminal)
    call.title = "Run " .. (program.command or "a program")
    call.status = "in_progress"
    self:runs(call, terminal)
    if program.ended then
      call.status = program.failed and "failed" or "completed"
    end
    new[#new + 1] = call
  end
  return new
end

---@param id string
---@return zeke.ToolCall?
function Calls:get(id)
  return self.by_id[id]
end

---A question names its session and no call: it may be about each that has not begun to do anything.
---@param count integer of questions that the person has not answered
function Calls:await(count)
  ---@param call zeke.ToolCall
  local function quiet(call)
    local open = call.status == "pending" or call.status == "in_progress"
    return open and not call.command and not call.ended
  end
  local all = count > 0 and count >= #vim.tbl_filter(quiet, self.list)
  local said = all and "waits for you" or "running, or waits for you"
  for _, call in ipairs(self.list) do
    local asks = count > 0 and quiet(call) and said or nil
    call.fresh = call.fresh or asks ~= call.asks
    call.asks = asks
  end
end

---Nothing goes on any more.
function Calls:finish()
  for _, call in ipairs(self.list) do
    if call.status == "pending" or call.status == "in_progress" then
      call.status, call.fresh = "failed", true
      call.ended = call.ended or STOPPED
    end
  end
end

---@param call zeke.ToolCall
---@return integer? row from 0, of its line; nil: that is not there
function Calls:row(call)
  if not call.mark then
    return nil
  end
  local at = api.nvim_buf_get_extmark_by_id(self.buffer, namespace, call.mark, { details = true })
  return at[1] and not at[3].invalid and at[1] or nil
end

---@param row integer
---@param call zeke.ToolCall
---@param options vim.api.keyset.set_extmark
function Calls:put(row, call, options)
  options.id, options.end_col, options.invalidate = call.mark, #call.line, true
  call.mark = api.nvim_buf_set_extmark(self.buffer, namespace, row, 0, options)
end

---Find the lines that are written by now; they stand in the order of the calls.
---@param heading integer row from 0
---@return boolean all are found
function Calls:locate(heading)
  local from, missing = heading + 1, {} ---@type integer, zeke.ToolCall[]
  for _, call in ipairs(self.list) do
    local row = self:row(call)
    if row then
      from, missing = row + 1, {}
    else
      missing[#missing + 1] = call
    end
  end
  if #missing == 0 or self.tries > MOST_TRIES then
    return true
  end
  self.tries = self.tries + 1
  local index = 1
  for offset, line in ipairs(api.nvim_buf_get_lines(self.buffer, from, -1, false)) do
    if missing[index] and line == missing[index].line then
      self:put(from + offset - 1, missing[index], {})
      missing[index].fresh = true
      index = index + 1
    end
  end
  return index > #missing
end

---Lines that were undone may be there again: look for them once more.
function Calls:again()
  self.tries = math.min(self.tries, MOST_TRIES)
end

---@param call zeke.ToolCall
---@return table[] virtual lines
local function below(call)
  local lines = call.open and words.unfolded(call) or words.folded(call)
  return vim.tbl_map(function(line)
    return { { "  │ ", "ZekeHint" }, line }
  end, lines)
end

---@param heading integer row from 0
---@return boolean done false: something is not written yet
function Calls:draw(heading)
  local found = self:locate(heading)
  if require("zeke.frame").plain() then
    return found
  end
  for _, call in ipairs(self.list) do
    local row = call.fresh and self:row(call)
    if row then
      local text, group = words.status(call)
      local hidden = not call.open and words.has_details(call) and " · za" or ""
      self:put(row, call, {
        virt_text = { { " " .. text .. hidden, group } },
        virt_text_pos = "eol",
        hl_mode = "combine",
        virt_lines = below(call),
      })
      call.fresh = false
    end
  end
  return found
end

---@param row integer from 0
---@return zeke.ToolCall?
function Calls:at(row)
  local options = { limit = 1 }
  local found = api.nvim_buf_get_extmarks(self.buffer, namespace, { row, 0 }, { row, 0 }, options)
  local mark = found[1] and found[1][1]
  for _, call in ipairs(mark and self.list or {}) do
    if call.mark == mark then
      return call
    end
  end
end

return M
