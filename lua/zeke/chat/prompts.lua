---What was asked before, in this chat and in others, to be asked again.
local M = {}

local disk = require("zeke.chat.disk")
local input = require("zeke.chat.input")

local MOST = 200
local MOST_BYTES = 1024 * 1024

local asked = {} ---@type string[] oldest first
local loaded = false

---@return string
local function path()
  return vim.fs.joinpath(require("zeke.chat.store").directory(), "prompts.jsonl")
end

---@param text string
local function add(text)
  for index = #asked, 1, -1 do
    if asked[index] == text then
      table.remove(asked, index)
    end
  end
  asked[#asked + 1] = text
  if #asked > MOST then
    table.remove(asked, 1)
  end
end

---Read what other Neovims have kept, once.
function M.load()
  if loaded then
    return
  end
  loaded = true
  disk.read(path(), MOST_BYTES, function(_, text)
    local new = asked
    asked = {}
    local lines = vim.split(text or "", "\n", { plain = true, trimempty = true })
    for _, line in ipairs(lines) do
      local ok, prompt = pcall(vim.json.decode, line)
      if ok and type(prompt) == "string" then
        add(prompt)
      end
    end
    vim.tbl_map(add, new)
    if #lines > 2 * MOST then
      local kept = vim.tbl_map(vim.json.encode, asked)
      disk.replace(path(), table.concat(kept, "\n") .. "\n", function() end)
    end
  end)
end

---@param text string
function M.keep(text)
  if asked[#asked] == text then
    return
  end
  add(text)
  if require("zeke.config").get().chat.save then
    disk.append(path(), vim.json.encode(text) .. "\n")
  end
end

---@return string[] oldest first
function M.all()
  return asked
end

---@class zeke.Recall
---@field at integer how many back; 0: the draft
---@field draft string
---@field shown string what it has put into the input

---@param buffer integer
---@param state zeke.Recall?
---@param back integer 1: an older one, -1: a newer one
---@return zeke.Recall?
function M.recall(buffer, state, back)
  local draft = input.get(buffer)
  if not state or state.shown ~= draft then
    state = { at = 0, draft = draft, shown = draft }
  end
  local at = state.at + back
  if at < 0 or at > #asked then
    return state
  end
  local text = at == 0 and state.draft or asked[#asked + 1 - at]
  input.step(buffer)
  input.set(buffer, text)
  input.enter(buffer)
  return { at = at, draft = state.draft, shown = vim.trim(text) }
end

return M
