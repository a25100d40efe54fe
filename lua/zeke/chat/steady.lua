---Windows whose view stays while text grows below what is read in them. With 'scrolloff', Neovim
---scrolls a window as soon as there is text to show below a cursor near its lower edge.
local M = {}

local api = vim.api
local group = api.nvim_create_augroup("zeke-chat-steady", {})

local held = {} ---@type table<integer, {buffer: integer, scrolloff: integer}> by window

---@param window integer
local function restore(window)
  local was = held[window]
  held[window] = nil
  if was and api.nvim_win_is_valid(window) then
    api.nvim_set_option_value("scrolloff", was.scrolloff, { scope = "local", win = window })
  end
end

---Call before text grows in a buffer.
---@param buffer integer
function M.hold(buffer)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    if not held[window] and vim.wo[window].scrolloff > 0 then
      local options = { scope = "local", win = window }
      held[window] = {
        buffer = buffer,
        scrolloff = api.nvim_get_option_value("scrolloff", options),
      }
      api.nvim_set_option_value("scrolloff", 0, options)
    end
  end
end

---Nothing grows there any more: each window has its option back as soon as its cursor moves.
---@param buffer integer
function M.release(buffer)
  api.nvim_create_autocmd({ "CursorMoved", "CursorMovedI", "BufWinLeave", "BufUnload" }, {
    group = group,
    buffer = buffer,
    callback = function(event)
      for window, was in pairs(held) do
        local leaves = event.event:find("^Buf") ~= nil
        if was.buffer == buffer and (leaves or window == api.nvim_get_current_win()) then
          restore(window)
        end
      end
      local left = vim.iter(held):any(function(_, was)
        return was.buffer == buffer
      end)
      return not left
    end,
  })
end

return M
