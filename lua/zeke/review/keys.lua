---The keys of an open diff: in its buffer only, in Normal mode only, and gone with it. A map of the
---person's own that was there comes back as it was.
---@class zeke.ReviewKeys
---@field buffer integer
---@field before table<string, {was: table|false, ours: function}> by key
local Keys = {}
Keys.__index = Keys

---@param buffer integer
---@param keys string
---@return table? map of the buffer's own
local function there(buffer, keys)
  for _, map in ipairs(vim.api.nvim_buf_get_keymap(buffer, "n")) do
    if vim.keycode(map.lhs or "") == vim.keycode(keys) then
      return map
    end
  end
end

---@param buffer integer
---@return zeke.ReviewKeys
function Keys.take(buffer)
  local self = setmetatable({ buffer = buffer, before = {} }, Keys)
  local keymaps = require("zeke.config").get().keymaps
  for _, key in ipairs(require("zeke.keys").review) do
    local action, keys = key[1], keymaps[key[1]]
    if keys ~= "" then
      local function ours()
        require("zeke.review")[action](buffer)
      end
      self.before[keys] = { was = there(buffer, keys) or false, ours = ours }
      local options = { buffer = buffer, nowait = true, desc = "Zeke: " .. key[3] }
      vim.keymap.set("n", keys, ours, options)
    end
  end
  return self
end

function Keys:release()
  if not vim.api.nvim_buf_is_valid(self.buffer) then
    return -- unloaded, a buffer keeps its maps
  end
  for keys, map in pairs(self.before) do
    local now = there(self.buffer, keys)
    -- What somebody else has mapped meanwhile is theirs.
    if now and now.callback == map.ours then
      vim.keymap.del("n", keys, { buffer = self.buffer })
      if map.was then
        vim.api.nvim_buf_call(self.buffer, function()
          vim.fn.mapset("n", false, map.was)
        end)
      end
    end
  end
end

return Keys
