---What other people's configuration may call.
local M = {}

local waiting = {} ---@type table[] what was chosen while Neovim started

---@param action string
---@param keys string
local function bind(action, keys)
  local name = action:gsub("_", "-")
  local plug = ("<Plug>(zeke-%s)"):format(name)
  for _, mode in ipairs({ "n", "x", "i" }) do
    if keys ~= "" and vim.fn.maparg(plug, mode) ~= "" then
      local options = { remap = true, desc = "Zeke: " .. name }
      if not pcall(vim.keymap.set, mode, keys, plug, options) then
        local text = "keymaps.%s cannot be put on the keys %s: Neovim does not take them."
        return require("zeke.notice").error(text:format(action, keys))
      end
    end
  end
end

---Keys that have no place and time of their own.
local function map()
  local config = require("zeke.config")
  for action, keys in pairs(config.get().keymaps) do
    if not config.placed(action) then
      bind(action, keys)
    end
  end
end

---@param settings table
local function apply(settings)
  require("zeke.config").setup(settings)
  map()
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

---`vim.g.zeke` counts without a call: its keys are there, and its mistakes are told.
function M.begin()
  map()
end

---Choose settings; nothing needs it. A mistake is reported, and the rest counts.
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
