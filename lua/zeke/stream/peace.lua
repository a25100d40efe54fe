---When text may not grow in a buffer, because of what the person is doing in it.
local M = {}

local api = vim.api

local EVENTS = {
  "ModeChanged",
  "CompleteDone",
  "TextChanged",
  "TextChangedI",
  "InsertLeave",
  "CmdwinLeave",
}

local group = api.nvim_create_augroup("zeke-stream", {})
local blockwise = false

-- What is typed now is repeated in the other lines of the block when it ends, wherever they are.
api.nvim_create_autocmd("ModeChanged", {
  group = group,
  pattern = "\22*:[iR]*",
  callback = function()
    blockwise = true
  end,
})
api.nvim_create_autocmd("ModeChanged", {
  group = group,
  pattern = "[iR]*:[^iR]*",
  callback = function()
    blockwise = false
  end,
})

---@param mode string
---@return boolean completion or a block, of which Neovim remembers the lines by number
local function inserts(mode)
  return mode:find("^[iR]v?[cx]") ~= nil
    or mode:find("^[iR]") ~= nil and (blockwise or vim.fn.pumvisible() == 1)
end

---Neovim moves neither the other end of a selection nor the place where a search began when lines
---come above them.
---@param buffer integer
---@param row integer from 0, where text would come
---@return boolean
function M.disturbs(buffer, row)
  if api.nvim_get_current_buf() ~= buffer then
    return false
  end
  local mode = api.nvim_get_mode().mode
  if inserts(mode) or mode:find("^c") and vim.fn.getcmdtype():find("[/?]") then
    return true
  end
  local selects = mode:find("^[vVsS\22\19]") ~= nil
  return selects and math.max(vim.fn.line("."), vim.fn.line("v")) > row + 1
end

---@param buffer integer
---@return boolean the person does nothing there, so that undo steps can be made again
function M.reigns(buffer)
  if vim.fn.getcmdwintype() ~= "" then
    return false -- Neovim undoes nothing then.
  end
  return api.nvim_get_current_buf() ~= buffer or api.nvim_get_mode().mode == "n"
end

---Go on as soon as that may be over.
---@param go_on fun()
function M.await(go_on)
  local once = api.nvim_create_augroup("zeke-stream-wait-" .. vim.uv.hrtime(), {})
  api.nvim_create_autocmd(EVENTS, {
    group = once,
    callback = function()
      pcall(api.nvim_del_augroup_by_id, once)
      vim.schedule(go_on)
    end,
  })
end

return M
