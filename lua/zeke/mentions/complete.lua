---Completion of what follows an `@`: for omnifunc here, for nvim-cmp and blink.cmp in their own
---modules. Never waits: names that the broker has to be asked for are there the next time, and
---an omnifunc menu that is still wanted then is shown again.
local M = {}

local api = vim.api
local mentions = require("zeke.mentions")

M.OMNIFUNC = "v:lua.require'zeke.mentions.complete'.omnifunc"
local MOST = 200
local WIDE = 120 -- columns that have room for what is said beside the menu

---@class zeke.Candidate
---@field word string
---@field menu string?

---@class zeke.Completion
---@field start integer the `@`, in bytes from 0
---@field items {word: string, abbr: string, kind: string, menu: string, info: string}[]

---@param line string up to the cursor
---@return integer? start, string? kind, string typed
local function typed(line)
  local start, _, kind, text = line:find('@(%a+):"([^"]*)$')
  if not start then
    start, _, kind, text = line:find('@(%a+):([^%s"]*)$')
  end
  if not start then
    start, _, text = line:find('@([^%s"@]*)$')
  end
  local before = start and line:sub(start - 1, start - 1) or ""
  local _, ticks = line:sub(1, (start or 1) - 1):gsub("`", "")
  if not start or before:find("^[%w_@/.\\%-]$") or ticks % 2 == 1 then
    return nil, nil, ""
  end
  return start - 1, kind, text or ""
end

