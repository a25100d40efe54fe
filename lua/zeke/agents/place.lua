---A window of the person's own texts, never one of ours; and showing a place in a file there,
---because an agent or a tool asks for it.
local M = {}

local api = vim.api

---@return integer? window of this tab page with a text of the person's own, the current one first
function M.window()
  local found = vim.list_extend({ api.nvim_get_current_win() }, api.nvim_tabpage_list_wins(0))
  for _, one in ipairs(found) do
    local ordinary = vim.bo[api.nvim_win_get_buf(one)].buftype == ""
    if ordinary and api.nvim_win_get_config(one).relative == "" and not vim.wo[one].winfixbuf then
      return one
    end
  end
end

---@return integer? window that is new, above what is there
local function split()
  local empty = api.nvim_create_buf(true, false)
  vim.bo[empty].bufhidden = "wipe"
  local ok, window = pcall(api.nvim_open_win, empty, false, { split = "above", win = -1 })
  return ok and window or nil
end

---@param window integer
---@param buffer integer
---@return string? problem
local function put(window, buffer)
  api.nvim_win_call(window, function()
    vim.cmd("normal! m'")
  end)
  local shortmess = vim.o.shortmess
  vim.o.shortmess = shortmess .. "A" -- a swap file is no reason to stand still
  local ok, problem = pcall(api.nvim_win_set_buf, window, buffer)
  vim.o.shortmess = shortmess
  return not ok and tostring(problem) or nil
end

---@param path any absolute
---@param line any from 1
---@return {path: string, line: integer, window: integer}? data
---@return string? problem
function M.show(path, line)
  if type(path) ~= "string" or not vim.startswith(path, "/") or vim.fn.filereadable(path) == 0 then
    return nil, "There is no such file."
  end
  local window = M.window() or split()
  if not window then
    return nil, "There is no window for it."
  end
  local buffer = vim.fn.bufadd(path)
  vim.bo[buffer].buflisted = true
  local problem = put(window, buffer)
  if problem then
    return nil, problem
  end
  local last = api.nvim_buf_line_count(buffer)
  local row = math.max(1, math.min(math.floor(tonumber(line) or 1), last))
  api.nvim_win_set_cursor(window, { row, 0 })
  return { path = path, line = row, window = window }
end

---Go to a buffer of the person's own that no window shows.
---@param buffer integer
function M.enter(buffer)
  local window = M.window()
  if window and not put(window, buffer) then
    api.nvim_set_current_win(window)
  elseif vim.bo.buftype == "" and pcall(vim.cmd.buffer, buffer) then
    return
  else
    vim.cmd.sbuffer({ args = { tostring(buffer) }, mods = { split = "topleft" } })
  end
end

return M
