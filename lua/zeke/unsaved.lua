---Tells the broker which files have changes here that are not saved: in the greeting, and whenever
---that changes. Neovim answers nobody while it waits for a key, and what is on disk is then taken
---for such a file by whoever does not know.
---
---Only the buffer in front has an autocommand for its changes. Those of the others, which a plugin
---or a language server makes, are heard from the buffer itself: its first one, and no more of them.
local M = {}

local api = vim.api

local group ---@type integer? while there is a connection
local told = {} ---@type table<integer, string[]> by buffer
local heard = {} ---@type table<integer, boolean> buffers that tell of their next change

---@param path string
---@return string path without links, as far as it exists
local function real(path)
  local parent = vim.fs.dirname(path)
  local found = vim.uv.fs_realpath(path)
  if found or parent == path then
    return found or path
  end
  return vim.fs.joinpath(real(parent), vim.fs.basename(path))
end

---@param buffer integer
---@return string name of the file that is written from it; empty without one
local function name_of(buffer)
  local context = require("zeke.context")
  if vim.bo[buffer].buftype == "acwrite" then
    return context.whose(buffer)
  end
  return context.path_of(buffer)
end

---@param buffer integer
---@return string[]? paths by which its changes would be looked for; nil: it has none
local function places(buffer)
  if not (api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].modified) then
    return nil
  end
  local name = name_of(buffer)
  if name == "" then
    return nil
  end
  local there = real(name)
  return there == name and { name } or { name, there }
end

---@return string[] all of them
local function all()
  return vim.iter(vim.tbl_values(told)):flatten():totable()
end

local look ---@type fun(buffer: integer)

---Hear of the next change of a buffer that has none.
---@param buffer integer
local function listen(buffer)
  local ready = api.nvim_buf_is_loaded(buffer) and not vim.bo[buffer].modified
  if heard[buffer] or not ready then
    return
  end
  local kind = vim.bo[buffer].buftype
  if kind ~= "" and kind ~= "acwrite" then
    return
  end
  heard[buffer] = api.nvim_buf_attach(buffer, false, {
    on_lines = function()
      if group and not vim.bo[buffer].modified then
        return
      end
      heard[buffer] = nil
      -- At once: what is scheduled would wait for the key too.
      look(buffer)
      return true
    end,
    on_detach = function()
      heard[buffer] = nil
    end,
  })
end

---@param buffer integer
local function take(buffer)
  told[buffer] = places(buffer)
  listen(buffer)
end

---@param buffer integer
function look(buffer)
  if not group then
    return
  end
  local before = told[buffer]
  take(buffer)
  if not vim.deep_equal(before, told[buffer]) then
    require("zeke.connection").notify("editor.unsaved", { paths = all() })
  end
end

---Begin with a connection.
---@return string[] paths that have changes now
function M.begin()
  group = api.nvim_create_augroup("zeke-unsaved", { clear = true })
  told = {}
  vim.iter(api.nvim_list_bufs()):each(take)
  api.nvim_create_autocmd(
    { "BufModifiedSet", "BufWritePost", "BufFilePost", "BufEnter", "FileChangedShellPost" },
    {
      group = group,
      callback = function(args)
        look(args.buf)
      end,
    }
  )
  api.nvim_create_autocmd("OptionSet", {
    group = group,
    pattern = { "modified", "buftype" },
    callback = function()
      look(api.nvim_get_current_buf())
    end,
  })
  api.nvim_create_autocmd("BufUnload", {
    group = group,
    callback = function(args)
      -- It is there yet, with its changes.
      vim.schedule(function()
        look(args.buf)
      end)
    end,
  })
  return all()
end

---There is nobody to be told any more.
function M.stop()
  if group then
    api.nvim_del_augroup_by_id(group)
  end
  group, told = nil, {}
  -- What still waits for an answer to the greeting: the next greeting has what is newer.
  require("zeke.connection").forget(function(method)
    return method == "editor.unsaved"
  end)
end

return M
