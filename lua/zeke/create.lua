---`:ZekeCreate`, `:ZekeTest`: files are proposed, looked at, marked, and made only after a yes.
local M = {}

local api = vim.api
local scratch = require("zeke.scratch")

---@class zeke.Proposal
---@field id string
---@field buffer integer
---@field files {path: string, exists: boolean, content: string}[]
---@field problems string[]
---@field marked boolean[]
---@field answered boolean

local proposals = {} ---@type table<integer, zeke.Proposal> by buffer

---@param text string
---@return string fence longer than any in the text
local function fence(text)
  local mark = "```"
  while text:find(mark, 1, true) do
    mark = mark .. "`"
  end
  return mark
end

---@param proposal zeke.Proposal
---@return string[]
local function render(proposal)
  local lines = {}
  for index, file in ipairs(proposal.files) do
    local state = file.exists and "is there already and stays" or "new"
    local box = proposal.marked[index] and "[x]" or "[ ]"
    lines[#lines + 1] = ("%s %d  %s  (%s)"):format(box, index, vim.fn.strtrans(file.path), state)
  end
  for _, problem in ipairs(proposal.problems) do
    lines[#lines + 1] = "> " .. problem
  end
  vim.list_extend(lines, { "", "a accepts what is marked · x marks · r rejects all", "" })
  for _, file in ipairs(proposal.files) do
    local mark = fence(file.content)
    local kind = vim.filetype.match({ filename = file.path }) or ""
    vim.list_extend(lines, { "## " .. vim.fn.strtrans(file.path), mark .. kind })
    vim.list_extend(lines, vim.split((file.content:gsub("\n$", "")), "\n", { plain = true }))
    vim.list_extend(lines, { mark, "" })
  end
  return lines
end

---@param proposal zeke.Proposal
---@param accept integer[]
local function answer(proposal, accept)
  if proposal.answered then
    return
  end
  proposal.answered = true
  proposals[proposal.buffer] = nil
  local task = require("zeke.tasks").get(proposal.id)
  if task then
    task.committed = #accept > 0
    require("zeke.tasks").answer("create.answer", {
      id = proposal.id,
      accept = #accept > 0 and accept or {},
    })
  end
  vim.schedule(function()
    scratch.close(proposal.buffer)
  end)
end

---@param proposal zeke.Proposal
local function accept_marked(proposal)
  local accept = {}
  for index, marked in ipairs(proposal.marked) do
    if marked then
      accept[#accept + 1] = index
    end
  end
  if #accept == 0 then
    return require("zeke.notice").info("No file is marked: x marks one, r rejects all.")
  end
  answer(proposal, accept)
end

---@param proposal zeke.Proposal
local function toggle(proposal)
  local index = api.nvim_win_get_cursor(0)[1]
  if proposal.marked[index] ~= nil then
    proposal.marked[index] = not proposal.marked[index]
    scratch.set(proposal.buffer, render(proposal))
  end
end

---@param id string
---@param payload table
local function show(id, payload)
  local buffer = scratch.buffer("create/" .. id, "markdown")
  local proposal = {
    id = id,
    buffer = buffer,
    files = payload.files or {},
    problems = payload.problems or {},
    marked = {},
    answered = false,
  }
  for index, file in ipairs(proposal.files) do
    proposal.marked[index] = not file.exists
  end
  proposals[buffer] = proposal
  scratch.set(buffer, render(proposal))
  vim.bo[buffer].modifiable = false
  local count = #proposal.files == 1 and "1 file" or #proposal.files .. " files"
  local enter = require("zeke.act").fresh()
  scratch.open(buffer, ("Zeke proposes %s"):format(count), { enter = enter, height = 12 })
  scratch.map(buffer, "a", function()
    accept_marked(proposal)
  end, "accept what is marked")
  scratch.map(buffer, "x", function()
    toggle(proposal)
  end, "mark or unmark the file")
  scratch.map(buffer, "r", function()
    answer(proposal, {})
  end, "reject all")
  scratch.quits(buffer)
  api.nvim_create_autocmd("BufWipeout", {
    buffer = buffer,
    once = true,
    callback = function()
      answer(proposal, {})
    end,
  })
  return buffer
end

---@param payload table
local function report(payload)
  local by_state, problem = {}, false
  for _, file in ipairs(payload.files or {}) do
    local why = file.message and file.message ~= "" and (" (%s)"):format(file.message)
    local text = vim.fn.strtrans(file.path) .. (why or "")
    by_state[file.state] = by_state[file.state] or {}
    table.insert(by_state[file.state], text)
    problem = problem or file.state ~= "written"
  end
  local parts = {}
  for _, state in ipairs({ "written", "denied", "failed" }) do
    if by_state[state] then
      parts[#parts + 1] = state .. ": " .. table.concat(by_state[state], ", ")
    end
  end
  local text = #parts > 0 and table.concat(parts, "; ") or "No file was made."
  require("zeke.notice")[problem and "warn" or "info"](text:sub(1, 1):upper() .. text:sub(2))
  if by_state.written then
    vim.cmd.checktime() -- buffers that had such a name before there was a file
  end
end

---Submit a task that proposes files, and see it through.
---@param kind string
---@param params table the fields of `task.submit`
---@param saying string what is said meanwhile
function M.follow(kind, params, saying)
  local id, buffer
  local function finish()
    require("zeke.notice").over(saying)
    if buffer and proposals[buffer] then
      proposals[buffer].answered = true
      proposals[buffer] = nil
      scratch.close(buffer)
    end
  end
  id = require("zeke.tasks").submit(kind, params, {
    files = function(payload)
      require("zeke.notice").over(saying)
      buffer = show(id, payload)
    end,
    done = function(payload)
      finish()
      report(payload)
    end,
    failed = function(failure)
      finish()
      if failure.code ~= "cancelled" then
        require("zeke.notice").error(failure.message)
      end
    end,
  })
  require("zeke.notice").info(saying)
end

---@param text string
function M.run(text)
  local description = require("zeke.context").instruction(text)
  if description == "" then
    local advice = "Say what to create, as in `:ZekeCreate a test for src/app.py`."
    return require("zeke.notice").error(advice)
  end
  M.follow("create", { instruction = description }, "Thinking of files …")
end

---`:ZekeTest`: the same for one file, with the tests of a range in it.
---@param range zeke.Range
---@param text string what else is wished of the tests
function M.test(range, text)
  local snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return require("zeke.notice").error(problem)
  end
  local wish = require("zeke.context").instruction(text)
  local params = { buffer = snippet, instruction = wish ~= "" and wish or nil }
  M.follow("test", params, "Writing tests …")
end

---@param buffer integer
---@param accept boolean
---@return boolean handled the buffer holds a proposal
function M.decide(buffer, accept)
  local proposal = proposals[buffer]
  if not proposal then
    return false
  end
  if accept then
    accept_marked(proposal)
  else
    answer(proposal, {})
  end
  return true
end

return M
