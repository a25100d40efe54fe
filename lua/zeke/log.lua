---`:ZekeLog`: what the broker wrote down; other logs are shown as it is.
local M = {}

---@param path string
function M.open(path)
  if not vim.uv.fs_stat(path) then
    return require("zeke.notice").info(("There is no log yet: %s."):format(path))
  end
  vim.cmd.sview({ vim.fn.fnameescape(path), mods = { split = "botright" } })
  vim.bo.autoread = true
  vim.cmd("normal! G")
end

function M.run()
  local greeting = require("zeke.connection").greeting()
  if greeting then
    return M.open(greeting.log)
  end
  require("zeke.replies").state("status", function(data, problem)
    local path = data and data.broker and data.broker.log
    if path then
      return M.open(path)
    end
    require("zeke.notice").error(problem or "The broker names no log file.")
  end)
end

return M
