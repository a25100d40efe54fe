---Keeps findings at their lines while files are opened, read again and closed.
local M = {}

local api = vim.api

local group ---@type integer?

---@param event vim.api.keyset.create_autocmd.callback_args
local function read(event)
  local findings = require("zeke.analyze.findings")
  local looked = findings.of(event.buf)
  if not looked then
    return
  end
  findings.settle(looked)
  -- The quickfix list stays: `:cnext` may be on its way through it, and it follows by itself.
  require("zeke.analyze.publish").diagnose(looked)
  vim.schedule(require("zeke.analyze.view").refresh)
end

---@param event vim.api.keyset.create_autocmd.callback_args
local function left(event)
  local findings = require("zeke.analyze.findings")
  local looked = findings.of(event.buf)
  if looked then
    findings.leave(looked)
  end
end

function M.start()
  if not group then
    group = api.nvim_create_augroup("zeke-findings", {})
    api.nvim_create_autocmd("BufReadPost", { group = group, callback = read })
    api.nvim_create_autocmd("BufUnload", { group = group, callback = left })
  end
end

return M
