---The project that a chat belongs to: the one it was begun in. What it names is a file of that one,
---and who answers works there, wherever the person goes.
local M = {}

---@return string
local function here()
  return vim.fs.normalize(vim.fn.getcwd(), { expand_env = false })
end

---@param directory string
---@return string root of the project that it is in, as the broker finds it
local function root(directory)
  local real = vim.uv.fs_realpath(directory) or directory
  return vim.fs.root(real, ".git") or real
end

---@param chat zeke.Chat
---@return string directory that names in it are from
function M.of(chat)
  local cwd = here()
  return root(cwd) == root(chat.project) and cwd or chat.project
end

---@param chat zeke.Chat
---@return string? name of the project that it belongs to, when its window is in another one
function M.elsewhere(chat)
  local window = vim.fn.bufwinid(chat.buffer)
  local cwd = window > 0 and vim.fn.getcwd(window) or vim.fn.getcwd()
  local found, other = root(chat.project), root(cwd)
  if found == other then
    return nil
  end
  local name = vim.fs.basename(found)
  if name == vim.fs.basename(other) then
    name = vim.fn.fnamemodify(found, ":~")
  end
  return require("zeke.columns").visible(name)
end

---@param fits (fun(chat: zeke.Chat): boolean)?
---@return zeke.Chat? the one the person is in, else the one of this project that was used last
function M.latest(fits)
  local buffer, project = vim.api.nvim_get_current_buf(), root(here())
  for _, chat in ipairs(require("zeke.chat.session").all()) do
    local near = chat.buffer == buffer or root(chat.project) == project
    if near and (not fits or fits(chat)) then
      return chat
    end
  end
end

---@class zeke.Standpoint what a person means by a name
---@field base string directory that names are from
---@field away boolean it is of another project than the one they are in
---@field buffer integer? where they were before they went to a chat
---@field cursor integer[]?
---@field range zeke.Range?
---@field strange table<string, true>? numbers of buffers that mean none of this Neovim

---@param buffer integer the one they write in
---@return zeke.Standpoint
function M.standpoint(buffer)
  local chat = require("zeke.chat.session").of(buffer)
  local base = chat and M.of(chat) or here()
  local before = require("zeke.chat.origin").get() or {}
  return {
    base = base,
    away = base ~= here(),
    buffer = before.buffer,
    cursor = before.cursor,
    range = before.range,
  }
end

return M
