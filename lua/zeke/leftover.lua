---What a session file brings back of buffers of ours: their names, and nothing that stood in them.
---They are taken away again, with their windows.
local M = {}

local api = vim.api

---@param buffer integer
---@return boolean it has a name of ours, and none of our options
local function dead(buffer)
  return vim.startswith(api.nvim_buf_get_name(buffer), "zeke://") and vim.bo[buffer].buftype == ""
end

---Now.
function M.clear()
  for _, buffer in ipairs(vim.tbl_filter(dead, api.nvim_list_bufs())) do
    for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
      pcall(api.nvim_win_close, window, true) -- the last one of all stays, and shows another buffer
    end
    if api.nvim_buf_is_valid(buffer) then
      pcall(api.nvim_buf_delete, buffer, { force = true })
    end
  end
end

local waits = false

---When whoever loads the session is done with it.
function M.clear_soon()
  if not waits then
    waits = true
    vim.schedule(function()
      waits = false
      M.clear()
    end)
  end
end

return M
