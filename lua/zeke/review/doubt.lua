---What became of a file that was accepted, when the broker does not say: the disk is asked.
local M = {}

local api = vim.api

---@param path string
---@return string? stamp another one once somebody has written there; nil: nothing is there
function M.stamp(path)
  local stat = path ~= "" and vim.uv.fs_stat(path)
  if stat then
    return ("%d.%d %d %d"):format(stat.mtime.sec, stat.mtime.nsec, stat.size, stat.ino)
  end
end

---Bring the buffer up to date, if it has nothing of its own.
---@param file zeke.ChangeFile
local function follow(file)
  local buffer = file.target or require("zeke.review.show").buffer_of(file.path)
  if buffer and api.nvim_buf_is_loaded(buffer) and not vim.bo[buffer].modified then
    local land = require("zeke.review.land")
    if file.kind == "create" then
      land.read(buffer)
    else
      land.reload(buffer, {})
    end
  end
end

---The broker has gone, or says nothing more.
---@param file zeke.ChangeFile
function M.look(file)
  if M.stamp(file.path) ~= file.stamp then
    follow(file)
    require("zeke.notice").warn(("%s may have been written: look at it."):format(file.name))
  end
end

---It did say something after all.
---@param file zeke.ChangeFile
---@param state zeke.FileState
function M.late(file, state)
  if state == "written" then
    follow(file)
    require("zeke.notice").warn(("%s was written after all: look at it."):format(file.name))
  end
end

return M
