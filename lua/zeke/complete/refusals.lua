---Where completion stays silent for a while: a file that may not be read, a model that fails.
---Each is told once, and never while nothing has changed.
local M = {}

local REST_MS, MOST_REST_MS = 5000, 300000

local denied = {} ---@type table<integer, string> why, by buffer
local noticed = {} ---@type table<integer, boolean> buffers of which that was said
local told = {} ---@type table<string, boolean> other failures that were shown
local failures = 0
local rest_until = 0 ---@type number

---@param buffer integer
---@return string? why
function M.denied(buffer)
  return denied[buffer]
end

---@param buffer integer
---@return boolean
function M.silent(buffer)
  return denied[buffer] ~= nil or vim.uv.now() < rest_until
end

---@param seen table<any, boolean>
---@param mark any what it is told once for
---@param sentence string
local function tell(seen, mark, sentence)
  if not seen[mark] then
    seen[mark] = true
    require("zeke.notice").warn(sentence)
  end
end

---@param buffer integer
---@param failure zeke.Failure
---@param wished boolean the person asked for this one
function M.failed(buffer, failure, wished)
  if failure.code == "cancelled" then
    return
  end
  if wished then
    told, noticed[buffer] = {}, nil
  end
  if failure.code == "denied" then
    denied[buffer] = failure.message
    return tell(noticed, buffer, "No completion in this buffer. " .. failure.message)
  end
  failures = failures + 1
  rest_until = vim.uv.now() + math.min(REST_MS * 2 ^ (failures - 1), MOST_REST_MS)
  tell(told, failure.message, "Completion: " .. failure.message)
end

---@param buffer integer
function M.gone(buffer)
  denied[buffer], noticed[buffer] = nil, nil
end

---An answer came.
function M.answered()
  failures, rest_until, told = 0, 0, {}
end

---What was decided may have changed; that a buffer was refused is not said again for it.
function M.forget()
  denied = {}
  M.answered()
end

return M
