---`@diagnostics`, `@diagnostics:all`: what language servers and linters say.
local M = {}

local api = vim.api
local MOST_BUFFERS = 32

M.about = "the diagnostics of the buffer you came from; @diagnostics:all of every buffer"

---@param buffer integer
---@return zeke.Attached with an empty text when there are none
local function of(buffer)
  local found = vim.diagnostic.get(buffer)
  table.sort(found, function(one, other)
    if one.lnum == other.lnum then
      return one.col < other.col
    end
    return one.lnum < other.lnum
  end)
  local lines = vim.tbl_map(function(one)
    local severity = tostring(vim.diagnostic.severity[one.severity] or "ERROR"):lower()
    local source = one.source and (" (%s)"):format(one.source) or ""
    local message = one.message:gsub("%s*\n%s*", " ")
    return ("%d:%d %s: %s%s"):format(one.lnum + 1, one.col + 1, severity, message, source)
  end, found)
  local context = require("zeke.context")
  return {
    path = context.whose(buffer),
    is_file = context.path_of(buffer) ~= "",
    text = table.concat(lines, "\n"),
  }
end

---@param mention zeke.Mention
---@param origin zeke.Standpoint
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  if not mention.argument then
    if not origin.buffer then
      return nil, "There was no buffer before this chat: say @diagnostics:all."
    end
    return { of(origin.buffer) }
  elseif mention.argument ~= "all" then
    return nil, "Only all can stand after @diagnostics, as in @diagnostics:all."
  end
  local buffers = vim.tbl_filter(function(buffer)
    return api.nvim_buf_is_loaded(buffer) and #vim.diagnostic.get(buffer) > 0
  end, api.nvim_list_bufs())
  if #buffers == 0 then
    return nil, "No buffer has any diagnostics."
  elseif #buffers > MOST_BUFFERS then
    return nil, ("%d buffers have diagnostics: go to one and use @diagnostics."):format(#buffers)
  end
  return vim.tbl_map(of, buffers)
end

---@return zeke.Candidate[]
function M.arguments()
  return { { word = "all", menu = "every buffer" } }
end

return M
