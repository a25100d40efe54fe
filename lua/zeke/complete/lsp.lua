---Completion as a language server inside Neovim, where Neovim has inline completion of its own
---(0.12): it asks by `textDocument/inlineCompletion` and shows what is answered, and its functions
---`vim.lsp.inline_completion.get()` and `select()` work on it.
---
---Neovim asks 200 ms after a key, shows what it was told until it is told otherwise, and ends no
---request that is outdated. So the answer to the last request is kept open: what is left of a
---suggestion, or that nothing is, goes the same way again as soon as it is known.
local M = {}

local api = vim.api

---How long Neovim itself waits after a key.
M.WAITS_MS = 200

local NAME = "zeke"

---@class zeke.CompleteDoor
---@field id integer of the request
---@field answer fun(items: table[]?)
---@field shows boolean

local doors = {} ---@type table<integer, zeke.CompleteDoor> the last request of each buffer
local switched = {} ---@type table<integer, boolean> buffers where it was off before
local client ---@type integer?

---@param params table
---@param id integer
---@param reply fun(problem: table?, result: any)
---@param over fun(id: integer)
local function opened(params, id, reply, over)
  local buffer, waits = api.nvim_get_current_buf(), true
  if params.textDocument.uri ~= vim.uri_from_bufnr(buffer) then
    -- It is asked about where nobody types.
    reply(nil, nil)
    return over(id)
  end
  local earlier = doors[buffer]
  if earlier then
    earlier.answer(nil)
  end
  doors[buffer] = {
    id = id,
    shows = false,
    answer = function(items)
      reply(nil, items and { items = items } or nil)
      if waits then
        waits = false
        over(id)
      end
    end,
  }
  vim.schedule(function()
    require("zeke.complete.trigger").asked(buffer)
  end)
end

---@param id integer
local function cancelled(id)
  for _, door in pairs(doors) do
    if door.id == id then
      require("zeke.complete.ask").cancel()
      door.answer(nil)
    end
  end
end

---@param dispatchers table
---@return table
local function server(dispatchers)
  local closing, last = false, 0
  local function exit()
    if not closing then
      closing = true
      doors = {}
      vim.schedule(function()
        dispatchers.on_exit(0, 0)
      end)
    end
  end
  return {
    request = function(method, params, reply, over)
      last = last + 1
      if method == "initialize" then
        local capabilities = { positionEncoding = "utf-8", inlineCompletionProvider = true }
        reply(nil, { capabilities = capabilities, serverInfo = { name = NAME } })
      elseif method == "textDocument/inlineCompletion" then
        opened(params, last, reply, over)
      else
        reply(nil, nil)
      end
      return true, last
    end,
    notify = function(method, params)
      if method == "$/cancelRequest" then
        cancelled(params.id)
      elseif method == "exit" then
        exit()
      end
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = exit,
  }
end

---@return boolean
local function usable()
  local config = require("zeke.config").get()
  return config.complete.lsp and not config.ui.plain and vim.lsp.inline_completion ~= nil
end

---@param buffer integer
---@return boolean
function M.attached(buffer)
  return client ~= nil and vim.lsp.buf_is_attached(buffer, client)
end

---@param buffer integer
---@return boolean fresh Neovim has just been told of it, and has not asked yet
function M.attach(buffer)
  if not usable() or M.attached(buffer) then
    return false
  end
  client = vim.lsp.start({ name = NAME, cmd = server }, {
    bufnr = buffer,
    silent = true,
    reuse_client = function(known)
      return known.id == client and not known:is_stopped()
    end,
  })
  if client and not vim.lsp.inline_completion.is_enabled({ bufnr = buffer }) then
    switched[buffer] = true
    vim.lsp.inline_completion.enable(true, { bufnr = buffer })
  end
  return client ~= nil
end

---@param buffer integer
function M.detach(buffer)
  if not M.attached(buffer) then
    return
  end
  M.clear(buffer)
  doors[buffer] = nil
  if switched[buffer] then
    switched[buffer] = nil
    vim.lsp.inline_completion.enable(false, { bufnr = buffer })
  end
  vim.lsp.buf_detach_client(buffer, client --[[@as integer]])
end

---@param suggestion zeke.Suggestion
---@return table item
local function item(suggestion)
  local line = api.nvim_win_get_cursor(0)[1] - 1
  return {
    insertText = suggestion.texts[suggestion.index] .. suggestion.after,
    -- To the end of the line, so that what stands behind the cursor is shown behind it.
    range = {
      start = { line = suggestion.row, character = suggestion.col },
      ["end"] = { line = line, character = #api.nvim_get_current_line() },
    },
  }
end

---@param suggestion zeke.Suggestion
---@return boolean done false: Neovim has not asked here
function M.paint(suggestion)
  local door = doors[suggestion.buffer]
  if not door or not M.attached(suggestion.buffer) then
    return false
  end
  door.shows = true
  return (pcall(door.answer, { item(suggestion) }))
end

---@param buffer integer
function M.clear(buffer)
  local door = doors[buffer]
  if door and door.shows then
    door.shows = false
    pcall(door.answer, {})
  end
end

---Nothing belongs where Neovim asked.
---@param buffer integer
function M.nothing(buffer)
  local door = doors[buffer]
  if door then
    door.shows = true
    M.clear(buffer)
  end
end

return M
