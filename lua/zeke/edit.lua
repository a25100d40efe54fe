---`:ZekeEdit` and `:ZekeRefactor`: a change of a buffer is proposed.
local M = {}

local USAGE = {
  edit = "Say what to do, as in `:Zeke edit add a docstring`.",
  refactor = "Say what to refactor, as in `:ZekeRefactor extract a function`.",
}

---@param buffer integer
---@return boolean
local function busy(buffer)
  return vim.iter(require("zeke.review").list()):any(function(change)
    return change.buffer == buffer and (change.kind == "edit" or change.kind == "refactor")
  end)
end

---@param range zeke.Range
---@param text string
---@param kind "edit"|"refactor"
function M.run(range, text, kind)
  local instruction = require("zeke.context").instruction(text)
  if instruction == "" then
    return require("zeke.notice").error(USAGE[kind])
  elseif busy(range.buffer) then
    local advice = "An edit of this buffer is open: `:Zeke accept`, `:Zeke reject` or "
      .. "`:ZekeCancel` ends it."
    return require("zeke.notice").warn(advice)
  end
  local snippet, problem = require("zeke.context").whole(range)
  if not snippet then
    return require("zeke.notice").error(problem --[[@as string]])
  end
  require("zeke.review").follow(kind, { buffer = snippet, instruction = instruction }, {
    saying = "Zeke is writing a change …",
    range = range,
  })
end

return M
