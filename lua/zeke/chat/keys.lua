---The keys of a chat's buffer, and the window that lists them.
local M = {}

local api = vim.api
local blocks = require("zeke.chat.blocks")
local conversation = require("zeke.chat.conversation")
local headings = require("zeke.chat.headings")
local scratch = require("zeke.scratch")

---@param heading zeke.Heading?
---@param following zeke.Heading?
---@param row integer
---@return zeke.Block? the nearest one between them
---@return integer row of it
local function block_of(heading, following, row)
  local first = heading and heading.row or 1
  local lines = api.nvim_buf_get_lines(0, first - 1, following and following.row - 1 or -1, false)
  if heading and heading.role == "assistant" then
    lines = vim.tbl_map(conversation.unquoted, lines)
  end
  local is_file = require("zeke.chat.apply").is_file(api.nvim_get_current_buf())
  local found = blocks.at(blocks.find(lines, is_file), row - first + 1)
  return found, found and first - 1 + found.first or row
end

---@return zeke.Block? in the turn at the cursor; in the input, where none is, the last one above it
---@return integer row of it
local function block()
  local row = api.nvim_win_get_cursor(0)[1]
  local heading, following = headings.around(0, row)
  local found, at = block_of(heading, following, row)
  local writes = heading and heading.row == require("zeke.chat.input").first(0)
  local above = writes and headings.all(0) or {}
  for index = #above - 1, 1, -1 do
    if not found and above[index].role == "assistant" then
      found, at = block_of(above[index], above[index + 1], row)
    end
  end
  if not found then
    local where = writes and "above." or "in this answer."
    require("zeke.notice").info("There is no code block " .. where)
  end
  return found, at
end

local function yank()
  local found = block()
  if found then
    vim.fn.setreg(vim.v.register, found.code, "V")
    local count = #found.code
    local lines = count == 1 and "1 line" or ("%d lines"):format(count)
    require("zeke.notice").info(("Yanked %s: `p` puts them."):format(lines))
  end
end

---@param chat zeke.Chat
---@param accept boolean
local function apply(chat, accept)
  local found, row = block()
  if found then
    local lines = api.nvim_buf_get_lines(0, 0, -1, false)
    local attached = chat.sent:attached(chat:said(lines), row)
    require("zeke.chat.apply").run(found, attached, { accept = accept, chat = chat.buffer })
  end
end

---@return integer row from 0, of the heading of the answer that is meant: the one at the cursor, or
---to the question there, or the last one
local function heading()
  local row = api.nvim_win_get_cursor(0)[1]
  local here, following = headings.around(0, row)
  local meant = here and here.role == "assistant" and here or following
  for _, one in ipairs(meant and {} or headings.all(0)) do
    meant = one.role == "assistant" and one or meant
  end
  return (meant and meant.row or 0) - 1
end

---@param chat zeke.Chat
local function why(chat)
  local deeds = require("zeke.agents.keys")
  if deeds.show(chat) then
    return
  end
  local row = heading()
  local lines = require("zeke.chat.margin").why(chat.buffer, row) or {}
  vim.list_extend(lines, deeds.details(chat, row))
  for _, words in ipairs(chat.sent:words(row)) do
    lines[#lines + 1] = "Sent: " .. words
  end
  if #lines == 0 then
    return require("zeke.notice").info("Nothing is known of this answer yet.")
  end
  local panel = require("zeke.panel").open("chat-why", "Zeke: this answer")
  panel:show(vim.tbl_map(function(text)
    return { text = text }
  end, lines))
end

---@param back boolean
local function turn(back)
  local row = api.nvim_win_get_cursor(0)[1]
  local rows = vim.tbl_map(function(one)
    return one.row
  end, headings.all(0))
  rows = vim.tbl_filter(function(at)
    return back and at < row or not back and at > row
  end, rows)
  local count = math.min(vim.v.count1, #rows)
  if count > 0 then
    vim.cmd("normal! m'") -- As with Neovim's own, the place before goes to the jumplist.
    api.nvim_win_set_cursor(0, { back and rows[#rows + 1 - count] or rows[count], 0 })
  end
end

---@param chat zeke.Chat
---@param back integer
local function recall(chat, back)
  chat.recall = require("zeke.chat.prompts").recall(chat.buffer, chat.recall, back)
end

---@class zeke.ChatKey
---@field keys string
---@field modes string[]
---@field does string
---@field run fun(chat: zeke.Chat)

---@type zeke.ChatKey[]
local KEYS = {
  {
    keys = "<CR>",
    modes = { "n" },
    does = "send",
    run = function(chat)
      chat:send()
    end,
  },
  {
    keys = "<C-s>",
    modes = { "i" },
    does = "send",
    run = function(chat)
      chat:send()
    end,
  },
  {
    keys = "<C-c>",
    modes = { "n" },
    does = "stop the answer",
    run = function(chat)
      chat:stop()
    end,
  },
  {
    keys = "<C-Up>",
    modes = { "n", "i" },
    does = "an earlier question, into the input",
    run = function(chat)
      recall(chat, 1)
    end,
  },
  {
    keys = "<C-Down>",
    modes = { "n", "i" },
    does = "a later one",
    run = function(chat)
      recall(chat, -1)
    end,
  },
  {
    keys = "]]",
    modes = { "n", "x", "o" },
    does = "next turn",
    run = function()
      turn(false)
    end,
  },
  {
    keys = "[[",
    modes = { "n", "x", "o" },
    does = "previous turn",
    run = function()
      turn(true)
    end,
  },
  { keys = "gy", modes = { "n" }, does = "yank the code block", run = yank },
  {
    keys = "gD",
    modes = { "n" },
    does = "show what the code block would change, as a diff",
    run = function(chat)
      apply(chat, false)
    end,
  },
  {
    keys = "gA",
    modes = { "n" },
    does = "apply the code block to its file",
    run = function(chat)
      apply(chat, true)
    end,
  },
  {
    keys = "K",
    modes = { "n" },
    does = "model, why, cost of the answer; all of a call",
    run = why,
  },
}

---@param chat zeke.Chat
---@return zeke.ChatKey[]
local function keys_of(chat)
  local deeds = require("zeke.agents.keys")
  local keys = vim.list_extend(vim.list_slice(KEYS), deeds.DEEDS)
  return chat.agent and vim.list_extend(keys, deeds.KEYS) or keys
end

---@param chat zeke.Chat
local function list(chat)
  local panel = require("zeke.panel").open("chat-keys", "Zeke chat: keys")
  local lines = {}
  for _, key in ipairs(keys_of(chat)) do
    local mode = key.modes[1] == "i" and "  (while you write)" or ""
    lines[#lines + 1] = { text = ("%-9s %s%s"):format(key.keys, key.does, mode) }
  end
  lines[#lines + 1] = { text = ("%-9s %s"):format("g?", "this list") }
  panel:show(lines)
end

---Set them, and again when an agent is there.
---@param chat zeke.Chat
function M.set(chat)
  for _, key in ipairs(keys_of(chat)) do
    vim.keymap.set(key.modes, key.keys, function()
      key.run(chat)
    end, {
      buffer = chat.buffer,
      nowait = true,
      silent = true,
      desc = "Zeke: " .. key.does,
    })
  end
  scratch.map(chat.buffer, "g?", function()
    list(chat)
  end, "the keys of a chat")
end

return M
