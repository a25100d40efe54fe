---The functions, classes and the like of a buffer: by its parser, else by its language server; and
---of a text that is in none, by the parser alone.
---A server is asked in the background; what it said last counts until the buffer changes.
local M = {}

local api = vim.api

local MOST_BYTES = 512 * 1024 -- A longer text takes longer to read than a person notices.
local MOST_NODES = 20000
local WORDS = {
  "function",
  "method",
  "class",
  "struct",
  "interface",
  "enum",
  "trait",
  "module",
  "impl",
  "constructor",
  "namespace",
}
local DEFINING = { "defini", "declar", "_item$", "spec" }
-- In these, nothing is looked for that could be mentioned from outside.
local BODIES = { ["function"] = true, method = true, constructor = true }
local METHOD = "textDocument/documentSymbol"

---@class zeke.Symbol
---@field name string with those around it before it, as in `Class.method`
---@field what string
---@field first integer
---@field last integer

local cache = {} ---@type table<integer, {tick: integer, symbols: zeke.Symbol[]}>
local asked = {} ---@type table<integer, integer> ticks that a server is being asked about

---@param type string of a node
---@return string? what
local function what_of(type)
  for _, word in ipairs(DEFINING) do
    if type:find(word) then
      return vim.iter(WORDS):find(function(what)
        return type:find(what, 1, true) ~= nil
      end)
    end
  end
end

---@param node TSNode
---@return TSNode? its name, which C hides behind what it returns
local function name_node(node)
  local found = node:field("name")[1]
  local inner = not found and (node:field("declarator")[1] or node:field("type")[1])
  for _ = 1, 5 do
    local next_one = inner and inner:field("declarator")[1]
    if not next_one then
      break
    end
    inner = next_one
  end
  return found or inner or nil
end

---@param node TSNode
---@return TSNode? name, string? what of a function that is given a name by an assignment
local function assigned(node)
  local type = node:type()
  local left, right
  if type == "variable_declarator" then
    left, right = node:field("name")[1], node:field("value")[1]
  elseif type == "assignment_statement" and node:named_child_count() == 2 then
    left, right = node:named_child(0), node:named_child(1)
    right = right and right:named_child(0)
  end
  if left and right and right:type():find("function") then
    return left, "function"
  end
end

---@param root TSNode
---@param source integer|string buffer or text
---@return zeke.Symbol[]
local function walked(root, source)
  local symbols, nodes = {}, 0
  local function visit(node, around)
    for child in node:iter_children() do
      nodes = nodes + 1
      if nodes > MOST_NODES then
        return
      end
      if child:named() then
        local named, what = assigned(child)
        what = what or what_of(child:type())
        named = named or what and name_node(child)
        local path = around
        if named then
          local name = vim.treesitter.get_node_text(named, source):match("^[^\n]*")
          path = around ~= "" and around .. "." .. name or name
          local first, _, last, column = child:range()
          last = column == 0 and last or last + 1
          symbols[#symbols + 1] = { name = path, what = what, first = first + 1, last = last }
        end
        if not (what and BODIES[what]) then
          visit(child, path)
        end
      end
    end
  end
  visit(root, "")
  return symbols
end

---@param source integer|string
---@param size integer bytes of it
---@param filetype string
---@return zeke.Symbol[]? nil: no parser reads it
local function read(source, size, filetype)
  local language = vim.treesitter.language.get_lang(filetype)
  if size > MOST_BYTES or not language or not pcall(vim.treesitter.language.add, language) then
    return nil
  end
  local there, parser = pcall(function()
    if type(source) == "string" then
      return vim.treesitter.get_string_parser(source, language)
    end
    return vim.treesitter.get_parser(source, language, { error = false })
  end)
  if not there or not parser then
    return nil
  end
  local tree = parser:parse()[1]
  return tree and walked(tree:root(), source)
end

---@param buffer integer
---@return zeke.Symbol[]?
local function parsed(buffer)
  local size = api.nvim_buf_get_offset(buffer, api.nvim_buf_line_count(buffer))
  return read(buffer, size, vim.bo[buffer].filetype)
end

---@param lines string[]
---@param filetype string
---@return zeke.Symbol[]? nil: no parser reads it
function M.of_text(lines, filetype)
  local text = table.concat(lines, "\n")
  return read(text, #text, filetype)
end

---@param given table[] as a server answers: with children, or flat with their container's name
---@param around string
---@param symbols zeke.Symbol[]
local function collect(given, around, symbols)
  for _, one in ipairs(given) do
    local range = one.range or one.location.range
    local container = around ~= "" and around or one.containerName or ""
    local name = container ~= "" and container .. "." .. one.name or one.name
    local first = range.start.line + 1 ---@type integer
    local past = range["end"].character == 0 and 0 or 1
    symbols[#symbols + 1] = {
      name = name,
      what = tostring(vim.lsp.protocol.SymbolKind[one.kind] or "symbol"):lower(),
      first = first,
      last = math.max(first, range["end"].line + past),
    }
    collect(one.children or {}, name, symbols)
  end
end

---@param buffer integer
---@param done fun()?
---@return boolean whether a server was, or is being, asked
local function ask(buffer, done)
  local client = vim.lsp.get_clients({ bufnr = buffer, method = METHOD })[1]
  if not client then
    return false
  end
  local tick = api.nvim_buf_get_changedtick(buffer)
  if asked[buffer] == tick then
    return true
  end
  asked[buffer] = tick
  local params = { textDocument = vim.lsp.util.make_text_document_params(buffer) }
  client:request(METHOD, params, function(_, result)
    asked[buffer] = nil
    if result and api.nvim_buf_is_valid(buffer) then
      local symbols = {}
      collect(result, "", symbols)
      cache[buffer] = { tick = tick, symbols = symbols }
    end
    if done then
      done()
    end
  end, buffer)
  return true
end

---@param buffer integer
---@return zeke.Symbol[]?, string? problem
function M.of(buffer)
  if not api.nvim_buf_is_loaded(buffer) then
    return nil, "That buffer is not loaded any more."
  end
  local known = cache[buffer]
  if known and known.tick == api.nvim_buf_get_changedtick(buffer) then
    return known.symbols
  end
  local symbols = parsed(buffer)
  if symbols then
    cache[buffer] = { tick = api.nvim_buf_get_changedtick(buffer), symbols = symbols }
    return symbols
  elseif ask(buffer) then
    return nil, "Its language server is being asked: try again in a moment."
  end
  local language = vim.bo[buffer].filetype
  language = language ~= "" and language or "its text"
  return nil, ("No parser and no language server here knows %s: use @selection."):format(language)
end

---Have a server asked now, so that its answer is there when it is needed.
---@param buffer integer
---@param done fun()? called when it has answered; not when none is asked
---@return boolean asked
function M.prepare(buffer, done)
  local known = cache[buffer]
  local tick = api.nvim_buf_is_loaded(buffer) and api.nvim_buf_get_changedtick(buffer)
  if not tick or known and known.tick == tick or parsed(buffer) then
    return false
  end
  return ask(buffer, done)
end

api.nvim_create_autocmd("BufWipeout", {
  group = api.nvim_create_augroup("zeke-symbols", {}),
  callback = function(event)
    cache[event.buf], asked[event.buf] = nil, nil
  end,
})

return M
