---What other people's configuration may call.
local M = {}

---Choose settings; nothing needs it. A mistake is reported and the old settings stay.
---@param settings table? see |zeke-settings|
function M.setup(settings)
  local config = require("zeke.config")
  if not config.setup(settings or {}) then
    return
  end
  for action, keys in pairs(config.get().keymaps) do
    if not config.placed(action) then
      local plug = ("<Plug>(zeke-%s)"):format(action)
      for _, mode in ipairs({ "n", "x" }) do
        if vim.fn.maparg(plug, mode) ~= "" then
          vim.keymap.set(mode, keys, plug, { remap = true, desc = "Zeke: " .. action })
        end
      end
    end
  end
  require("zeke.connection").settings_changed()
end

---A few words for a statusline: running tasks, waiting prompts, model. Empty while unused.
---@return string
function M.statusline()
  return package.loaded["zeke.statusline"] and require("zeke.statusline").text() or ""
end

return M
