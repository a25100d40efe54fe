---The lines of `:[range]ZekeChat`, as they stand in a question. Those that have a name are
---mentioned: the broker asks whether they may be read before it sends them, and no text of theirs
---is kept here.
local M = {}

local grammar = require("zeke.mentions.grammar")

---@param snippet zeke.Snippet
---@return string a fenced block
local function quotation(snippet)
  local fence = "```"
  while snippet.text:find(fence, 1, true) do
    fence = fence .. "`"
  end
  local head = ("`%s`, lines %d to %d:"):format(
    require("zeke.columns").visible(snippet.name),
    snippet.start_line,
    snippet.end_line
  )
  return table.concat({ head, fence .. snippet.language, snippet.text, fence, "" }, "\n")
end

---@param snippet zeke.Snippet
---@param origin zeke.Standpoint
---@return string?, string? problem
local function mention(snippet, origin)
  local place = (":%d-%d"):format(snippet.start_line, snippet.end_line)
  local short = vim.fs.relpath(origin.base, snippet.path)
  local found = short and require("zeke.mentions.places").file(short, origin) == snippet.path
  local argument = grammar.written((found and short or snippet.path) .. place)
  if not argument then
    return nil, "A file of this name cannot be mentioned: select the lines and use @selection."
  end
  return ("@file:%s"):format(argument)
end

---@param snippet zeke.Snippet
---@param buffer integer
---@param origin zeke.Standpoint
---@return string? words, string? problem
function M.words(snippet, buffer, origin)
  if snippet.path == "" then
    return quotation(snippet) -- Typed here, and in no file.
  elseif not snippet.is_file then
    return ("@buffer:#%d:%d-%d"):format(buffer, snippet.start_line, snippet.end_line)
  end
  return mention(snippet, origin)
end

return M
