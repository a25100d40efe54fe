---`:ZekeContext`: a question about the whole project. Above the answer stands what a model saw.
local M = {}

---@param count integer
---@param one string
---@param many string
---@return string
local function counted(count, one, many)
  return ("%d %s"):format(count, count == 1 and one or many)
end

---@param payload table what `task.sent` brings
---@return string[]
function M.head(payload)
  local visible = require("zeke.columns").visible
  local names = counted(payload.names or 0, "file name", "file names")
  if payload.whole == false then
    names = "the first " .. names
  end
  local commits = counted(payload.commits or 0, "commit", "commits")
  local lines = { ("> **Shown to the model:** %s, the subjects of %s"):format(names, commits) }
  for _, file in ipairs(payload.files or {}) do
    local part = file.whole and counted(file.lines, "line", "lines")
      or ("its first %s"):format(counted(file.lines, "line", "lines"))
    lines[#lines + 1] = ("> - %s (%s)"):format(visible(file.path), part)
  end
  local kept, left = payload.kept or {}, payload.left or {}
  if #kept + #left > 0 then
    lines[#lines + 1] = "> "
    lines[#lines + 1] = "> **Left out:**"
  end
  for _, sentence in ipairs(kept) do
    lines[#lines + 1] = "> - " .. visible(sentence)
  end
  for _, file in ipairs(left) do
    lines[#lines + 1] = ("> - %s: %s"):format(visible(file.path), visible(file.why))
  end
  return lines
end

---@param text string
function M.run(text)
  local question = require("zeke.context").instruction(text)
  if question == "" then
    local advice = "Ask something about the project, as in `:ZekeContext what calls main?`."
    return require("zeke.notice").error(advice)
  end
  require("zeke.answer").ask({
    kind = "context",
    params = { instruction = question, opened = require("zeke.context").opened() },
    title = "Zeke on this project",
    sent = M.head,
  })
end

return M
