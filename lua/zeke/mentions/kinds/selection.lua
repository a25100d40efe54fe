---`@selection`: the lines that were selected last in the buffer the person came from.
local M = {}

M.about = "the lines you selected last"

---@param mention zeke.Mention
---@param origin zeke.Standpoint
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  if mention.argument then
    return nil, "Nothing can stand after @selection."
  elseif not origin.range then
    return nil, "Nothing was selected there: select lines first."
  end
  local snippet, problem = require("zeke.context").excerpt(vim.deepcopy(origin.range))
  if not snippet then
    return nil, problem
  end
  return {
    {
      path = snippet.path,
      is_file = snippet.is_file,
      first = snippet.start_line,
      last = snippet.end_line,
      language = snippet.language,
      text = snippet.text,
    },
  }
end

return M