---@param candidates zeke.Candidate[]
---@param text string
---@return zeke.Candidate[] those that fit, best first
local function fitting(candidates, text)
  if text == "" then
    return vim.list_slice(candidates, 1, MOST)
  end
  local first, rest = {}, {} ---@type zeke.Candidate[], zeke.Candidate[]
  for _, candidate in ipairs(candidates) do
    local target = vim.startswith(candidate.word, text) and first or rest
    target[#target + 1] = candidate
  end
  if #first < MOST and #rest > 0 then
    vim.list_extend(first, vim.fn.matchfuzzy(rest, text, { key = "word", limit = MOST }))
  end
  return vim.list_slice(first, 1, MOST)
end

---@param kind string
---@param text string
---@param origin zeke.Standpoint
---@return table[]
local function arguments(kind, text, origin)
  local module = mentions.kind(kind)
  local items = {}
  for _, candidate in ipairs(fitting(module.arguments and module.arguments(origin) or {}, text)) do
    local argument = require("zeke.mentions.grammar").written(candidate.word)
    items[#items + 1] = argument
      and {
        word = ("@%s:%s"):format(kind, argument),
        abbr = candidate.word,
        kind = kind,
        menu = candidate.menu or "",
        info = "",
      }
  end
  return items
end

---@param text string
---@return table[]
local function kinds(text)
  local items = {}
  for _, kind in ipairs(require("zeke.mentions.grammar").KINDS) do
    local module = mentions.kind(kind)
    if vim.startswith(kind, text) then
      local needs = kind == "file" or kind == "symbol"
      items[#items + 1] = {
        word = ("@%s%s"):format(kind, needs and ":" or ""),
        abbr = "@" .. kind,
        kind = "mention",
        menu = module.about:match("^[^:;,]*"),
        info = vim.o.columns >= WIDE and module.about or nil,
      }
    end
  end
  return items
end

---@param line string up to the cursor
---@param origin zeke.Standpoint
---@return zeke.Completion? nil: nothing is mentioned here
function M.items(line, origin)
  local start, kind, text = typed(line)
  if not start then
    return nil
  end
  if kind and vim.list_contains(require("zeke.mentions.grammar").KINDS, kind) then
    return { start = start, items = arguments(kind, text, origin) }
  elseif kind then
    return nil
  end
  local items = kinds(text)
  if #text > 0 then
    vim.list_extend(items, arguments("file", text, origin))
  end
  return { start = start, items = items }
end

---Like `items`, once what has to be asked for is there.
---@param line string up to the cursor
---@param origin zeke.Standpoint
---@param done fun(completion: zeke.Completion?)
---@return fun() cancel
function M.later(line, origin, done)
  local cancelled = false
  local start, kind = typed(line)
  local function finish()
    if not cancelled then
      done(M.items(line, origin))
    end
  end
  if not start then
    done(nil)
  elseif kind == "symbol" and origin.buffer then
    if not require("zeke.mentions.symbols").prepare(origin.buffer, finish) then
      finish()
    end
  else
    require("zeke.mentions.places").refresh(origin.base, finish)
  end
  return function()
    cancelled = true
  end
end

---@return zeke.Standpoint
function M.origin()
  return require("zeke.chat.home").standpoint(api.nvim_get_current_buf())
end

local shown = false -- a menu of ours was open when the last key came

---Show the menu again with what has come meanwhile, if it is still wanted.
---@param line string
---@param buffer integer
local function again(line, buffer)
  M.later(line, M.origin(), function(completion)
    local column = api.nvim_win_get_cursor(0)[2]
    local here = api.nvim_get_current_buf() == buffer and api.nvim_get_mode().mode:find("^i")
    local same = here and api.nvim_get_current_line():sub(1, column) == line
    if same and completion and #completion.items > 0 then
      shown = true
      vim.fn.complete(completion.start + 1, completion.items)
    end
  end)
end

---A `/` ends Neovim's own menu, as no word has one. Within a path it goes on.
---@param buffer integer
local function reopen(buffer)
  if not shown or vim.fn.pumvisible() == 1 then
    return
  end
  shown = false
  local line = api.nvim_get_current_line():sub(1, api.nvim_win_get_cursor(0)[2])
  if line:sub(-1) == "/" and typed(line) then
    again(line, buffer)
  end
end

---@param line string up to the cursor
---@return table[]? commands of an agent, where such a one can be typed
local function commands(line)
  local agents = package.loaded["zeke.agents.link"] ~= nil
  return agents and require("zeke.agents.menu").completion(api.nvim_get_current_buf(), line) or nil
end

---@param findstart integer
---@param base string
---@return integer|table[]
function M.omnifunc(findstart, base)
  local column = api.nvim_win_get_cursor(0)[2]
  local line = api.nvim_get_current_line():sub(1, column)
  local offered = commands(findstart == 1 and line or line .. base)
  if offered then
    return findstart == 1 and 0 or offered
  end
  if findstart == 1 then
    local start, kind = typed(line)
    if not start then
      return -3
    end
    local from = M.origin().base
    if kind == "symbol" or not require("zeke.mentions.places").ready(from) then
      local buffer = api.nvim_get_current_buf()
      vim.schedule(function()
        again(line, buffer)
      end)
    else
      require("zeke.mentions.places").refresh(from)
    end
    return start
  end
  -- By now Neovim has taken the base out of the line.
  local completion = M.items(line .. base, M.origin())
  shown = completion ~= nil and #completion.items > 0
  return completion and completion.items or {}
end

---Make a buffer of ours complete what is mentioned in it.
---@param buffer integer
function M.attach(buffer)
  vim.bo[buffer].omnifunc = M.OMNIFUNC
  local group = api.nvim_create_augroup("zeke-mentions", { clear = false })
  api.nvim_create_autocmd("TextChangedI", {
    group = group,
    buffer = buffer,
    callback = function()
      reopen(buffer)
    end,
  })
  api.nvim_create_autocmd("CompleteDone", {
    group = group,
    buffer = buffer,
    callback = function()
      local reason = vim.v.event.reason
      shown = shown and reason ~= "accept" and reason ~= "cancel"
    end,
  })
  api.nvim_create_autocmd("InsertEnter", {
    group = group,
    buffer = buffer,
    -- Many have nvim-cmp loaded by this very event.
    callback = vim.schedule_wrap(function()
      require("zeke.mentions.cmp").register()
    end),
  })
end

---@return boolean whether the current buffer is one that was attached
function M.attached()
  return vim.bo.omnifunc == M.OMNIFUNC
end

return M
