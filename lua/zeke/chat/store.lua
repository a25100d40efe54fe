---A chat as a file: the conversation as it stands in the buffer, below a YAML head each value of
---which is JSON. One Neovim writes one file; a lock beside it says which.
local M = {}

local disk = require("zeke.chat.disk")
local lock = require("zeke.chat.lock")

local VERSION = 1
local MOST_BYTES = 64 * 1024 * 1024
local STALE_S = 3600
local HEAD = { "title", "created", "project", "places", "headings", "mentions", "agent" }

---@class zeke.ChatFile
---@field title string
---@field created integer seconds since 1970
---@field project string
---@field places string[] paths whose text may stand in it
---@field headings integer[]? rows of `lines`, from 1
---@field receipts table[] of the answers in order; an empty one where nothing is known
---@field mentions any what those of each question meant (`zeke.SavedMeaning[]`)
---@field agent zeke.SavedAgent? who answered
---@field lines string[]

---@return string
function M.directory()
  return vim.fs.joinpath(vim.fn.stdpath("state") --[[@as string]], "zeke", "chats")
end

---@param id string
---@return string
function M.path(id)
  return vim.fs.joinpath(M.directory(), id .. ".md")
end

---@return string id nobody has
function M.id()
  local random = vim.uv.random(3) or tostring(vim.uv.hrtime())
  local tail = random:gsub(".", function(byte)
    return ("%02x"):format(byte:byte())
  end)
  return os.date("!%Y%m%dT%H%M%SZ-") .. tail:sub(-6)
end

---@param file zeke.ChatFile
---@return string
function M.encode(file)
  local head = { "---", "zeke: " .. VERSION }
  for _, name in ipairs(HEAD) do
    head[#head + 1] = file[name] and name .. ": " .. vim.json.encode(file[name])
  end
  head[#head + 1] = "receipts:"
  for _, receipt in ipairs(file.receipts) do
    local known = next(receipt) and receipt or vim.empty_dict()
    head[#head + 1] = "- " .. vim.json.encode(known)
  end
  head[#head + 1] = "---"
  local lines = vim.list_extend(head, file.lines)
  for index, line in ipairs(lines) do
    if line:find("\n", 1, true) then
      lines[index] = line:gsub("\n", "\0") -- so Neovim writes NUL in a line
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

---@param text string
---@return any
local function json(text)
  local ok, value = pcall(vim.json.decode, text, { luanil = { object = true, array = true } })
  return ok and value or nil
end

---@param lines string[]
---@return table<string, any> head
---@return integer last line of it
local function head_of(lines)
  local head = { receipts = {} }
  for index = 2, #lines do
    local line = lines[index]
    local name, value = line:match("^(%l+): ?(.*)$")
    if line == "---" then
      return head, index
    elseif line:sub(1, 2) == "- " then
      table.insert(head.receipts, json(line:sub(3)) or {})
    elseif name and name ~= "receipts" then
      head[name] = json(value or "")
    end
  end
  return head, #lines
end

---@param value any of the head
---@return zeke.SavedAgent?
local function agent_of(value)
  local agent = type(value) == "table" and value or {}
  local command = agent.command
  local is_command = type(command) == "table"
    and #command > 0
    and vim.iter(command):all(function(word)
      return type(word) == "string"
    end)
  if type(agent.name) ~= "string" or agent.name == "" or (command ~= nil and not is_command) then
    return nil
  end
  return {
    name = agent.name,
    id = type(agent.id) == "string" and agent.id or nil,
    command = command,
  }
end

---@param text string perhaps only the beginning
---@return zeke.ChatFile? file nil: it is not one of ours
function M.decode(text)
  local lines = vim.split(text, "\n", { plain = true })
  if lines[1] ~= "---" or lines[2] ~= "zeke: " .. VERSION then
    return nil
  end
  local head, last = head_of(lines)
  -- Without its places nobody knows who may read it.
  if type(head.places) ~= "table" or not vim.islist(head.places) then
    return nil
  end
  if lines[#lines] == "" then
    lines[#lines] = nil
  end
  local body = vim.list_slice(lines, last + 1)
  for index, line in ipairs(body) do
    body[index] = line:gsub("%z", "\n")
  end
  return {
    title = tostring(head.title or ""),
    created = tonumber(head.created) --[[@as integer?]] or os.time(),
    project = tostring(head.project or ""),
    places = head.places,
    headings = head.headings,
    mentions = head.mentions,
    agent = agent_of(head.agent),
    receipts = head.receipts,
    lines = body,
  }
end

---@param path string
---@param done fun(file: zeke.ChatFile?)
function M.read(path, done)
  disk.read(path, MOST_BYTES, function(problem, text)
    done(not problem and M.decode(text or "") or nil)
  end)
end

---@param id string
---@return string
local function lock_of(id)
  return vim.fs.joinpath(M.directory(), id .. ".lock")
end

---@param id string
---@param done fun(ours: boolean) false: another Neovim has it open
function M.lock(id, done)
  local path = lock_of(id)
  disk.make(path, lock.holder(), function(made)
    if made then
      return done(true)
    end
    disk.read(path, 1024, function(_, text)
      if lock.alive(text or "") then
        return done(false)
      end
      disk.remove(path, function()
        disk.make(path, lock.holder(), done)
      end)
    end)
  end)
end

---Of a Neovim that ends, or of a chat that is closed.
---@param id string
function M.unlock(id)
  vim.uv.fs_unlink(lock_of(id))
end

---Delete what is beyond the number of chats that are kept, and what a crash has left.
---@param open table<string, any> by id: never deleted
function M.sweep(open)
  local keep = require("zeke.config").get().chat.keep
  local directory = M.directory()
  disk.list(directory, ".tmp", function(halves)
    for _, half in ipairs(halves) do
      if half.changed < os.time() - STALE_S then
        disk.remove(vim.fs.joinpath(directory, half.name))
      end
    end
  end)
  if keep <= 0 then
    return
  end
  disk.list(directory, ".lock", function(locks)
    local locked = {}
    for _, one in ipairs(locks) do
      locked[one.name:sub(1, -6)] = true
    end
    disk.list(directory, ".md", function(chats)
      for index = keep + 1, #chats do
        local id = chats[index].name:sub(1, -4)
        if not open[id] and not locked[id] then
          disk.remove(M.path(id))
        end
      end
    end)
  end)
end

return M
