---A file that an agent wrote without a review: a rule or an approval of the person's allows it.
local M = {}

local api = vim.api

local CHANGED = "%s was written, and its buffer has changed since: it was not reloaded. "
  .. "`:write!` keeps the buffer's text, `:edit!` takes the file's."

---@param buffer integer
---@param name string
local function follow(buffer, name)
  if vim.bo[buffer].modified then
    require("zeke.review.land").refresh(buffer) -- it is said here, and not once more
    return require("zeke.notice").warn(CHANGED:format(name))
  end
  local stat = vim.uv.fs_stat(api.nvim_buf_get_name(buffer))
  if stat and stat.type == "file" then -- reading a FIFO would hold Neovim up
    require("zeke.review.land").reload(buffer, {})
  end
end

---@param payload {path: string, name: string, agent: string, session: string}
function M.written(payload)
  local buffer = require("zeke.review.show").buffer_of(tostring(payload.path))
  if buffer and api.nvim_buf_is_loaded(buffer) then
    follow(buffer, payload.name)
  end
  if payload.session == "" then -- who has no chat here that could show it
    local text = "%s has changed %s, as you allowed before."
    require("zeke.notice").info(text:format(payload.agent, payload.name))
  end
end

return M
