---The two keys of an open diff: in its buffer only, in normal mode only, and gone with it.
---@class zeke.EditKeys
---@field buffer integer
---@field before table<string, table> buffer-local maps that were there, by key
local EditKeys = {}
EditKeys.__index = EditKeys

---@param buffer integer
---@return zeke.EditKeys
function EditKeys.take(buffer)
  local self = setmetatable({ buffer = buffer, before = {} }, EditKeys)
  local keymaps = require("zeke.config").get().keymaps
  for action, keys in pairs({ accept = keymaps.accept, reject = keymaps.reject }) do
    for _, map in ipairs(vim.api.nvim_buf_get_keymap(buffer, "n")) do
      if vim.keycode(map.lhs) == vim.keycode(keys) then
        self.before[keys] = map
      end
    end
    vim.keymap.set("n", keys, function()
      require("zeke.edit")[action](buffer)
    end, { buffer = buffer, nowait = true, desc = "Zeke: " .. action .. " the change" })
    self.before[keys] = self.before[keys] or false
  end
  return self
end

function EditKeys:release()
  if not vim.api.nvim_buf_is_loaded(self.buffer) then
    return
  end
  for keys, map in pairs(self.before) do
    pcall(vim.keymap.del, "n", keys, { buffer = self.buffer })
    if map then
      vim.api.nvim_buf_call(self.buffer, function()
        vim.fn.mapset("n", false, map)
      end)
    end
  end
end

return EditKeys
