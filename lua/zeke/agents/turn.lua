---What an agent does in one turn, shown in the chat while its answer grows: its plan, thoughts and
---files under the heading, its tool calls where they came in the text. Where a screen reader reads,
---all of it is told in the text, as it happens.
local M = {}

local api = vim.api
local words = require("zeke.agents.words")

local namespace = api.nvim_create_namespace("zeke-agent-turn")

---A program may print a lot; nobody reads that, and each would be drawn.
local DRAW_MS = 60
---An agent says which call a program belongs to once it has started it.
local LOOSE_MS = 400
local MOST_THOUGHTS = 30
local THOUGHT = 70

---@class zeke.AgentTurn
---@field buffer integer
---@field calls zeke.Calls
---@field plan table[]
---@field files zeke.TouchedFile[]
---@field open boolean the person has unfolded what stands under the heading
---@field thoughts string[] pieces
---@field private heading fun(): integer?
---@field private say fun(line: string) adds a line to the text of the answer
---@field private mark integer?
---@field private waiting boolean
---@field private running boolean
---@field private asked integer questions of its agent that the person has not answered
---@field spoken string? the plan as it was told last
local Turn = {}
Turn.__index = Turn

---@param buffer integer
---@param heading fun(): integer? row from 0, of the answer's heading
---@param say fun(line: string)
---@return zeke.AgentTurn
function M.new(buffer, heading, say)
  return setmetatable({
    buffer = buffer,
    calls = require("zeke.agents.calls").new(buffer),
    plan = {},
    files = {},
    open = false,
    thoughts = {},
    heading = heading,
    say = say,
    waiting = false,
    running = true,
    asked = 0,
  }, Turn)
end

---@param line string?
function Turn:tell(line)
  if not line or not require("zeke.frame").plain() then
    return
  elseif self.running then
    self.say(line)
  else -- Nothing is added to an answer that has ended.
    require("zeke.notice").info((line:gsub("^> ", "")))
  end
end

---@param call zeke.ToolCall
function Turn:called(call)
  call.line = words.line(call)
  self.say(call.line)
end

