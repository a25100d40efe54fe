---`@diff`: what changed since the last commit. The broker asks git, and shows what may be read.
local M = {}

M.about = "what changed in the project since its last commit"

---@param mention zeke.Mention
---@param origin zeke.Origin?
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  if mention.argument then
    return nil, "Nothing can stand after @diff."
  end
  local path = origin and require("zeke.context").path_of(origin.buffer) or ""
  return { { path = path } }
end

return M
