---`:ZekeExplain`: what lines mean, or an answer to a question on them.
local M = {}

---@param range zeke.Range
---@param question string? what to explain about it
function M.run(range, question)
  local snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return require("zeke.notice").error(problem --[[@as string]])
  end
  local place = ("%s:%d-%d"):format(snippet.name, range.first, range.last)
  require("zeke.answer").ask({
    kind = "explain",
    params = { buffer = snippet, instruction = question },
    title = "Zeke explains " .. place,
  })
end

return M
