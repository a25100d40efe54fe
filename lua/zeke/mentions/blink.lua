---A provider of blink.cmp: `providers = { zeke = { module = "zeke.mentions.blink" } }`.
local M = {}

local complete = require("zeke.mentions.complete")

---@return table provider
function M.new()
  return setmetatable({}, { __index = M })
end

function M.enabled()
  return complete.attached()
end

function M.get_trigger_characters()
  return { "@", ":", "/", '"' }
end

---@param context {cursor: integer[], line: string}
---@param callback fun(response: table?)
---@return fun() cancel
function M.get_completions(_, context, callback)
  local row, column = context.cursor[1], context.cursor[2]
  return complete.later(context.line:sub(1, column), complete.origin(), function(completion)
    local items = completion and require("zeke.mentions.cmp").items(completion, row - 1, column)
    for _, item in ipairs(items or {}) do
      -- What blink.cmp takes for the word at the cursor has no `@` and no `:` in it.
      item.filterText = item.label
    end
    local incomplete = { is_incomplete_forward = true, is_incomplete_backward = true }
    callback(vim.tbl_extend("error", incomplete, { items = items or {} }))
  end)
end

return M
