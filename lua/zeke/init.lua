---What other people's configuration may call.
local M = {}

local waiting = {} ---@type table[] what was chosen while Neovim started

---@param settings table
local function apply(settings)
  local config = require("zeke.config")
  if not config.setup(settings) then
    return
  end
  for action, keys in pairs(config.get().keymaps) do
    if not config.placed(action) then
      local plug = ("<Plug>(zeke-%s)"):format(action)
      for _, mode in ipairs({ "n", "x", "i" }) do
        if vim.fn.maparg(plug, mode) ~= "" then
          vim.keymap.set(mode, keys, plug, { remap = true, desc = "Zeke: " .. action })
        end
      end
    end
  end
  if package.loaded["zeke.connection"] then
    require("zeke.connection").settings_changed()
  end
  if package.loaded["zeke.complete"] then
    require("zeke.complete").settings_changed()
  end
end

---Whoever reads a setting before Neovim has started needs what was chosen until then.
function M.settle()
  local chosen = waiting
  waiting = {}
  for _, settings in ipairs(chosen) do
    apply(settings)
  end
end

---Choose settings; nothing needs it. A mistake is reported and the old settings stay.
---Checking them takes as long as the rest of a start-up: it waits until Neovim is there.
---@param settings zeke.Settings? see |zeke-settings|
function M.setup(settings)
  if vim.v.vim_did_enter == 1 then
    return apply(settings or {})
  end
  waiting[#waiting + 1] = settings or {}
  if #waiting == 1 then
    vim.api.nvim_create_autocmd("VimEnter", {
      once = true,
      callback = vim.schedule_wrap(M.settle),
    })
  end
end

---A few words for a statusline: running tasks, waiting prompts, model. Empty while unused.
---@return string
function M.statusline()
  return package.loaded["zeke.statusline"] and require("zeke.statusline").text() or ""
end

---What concerns the buffer of the window that is drawn: a change under review, a suggestion that
---comes, findings. Empty otherwise, and costs nothing then.
---@return string
function M.winbar()
  return require("zeke.winbar").text()
end

return M
