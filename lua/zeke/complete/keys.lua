---The keys of a shown suggestion: in its buffer only, in insert mode only, and gone with it, so
---that a <Tab> without a suggestion is whatever it was before.
local M = {}

local api = vim.api

local ACTIONS = {
  complete_accept = "accept",
  complete_word = "accept_word",
  complete_line = "accept_line",
  complete_next = "next",
  complete_previous = "previous",
  complete_dismiss = "dismiss",
}
local MARK = "Zeke: suggestion: "

local held ---@type integer? the buffer that has them
local before = {} ---@type table<string, table|false> maps of the buffer that were there, by key

---@param buffer integer
---@param keys string
---@return table? map
local function map_of(buffer, keys)
  for _, map in ipairs(api.nvim_buf_get_keymap(buffer, "i")) do
    if vim.keycode(map.lhs or "") == vim.keycode(keys) then
      return map
    end
  end
end

---@param action string
---@param keys string
local function press(action, keys)
  if not require("zeke.complete")[action]() then
    -- It has gone this instant: the key is what it always was.
    M.release()
    api.nvim_feedkeys(vim.keycode(keys), "mit", false)
  end
end

---@param buffer integer
function M.take(buffer)
  if held == buffer then
    return
  end
  M.release()
  held, before = buffer, {}
  local keymaps = require("zeke.config").get().keymaps
  for name, action in pairs(ACTIONS) do
    local keys = keymaps[name]
    if keys ~= "" then
      before[keys] = map_of(buffer, keys) or false
      vim.keymap.set("i", keys, function()
        press(action, keys)
      end, { buffer = buffer, nowait = true, desc = MARK .. action:gsub("_", " ") })
    end
  end
end

function M.release()
  local buffer = held
  held = nil
  if not buffer or not api.nvim_buf_is_valid(buffer) then
    return
  end
  for keys, map in pairs(before) do
    local now = map_of(buffer, keys)
    -- Somebody else may have taken the key meanwhile.
    if now and vim.startswith(now.desc or "", MARK) then
      vim.keymap.del("i", keys, { buffer = buffer })
      if map then
        api.nvim_buf_call(buffer, function()
          vim.fn.mapset("i", false, map)
        end)
      end
    end
  end
end

return M
