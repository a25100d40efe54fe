---`vim.ui.select` and `vim.ui.input`, whoever has replaced them. Neovim's own list raises an error
---when it is left by <C-c>; here that is what leaving it by <Esc> is: nothing was chosen.
local M = {}

---What is shown at once calls `done` when it has gone, so that an error of `done` is its own.
---@param show fun(done: fun(...: any))
---@param done fun(...: any)
local function left_by(show, done)
  local showing, chosen = true, nil
  local ok, problem = pcall(show, function(...)
    if not showing then
      return done(...)
    end
    chosen = vim.F.pack_len(...)
  end)
  showing = false
  if chosen then
    done(vim.F.unpack_len(chosen))
  elseif not ok and tostring(problem):find("Keyboard interrupt", 1, true) then
    return done(nil)
  end
  if not ok then
    error(problem, 0)
  end
end

---@generic T
---@param items T[]
---@param how table options of `vim.ui.select`
---@param done fun(item: T?, index: integer?) no item: it was left
function M.select(items, how, done)
  left_by(function(chosen)
    vim.ui.select(items, how, chosen)
  end, done)
end

---@param how table options of `vim.ui.input`
---@param done fun(text: string?) no text: it was left
function M.input(how, done)
  left_by(function(typed)
    vim.ui.input(how, typed)
  end, done)
end

return M
