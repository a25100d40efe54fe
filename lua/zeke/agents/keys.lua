---The keys of a chat that are about its agent, and what it did.
local M = {}

local api = vim.api

---@param chat zeke.Chat
---@param row integer from 0
---@return zeke.AgentTurn?, zeke.ToolCall?
local function at(chat, row)
  for index = #chat.turns, 1, -1 do
    local turn = chat.turns[index]
    local call, heading = turn:at(row)
    if call or heading then
      return turn, call
    end
  end
end

---Scroll, so that what stands below the cursor's line is seen as far as there is room.
---@param row integer from 0
local function reveal(row)
  local below = { start_row = row + 1, end_row = row + 1 } -- Neovim counts them to the next line
  local last = row + 1 == api.nvim_buf_line_count(0)
  local height = last and 0 or api.nvim_win_text_height(0, below).fill
  local line = vim.fn.winline()
  local over = math.min(line + height - vim.fn.winheight(0), line - 1)
  if over > 0 then
    pcall(vim.cmd.normal, { over .. vim.keycode("<C-e>"), bang = true })
  end
end

---Fold or unfold what stands at the cursor; elsewhere it is Neovim's own.
---@param chat zeke.Chat
function M.toggle(chat)
  local row = api.nvim_win_get_cursor(0)[1] - 1
  local turn = at(chat, row)
  if turn and turn:toggle(row) then
    reveal(row)
  else
    pcall(vim.cmd.normal, { "za", bang = true })
  end
end

---@param lines zeke.Words[]
---@param name string
---@param title string
local function show(lines, name, title)
  local panel = require("zeke.panel").open(name, title)
  panel:show(vim.tbl_map(function(line)
    return { text = line[1], group = line[2] }
  end, lines))
end

---All of the tool call at the cursor.
---@param chat zeke.Chat
---@return boolean there is one
function M.show(chat)
  local _, call = at(chat, api.nvim_win_get_cursor(0)[1] - 1)
  if not call then
    return false
  end
  local words = require("zeke.agents.words")
  local lines = words.details(call)
  table.insert(lines, 1, { words.title(call), "ZekeTitle" })
  table.insert(lines, 2, { words.status(call) })
  show(lines, "agent-call", "Zeke: what was done")
  return true
end

---@param chat zeke.Chat
---@param row integer from 0, of the heading of an answer
---@return string[] what an agent did in it, beside its calls
function M.details(chat, row)
  local turn = at(chat, row)
  return vim.tbl_map(function(line)
    return line[1]
  end, turn and turn:details() or {})
end

---@param chat zeke.Chat
---@return zeke.TouchedFile[] of all answers, each with its last state
local function files(chat)
  local found, by_path = {}, {} ---@type zeke.TouchedFile[], table<string, integer>
  for _, turn in ipairs(chat.turns) do
    for _, file in ipairs(turn.files) do
      local index = by_path[file.path] or #found + 1
      found[index], by_path[file.path] = file, index
    end
  end
  return found
end

---@param chat zeke.Chat
---@param file zeke.TouchedFile
local function go(chat, file)
  local change = require("zeke.review").at(chat.agent and chat.agent:session(), file.path)
  if change then
    return require("zeke.review.visit").file(change)
  end
  local root = chat.agent and chat.agent:root() or chat.project
  local path = vim.startswith(file.path, "/") and file.path or vim.fs.joinpath(root, file.path)
  local data, problem = require("zeke.agents.place").show(path, 1)
  if not data then
    return require("zeke.notice").info(problem or "?")
  end
  api.nvim_set_current_win(data.window)
end

---The files that its agent has touched, to go there.
---@param chat zeke.Chat
function M.files(chat)
  local found = files(chat)
  if #found == 0 then
    return require("zeke.notice").info("No file was touched in this chat.")
  end
  local words = require("zeke.agents.words")
  local panel = require("zeke.panel").open("agent-files", "Zeke: files of this chat")
  local lines = vim.tbl_map(function(file)
    local line = words.file(file)
    return { text = line[1], group = line[2], item = file }
  end, found)
  lines[#lines + 1] = { text = "" }
  lines[#lines + 1] = { text = "<CR> goes there", group = "ZekeHint" }
  panel:show(lines)
  require("zeke.scratch").map(panel.buffer, "<CR>", function()
    local file = panel:item()
    if file then
      require("zeke.scratch").close(panel.buffer)
      go(chat, file)
    end
  end, "go there")
end

---@param what "modes"|"options"|"commands"
---@return fun(chat: zeke.Chat)
local function menu(what)
  return function(chat)
    require("zeke.agents.menu")[what](chat.agent)
  end
end

---@type zeke.ChatKey[]
M.KEYS = {
  { keys = "gm", modes = { "n" }, does = "mode of the agent", run = menu("modes") },
  { keys = "gM", modes = { "n" }, does = "model and options of the agent", run = menu("options") },
  { keys = "g/", modes = { "n" }, does = "commands of the agent", run = menu("commands") },
  {
    keys = "gs",
    modes = { "n" },
    does = "sessions that the agent remembers",
    run = function(chat)
      require("zeke.agents").sessions(chat.agent.name, chat)
    end,
  },
}

---Those of every chat.
---@type zeke.ChatKey[]
M.DEEDS = {
  { keys = "za", modes = { "n" }, does = "unfold or fold what was done", run = M.toggle },
  { keys = "gl", modes = { "n" }, does = "list the files that were touched", run = M.files },
}

return M
