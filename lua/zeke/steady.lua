---Windows whose view has to stay where it was put. With 'scrolloff', Neovim scrolls a window when
---there is text beyond a cursor near its edge: the option rests there, and comes back.
local M = {}

local api = vim.api
local group = api.nvim_create_augroup("zeke-steady", {})

---@class zeke.Steady
---@field buffer integer
---@field scrolloff integer the window's own, as it was; -1: the global one counts
---@field stays fun(): boolean asked when a cursor has moved

local held = {} ---@type table<integer, zeke.Steady> by window

---@param window integer
local function restore(window)
  local was = held[window]
  held[window] = nil
  local options = { scope = "local", win = window }
  -- Who set it meanwhile wants it so.
  if api.nvim_win_is_valid(window) and api.nvim_get_option_value("scrolloff", options) == 0 then
    api.nvim_set_option_value("scrolloff", was.scrolloff, options)
  end
end

---@param event vim.api.keyset.create_autocmd.callback_args
---@return boolean over nothing is held any more
local function look(event)
  local moved = event.event:find("^CursorMoved") ~= nil
  for window, one in pairs(held) do
    local there = api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) == one.buffer
    if not there or moved and not one.stays() then
      restore(window)
    end
  end
  return next(held) == nil
end

---Until a cursor moves and it need not stay, or the window shows another buffer.
---@param window integer
---@param stays fun(): boolean
function M.hold(window, stays)
  local options = { scope = "local", win = window }
  local buffer, one = api.nvim_win_get_buf(window), held[window]
  if vim.wo[window].scrolloff > 0 then
    if next(held) == nil then
      api.nvim_clear_autocmds({ group = group })
      local events = { "CursorMoved", "CursorMovedI", "BufEnter", "BufWinEnter" }
      api.nvim_create_autocmd(events, { group = group, callback = look })
    end
    local own = api.nvim_get_option_value("scrolloff", options)
    held[window] = { buffer = buffer, scrolloff = own, stays = stays }
    api.nvim_set_option_value("scrolloff", 0, options)
  elseif one then
    one.buffer, one.stays = buffer, stays
  end
end

---Nothing has to stay in it any more.
---@param buffer integer
function M.free(buffer)
  for window, one in pairs(held) do
    if one.buffer == buffer then
      restore(window)
    end
  end
end

return M
