---What was asked before, in this chat and in others, to be asked again. Each question goes with the
---places that its text comes from: whoever may not see those does not see it either.
local M = {}

local disk = require("zeke.chat.disk")
local input = require("zeke.chat.input")
local undo = require("zeke.chat.undo")

local MOST = 200
local MOST_BYTES = 1024 * 1024

---@class zeke.Prompt
---@field text string
---@field places string[]

local asked = {} ---@type zeke.Prompt[] oldest first
local loaded = false

---@return string
local function path()
  return vim.fs.joinpath(require("zeke.chat.store").directory(), "prompts.jsonl")
end

---@param prompt zeke.Prompt
local function add(prompt)
  local places = prompt.places
  for index = #asked, 1, -1 do
    if asked[index].text == prompt.text then
      places = vim.list_extend(table.remove(asked, index).places, places)
    end
  end
  table.sort(places)
  places = vim.fn.uniq(places) --[[@as string[] ]]
  asked[#asked + 1] = { text = prompt.text, places = places }
  if #asked > MOST then
    table.remove(asked, 1)
  end
end

---@param line string
---@return zeke.Prompt? prompt nil: without its places nobody knows who may read it
local function decoded(line)
  local ok, prompt = pcall(vim.json.decode, line)
  local whole = ok
    and type(prompt) == "table"
    and type(prompt.text) == "string"
    and vim.islist(prompt.places)
  return whole and { text = prompt.text, places = vim.tbl_map(tostring, prompt.places) } or nil
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
      local prompt = decoded(line)
      if prompt then
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
---@param places string[] where it comes from
function M.keep(text, places)
  local prompt = { text = text, places = places }
  local last = asked[#asked]
  add(vim.deepcopy(prompt))
  local known = last and last.text == text and vim.deep_equal(last.places, asked[#asked].places)
  if not known and require("zeke.config").get().chat.save then
    disk.append(path(), vim.json.encode(prompt) .. "\n")
  end
end

---@return zeke.Prompt[] oldest first
function M.all()
  return asked
end

---@class zeke.Recall
---@field at integer how many back; 0: the draft
---@field draft string
---@field drafted string[] places of the draft
---@field shown string what it has put into the input
---@field places string[] of what stands there

---@param buffer integer
---@param state zeke.Recall?
---@param back integer 1: an older one, -1: a newer one
---@return zeke.Recall?
function M.recall(buffer, state, back)
  local draft = input.get(buffer)
  if not state or state.shown ~= draft then
    -- What was recalled and changed is a draft now, and comes from there still.
    local from = state and draft ~= "" and state.places or {}
    state = { at = 0, draft = draft, drafted = from, shown = draft, places = from }
  end
  local at = state.at + back
  if at < 0 or at > #asked then
    return state
  end
  local prompt = asked[#asked + 1 - at]
  local text = at == 0 and state.draft or prompt.text
  undo.step(buffer)
  input.set(buffer, text)
  input.enter(buffer)
  return {
    at = at,
    draft = state.draft,
    drafted = state.drafted,
    shown = vim.trim(text),
    places = at == 0 and state.drafted or prompt.places,
  }
end

return M
