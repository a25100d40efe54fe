---Questions to the broker that have one answer: `ask` now, a callback later, always exactly once.
local M = {}

local LIMIT_MS = 10000
local SILENT = "The broker does not answer: run `zeke broker stop`, then try again."

---@alias zeke.Answered fun(data: table?, problem: string?, code: string?)

local number = 0
local pending = {} ---@type table<integer, zeke.Answered>
local overdue = {} ---@type table<integer, fun(data: table)> by those that were given up

---@param reply integer
---@param data table?
---@param problem string?
---@param code string? of the problem
local function settle(reply, data, problem, code)
  local answered = pending[reply]
  pending[reply] = nil
  if answered then
    answered(data, problem, code)
  end
end

---@param method string
---@param params table
---@param answered zeke.Answered
---@param late fun(data: table)? what was asked was done, after `answered` had heard that it was not
---@param limit_ms integer? where a person or a program may have to do something first
function M.ask(method, params, answered, late, limit_ms)
  number = number + 1
  local reply = number
  pending[reply] = answered
  vim.defer_fn(function()
    if pending[reply] then
      overdue[reply] = late
      settle(reply, nil, SILENT)
    end
  end, limit_ms or LIMIT_MS)
  require("zeke.connection").notify(method, vim.tbl_extend("force", params, { reply = reply }))
end

---@alias zeke.StateName "status"|"stats"|"consents"|"models"|"providers"|"files"|"changed"|"health"

---@param what zeke.StateName
---@param answered zeke.Answered
function M.state(what, answered)
  M.ask("state.get", { what = what, cwd = vim.fn.getcwd() }, answered)
end

---@param payload {reply: integer, data: table?, error: {code: string, message: string}?}
function M.on_state(payload)
  local late = overdue[payload.reply]
  overdue[payload.reply] = nil
  if late and payload.data then
    return late(payload.data)
  end
  local problem = payload.error or {}
  settle(payload.reply, payload.data, problem.message, problem.code)
end

---@return boolean
function M.waiting()
  return next(pending) ~= nil
end

---@param problem string
---@return integer count of those who heard
function M.fail_all(problem)
  overdue = {}
  local ended = vim.tbl_keys(pending)
  for _, reply in ipairs(ended) do
    settle(reply, nil, problem)
  end
  return #ended
end

return M
