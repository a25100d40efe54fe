---Files that a program of an agent's has changed behind Neovim's back: their buffers follow, as Vim
---itself does it when it looks. Nothing waits for a disk, and nobody is asked.
local M = {}

local api = vim.api

---Programs may end one after the other; one look will do.
local GATHER_MS = 50

local KEPT = "%s has changed on disk, and you have changed its buffer: it was not reloaded. "
  .. "`:write!` keeps the buffer's text, `:edit!` takes the file's."
local OFF = "%s has changed on disk, and 'autoread' is off: `:edit` takes the file's text."
local SAID = { conflict = KEPT, changed = OFF }

local waiting = {} ---@type table<string, true> by root

---@param buffer integer
local function follow(buffer)
  if not api.nvim_buf_is_loaded(buffer) then
    return
  end
  local said = SAID[require("zeke.review.land").refresh(buffer) or ""]
  if said then
    local name = vim.fn.fnamemodify(api.nvim_buf_get_name(buffer), ":~:.")
    require("zeke.notice").warn(said:format(require("zeke.columns").visible(name)))
  end
end

---@param buffer integer
---@param path string of its file
---@param root string
local function look_at(buffer, path, root)
  vim.uv.fs_realpath(path, function(_, real)
    if not real or not (vim.startswith(path, root) or vim.startswith(real, root)) then
      return
    end
    vim.uv.fs_stat(real, function(_, stat)
      if stat and stat.type == "file" then -- reading a FIFO would hold Neovim up
        vim.schedule(function()
          follow(buffer)
        end)
      end
    end)
  end)
end

---@param root string
local function look_all(root)
  local context = require("zeke.context")
  local inside = root == "/" and root or root .. "/"
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    local path = api.nvim_buf_is_loaded(buffer) and context.path_of(buffer) or ""
    if path ~= "" then
      look_at(buffer, path, inside)
    end
  end
end

---Look soon at the files of a chat's project.
---@param chat zeke.Chat
function M.look(chat)
  local root = chat.agent and chat.agent:root() or chat.project
  if waiting[root] then
    return
  end
  waiting[root] = true
  vim.defer_fn(function()
    waiting[root] = nil
    look_all(root)
  end, GATHER_MS)
end

return M
