---`@diff`: what changed since the last commit. The broker asks git, and shows what may be read.
local M = {}

M.about = "what changed in the project since its last commit"

---@param mention zeke.Mention
---@param origin zeke.Standpoint
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  if mention.argument then
    return nil, "Nothing can stand after @diff."
  end
  local path = origin.buffer and require("zeke.context").whose(origin.buffer) or ""
  return { { path = origin.away and origin.base or path } }
end

return M