---@param file zeke.TouchedFile
function Turn:touched(file)
  self:tell("> File: " .. words.file(file)[1])
  for index, known in ipairs(self.files) do
    if known.path == file.path then
      file.added = (file.added or 0) + (known.added or 0)
      file.removed = (file.removed or 0) + (known.removed or 0)
      self.files[index] = file
      return
    end
  end
  self.files[#self.files + 1] = file
end

function Turn:adopt()
  for _, call in ipairs(self.calls:adopt()) do
    self:called(call)
    self:soon()
  end
end

---@type table<string, fun(turn: zeke.AgentTurn, update: table)>
local takes = {
  tool_call = function(turn, update)
    local id = tostring(update.toolCallId)
    local known = turn.calls:get(id)
    local before = known and known.status
    local call, new = turn.calls:update(update)
    if new then
      turn:called(call)
    end
    if call.status ~= before then
      turn:tell(words.spoken(call))
    end
  end,
  plan = function(turn, update)
    turn.plan = update.entries or {}
    local line = words.plan_line(turn.plan)
    if line ~= turn.spoken then
      turn.spoken = line
      turn:tell("> " .. line)
    end
  end,
  agent_thought_chunk = function(turn, update)
    table.insert(turn.thoughts, (update.content or {}).text or "")
  end,
  ["_zeke/terminal"] = function(turn, update)
    local call = turn.calls:terminal(update)
    if call and update.exit and call.status ~= "in_progress" then
      turn:tell(words.spoken(call))
    elseif not call then
      vim.defer_fn(function()
        turn:adopt()
      end, LOOSE_MS)
    end
  end,
  ["_zeke/file"] = function(turn, update)
    turn:touched(vim.deepcopy(update) --[[@as zeke.TouchedFile]])
  end,
}
takes.tool_call_update = takes.tool_call

---@param update table a session update of ACP
---@return boolean taken
function Turn:update(update)
  local take = takes[update.sessionUpdate]
  if take then
    take(self, update)
    self:soon()
  end
  return take ~= nil
end

---The person has stopped it: what became of what was under way.
---@param update table
function Turn:late(update)
  local call = self.calls:get(tostring(update.toolCallId))
  if call and (update.status == "completed" or update.status == "failed") then
    call.status = "in_progress" -- That it failed was only what the stop looked like.
    self:update(update)
  elseif update.sessionUpdate == "_zeke/file" then
    self:update(update)
  end
end

---The person is asked something, or has answered.
---@param count integer of questions of its agent that are open
function Turn:await(count)
  if count ~= self.asked then
    self.asked = count
    self:soon()
  end
end

---The answer has ended.
function Turn:finish()
  self.running = false
  self:adopt()
  self.calls:finish()
  self:soon()
end

---@return string
function Turn:thought()
  if #self.thoughts > 1 then
    self.thoughts = { table.concat(self.thoughts) }
  end
  return self.thoughts[1] or ""
end

---@return zeke.Words[] everything that stands under the heading
function Turn:details()
  local lines = {} ---@type zeke.Words[]
  for _, line in ipairs(words.plan(self.plan)) do
    lines[#lines + 1] = { line, "ZekeText" }
  end
  for _, file in ipairs(self.files) do
    lines[#lines + 1] = words.file(file)
  end
  local thought = vim.trim(self:thought())
  for _, line in ipairs(thought ~= "" and vim.split(thought, "\n", { plain = true }) or {}) do
    lines[#lines + 1] = { require("zeke.columns").visible(line), "ZekeHint" }
  end
  return lines
end

---@return zeke.Words[]
function Turn:unfolded()
  local lines = self:details()
  local left = #lines - MOST_THOUGHTS
  if left > 0 then
    lines = vim.list_slice(lines, 1, MOST_THOUGHTS)
    lines[#lines + 1] = { ("… %d more lines: K shows them"):format(left), "ZekeHint" }
  end
  return lines
end

---@return zeke.Words[]
function Turn:folded()
  local lines = {} ---@type zeke.Words[]
  if #self.plan > 0 then
    lines[#lines + 1] = { words.plan_line(self.plan), "ZekeHint" }
  end
  if #self.files > 0 then
    lines[#lines + 1] = { words.files_line(self.files), "ZekeHint" }
  end
  if #self.thoughts > 0 then
    local text = "Its thoughts"
    if self.running then
      text = "Thinking: " .. vim.trim(self:thought():sub(-1024)):match("[^\n]*$")
    end
    local columns = require("zeke.columns")
    lines[#lines + 1] = { columns.cut(columns.visible(text), THOUGHT), "ZekeHint" }
  end
  if #lines > 0 then
    lines[#lines][1] = lines[#lines][1] .. " · za"
  end
  return lines
end

function Turn:draw()
  local row = api.nvim_buf_is_loaded(self.buffer) and self.heading()
  if not row then
    return
  end
  require("zeke.highlight")
  if not require("zeke.frame").plain() then
    local lines = self.open and self:unfolded() or self:folded()
    self.mark = api.nvim_buf_set_extmark(self.buffer, namespace, row, 0, {
      id = self.mark,
      end_col = #api.nvim_buf_get_lines(self.buffer, row, row + 1, false)[1],
      invalidate = true, -- It goes with its heading.
      virt_lines = vim.tbl_map(function(line)
        return { { "  ", "ZekeHint" }, line }
      end, lines),
    })
  end
  self.calls:await(self.running and self.asked or 0)
  if not self.calls:draw(row) then
    self:soon() -- its line is not written yet
  end
end

---Draw once for all that comes within a moment.
function Turn:soon()
  if self.waiting then
    return
  end
  self.waiting = true
  vim.defer_fn(function()
    self.waiting = false
    self:draw()
  end, DRAW_MS)
end

---The person may have undone something, or redone.
function Turn:again()
  self.calls:again()
  self:soon()
end

---@param row integer from 0
---@return zeke.ToolCall? call whose line that is
---@return boolean heading it is the heading of this turn
function Turn:at(row)
  local heading = self.heading()
  if heading then
    self.calls:locate(heading)
  end
  return self.calls:at(row), row == heading
end

---Fold or unfold what stands at a row.
---@param row integer from 0
---@return boolean there was something
function Turn:toggle(row)
  local call, heading = self:at(row)
  if call then
    call.open, call.fresh = not call.open, true
  elseif heading and #self:folded() > 0 then
    self.open = not self.open
  else
    return false
  end
  self:draw()
  return true
end

return M
