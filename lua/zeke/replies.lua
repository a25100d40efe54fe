---Questions to the broker that have one answer: `ask` now, a callback later, always exactly once.
local M = {}

local LIMIT_MS = 10000
local SILENT = "The broker does not answer: run `zeke broker stop`, then try again."

---@alias zeke.Answered fun(data: table?, problem: string?)

local number = 0
local pending = {} ---@type table<integer, zeke.Answered>

---@param reply integer
---@param data table?
---@param problem string?
local function settle(reply, data, problem)
  local answered = pending[reply]
  pending[reply] = nil
  if answered then
    answered(data, problem)
  end
end

---@param method string
---@param params table
---@param answered zeke.Answered
function M.ask(method, params, answered)
  number = number + 1
  local reply = number
  pending[reply] = answered
  vim.defer_fn(function()
    settle(reply, nil, SILENT)
  end, LIMIT_MS)
  require("zeke.connection").notify(method, vim.tbl_extend("force", params, { reply = reply }))
end

---@param what "status"|"consents"|"models"|"health"
---@param answered zeke.Answered
function M.state(what, answered)
  M.ask("state.get", { what = what, cwd = vim.fn.getcwd() }, answered)
end

---@param payload {reply: integer, data: table?, error: {message: string}?}
function M.on_state(payload)
  settle(payload.reply, payload.data, payload.error and payload.error.message)
end

---@return boolean
function M.waiting()
  return next(pending) ~= nil
end

---@param problem string
---@return integer count of those who heard
function M.fail_all(problem)
  local ended = vim.tbl_keys(pending)
  for _, reply in ipairs(ended) do
    settle(reply, nil, problem)
  end
  return #ended
end

return M
