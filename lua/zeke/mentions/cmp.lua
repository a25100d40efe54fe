---A source of nvim-cmp, registered as `zeke`; the interface is that of `:help cmp-develop`.
local M = {}

local complete = require("zeke.mentions.complete")

-- What LSP calls a File, a Function, a Reference and a Keyword (CompletionItemKind).
local KINDS = { file = 17, buffer = 17, symbol = 3, mention = 14 }
local REFERENCE = 18

local source = {}
local registered = false

---@param completion zeke.Completion
---@param row integer from 0
---@param column integer of the cursor, in bytes from 0
---@return table[] items of LSP
function M.items(completion, row, column)
  return vim.tbl_map(function(item)
    return {
      label = item.abbr,
      kind = KINDS[item.kind] or REFERENCE,
      labelDetails = item.menu ~= "" and { description = item.menu } or nil,
      documentation = item.info ~= "" and { kind = "plaintext", value = item.info } or nil,
      filterText = item.word,
      textEdit = {
        newText = item.word,
        range = {
          start = { line = row, character = completion.start },
          ["end"] = { line = row, character = column },
        },
      },
    }
  end, completion.items)
end

function source.get_debug_name()
  return "zeke"
end

function source.is_available()
  return complete.attached()
end

function source.get_position_encoding_kind()
  return "utf-8"
end

function source.get_trigger_characters()
  return { "@", ":", "/", '"' }
end

function source.get_keyword_pattern()
  return "@[^[:blank:]]*"
end

---@param params table `cmp.SourceCompletionApiParams`
---@param callback fun(response: table?)
function source.complete(_, params, callback)
  local line = params.context.cursor_before_line ---@type string
  local row = params.context.cursor.row ---@type integer
  complete.later(line, complete.origin(), function(completion)
    local items = completion and M.items(completion, row - 1, #line) or {}
    callback({ items = items, isIncomplete = true })
  end)
end

---@return table
function M.new()
  return setmetatable({}, { __index = source })
end

---Tell nvim-cmp of it, when that is there and loaded.
---@return boolean
function M.register()
  local cmp = package.loaded.cmp
  if not registered and cmp and cmp.register_source then
    cmp.register_source("zeke", M.new())
    registered = true
  end
  return registered
end

return M
