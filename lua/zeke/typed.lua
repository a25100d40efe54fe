---Whether a key comes from the person's fingers. One from a macro, a mapping, `:normal` or a
---plugin is nobody's answer to a question.
local M = {}

local last = ""
local listening = false

function M.watch()
  if not listening then
    listening = true
    vim.on_key(function(_, typed)
      last = typed or ""
    end)
  end
end

---@param key string as in a mapping
---@return boolean
function M.is(key)
  return last == vim.keycode(key)
end

return M
