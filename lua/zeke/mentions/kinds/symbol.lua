---`@symbol:name`: a function, class or the like of the buffer the person came from.
local M = {}

local MOST = 5

M.about = "a function or class of the buffer you came from: @symbol:name"

---@param symbols zeke.Symbol[]
---@param name string
---@return zeke.Symbol[]
local function called(symbols, name)
  local exact, ends = {}, {}
  for _, symbol in ipairs(symbols) do
    if symbol.name == name then
      exact[#exact + 1] = symbol
    elseif vim.endswith(symbol.name, "." .. name) or vim.endswith(symbol.name, ":" .. name) then
      ends[#ends + 1] = symbol
    end
  end
  return vim.list_slice(#exact > 0 and exact or ends, 1, MOST)
end

---@param mention zeke.Mention
---@param origin zeke.Standpoint
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  if not mention.argument then
    return nil, "Say which, as in @symbol:main."
  elseif not origin.buffer then
    return nil, "There was no buffer before this chat to find it in."
  end
  local symbols, problem = require("zeke.mentions.symbols").of(origin.buffer)
  if not symbols then
    return nil, problem
  end
  local found = called(symbols, mention.argument)
  if #found == 0 then
    local names = vim.tbl_map(function(symbol)
      return symbol.name
    end, symbols)
    local advice = require("zeke.mentions.places").meant(mention.argument, names)
    return nil, ("There is no symbol %s%s"):format(mention.argument, advice)
  end
  local attachments = {}
  for _, symbol in ipairs(found) do
    local range = { buffer = origin.buffer, first = symbol.first, last = symbol.last }
    local snippet
    snippet, problem = require("zeke.context").excerpt(range)
    attachments[#attachments + 1] = snippet
      and {
        path = snippet.path,
        is_file = snippet.is_file,
        first = symbol.first,
        last = symbol.last,
        language = snippet.language,
        text = snippet.text,
      }
  end
  return attachments, problem
end

---@param origin zeke.Standpoint
---@return zeke.Candidate[]
function M.arguments(origin)
  local symbols = origin.buffer and require("zeke.mentions.symbols").of(origin.buffer) or {}
  return vim.tbl_map(function(symbol)
    return { word = symbol.name, menu = ("%s, line %d"):format(symbol.what, symbol.first) }
  end, symbols)
end

return M
