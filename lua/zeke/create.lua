---`:ZekeCreate`, `:ZekeTest`: files are proposed.
local M = {}

---@param text string
function M.run(text)
  local description = require("zeke.context").instruction(text)
  if description == "" then
    local advice = "Say what to create, as in `:ZekeCreate a test for src/app.py`."
    return require("zeke.notice").error(advice)
  end
  local options = { saying = "Thinking of files …" }
  require("zeke.review").follow("create", { instruction = description }, options)
end

---`:ZekeTest`: the tests of a range.
---@param range zeke.Range
---@param text string what else is wished of the tests
function M.test(range, text)
  local snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return require("zeke.notice").error(problem --[[@as string]])
  end
  local wish = require("zeke.context").instruction(text)
  local params = { buffer = snippet, instruction = wish ~= "" and wish or nil }
  require("zeke.review").follow("test", params, { saying = "Writing tests …" })
end

return M
