---The settings of this Neovim: `vim.g.zeke`, over it `setup()`, over it nothing.
---What the person wrote goes to the broker as it is; the defaults here are the front's own.
local M = {}

local ANALYSES = { "quality", "security", "performance" }

local KEYS = {} ---@type table<string, string> those that have a default: they have their own time
for _, place in pairs(require("zeke.keys")) do
  for _, key in ipairs(place) do
    KEYS[key[1]] = key[2]
  end
end

---@param tree table
---@param name string with dots
---@param value any
local function plant(tree, name, value)
  local steps = vim.split(name, ".", { plain = true })
  for index = 1, #steps - 1 do
    tree[steps[index]] = tree[steps[index]] or {}
    tree = tree[steps[index]]
  end
  tree[steps[#steps]] = value
end

local SCHEMA, DEFAULTS = {}, { keymaps = KEYS } ---@type table, table
for _, option in ipairs(require("zeke.options")) do
  plant(SCHEMA, option[1], option)
  if option.default ~= nil then
    plant(DEFAULTS, option[1], option.default)
  end
end

local given ---@type zeke.Settings?
local merged ---@type zeke.Config?

M.analyses = ANALYSES

-- Of a name, this much may be wrong for another to be what was meant.
local WRONG = 0.4
local PART = 3 -- letters that are in few names by chance

---Edits (insert, delete, replace, swap neighbours) from one word to another.
---@param a string
---@param b string
---@return integer
local function distance(a, b)
  local above, row = {}, {} ---@type table<integer, integer>, table<integer, integer>
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local now = { [0] = i } ---@type table<integer, integer>
    for j = 1, #b do
      local replaced = row[j - 1] + (a:byte(i) == b:byte(j) and 0 or 1)
      now[j] = math.min(row[j] + 1, now[j - 1] + 1, replaced)
      if i > 1 and j > 1 and a:sub(i - 1, i) == b:sub(j - 1, j):reverse() then
        now[j] = math.min(now[j], above[j - 2] + 1)
      end
    end
    above, row = row, now
  end
  return row[#b]
end

---Which known name may have been meant. One that is far from the word is no help. The broker has
---the same rule in its own terms (`zeke_bridge/model/likeness.py`): large and small letters are the
---same.
---@param word string
---@param known string[]
---@return string? name that is like the word; else one that has it in it; nil: there is none
---@return number wrong how much of it, 0 to 1
function M.nearest(word, known)
  local best, least = nil, WRONG ---@type string?, number
  word = word:lower()
  for _, candidate in ipairs(known) do
    local wrong = distance(word, candidate:lower()) / math.max(#word, #candidate, 1)
    if wrong < least or wrong == least and not best then
      best, least = candidate, wrong
    end
  end
  if best or #word < PART then
    return best, least
  end
  for _, candidate in ipairs(known) do
    if candidate:lower():find(word, 1, true) and (not best or #candidate < #best) then
      best = candidate
    end
  end
  return best, 1
end

---@param action string
---@return boolean placed its key is there only while there is something to use it on
function M.placed(action)
  return KEYS[action] ~= nil
end

---What a key may be given to: whatever there is a <Plug> map for, and what has its own time.
---@return table<string, zeke.Option>
local function actions()
  if not vim.g.loaded_zeke then
    vim.cmd.runtime("plugin/zeke.lua") -- asked before Neovim has come to it
  end
  local names = vim.tbl_keys(KEYS)
  for _, mode in ipairs({ "n", "x", "i" }) do
    for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
      local name = (map.lhs or ""):match("^<Plug>%(zeke%-(.+)%)$")
      if name then
        names[#names + 1] = (name:gsub("%-", "_"))
      end
    end
  end
  local found = {}
  for _, name in ipairs(names) do
    found[name] = { "keymaps." .. name, "string" }
  end
  return found
end

---A mistake may have been about what is allowed: until it is mended, nothing is allowed by rule.
local STRICT = {
  enable_consent = true,
  auto_approve_read = false,
  auto_approve_write = false,
  auto_approve_patterns = {},
}
---And agents are kept as short as can be.
local CONTAINED = {
  contain = true,
  chat_tools = false,
  limits = { steps = 10, tokens = 20000, cost = 0.1 },
}
local HARMLESS = { "setup()", "keymaps", "ui", "chat", "complete", "review", "batch", "python" }
local closed = {} ---@type table<string, "all"|"agents"|nil> by where the mistake is
local CLOSED = "Until %s is mended, GhostWarden asks about everything."
local CLOSED_AGENTS = "Until %s is mended, GhostWarden asks about everything, %sagents are "
  .. "contained, and chats have no tools."
local UNUSED = "that table is not used, "
local MOST = 3 -- mistakes that are shown at once

---@param setting string
---@return boolean
local function of_agents(setting)
  return vim.list_contains({ "agents", "mcp" }, setting:match("^[^.]+"))
end

---@param problems string[]
---@return "all"|"agents"|nil closed because one of them might have forbidden something
---@return string? said about it
local function might_forbid(problems)
  local found ---@type string?
  for _, problem in ipairs(problems) do
    local unknown = problem:match("^Unknown setting ([^%s:]+)")
    local setting = (unknown or problem:match("^%S+") or ""):gsub("%.$", "")
    local meant = problem:match("did you mean (.+)%?$") or ""
    if of_agents(setting) or of_agents(meant) then
      local unused = (of_agents(setting) or not meant:find(".", 1, true)) and UNUSED or ""
      return "agents", CLOSED_AGENTS:format(setting, unused)
    elseif not vim.list_contains(HARMLESS, setting:match("^[^.]+")) then
      found = found or setting
    end
  end
  return found and "all", found and CLOSED:format(found)
end

---@param problems string[]
local function tell(problems)
  local notice = require("zeke.notice")
  local most = #problems > MOST and MOST - 1 or MOST
  for index, problem in ipairs(problems) do
    if index <= most then
      notice.error(problem)
    else
      notice.keep(problem)
    end
  end
  if #problems > most then
    notice.error(("%d more mistakes: `:Zeke messages` has them."):format(#problems - most))
  end
end

---@param settings any
---@param from string where they are from
---@return boolean ok
local function take(settings, from)
  local notice = require("zeke.notice")
  if type(settings) ~= "table" then
    notice.error(("%s takes a table, not a %s."):format(from, type(settings)))
    return false
  end
  SCHEMA.keymaps = settings.keymaps and actions() or {}
  local good, problems = require("zeke.config.check").settings(settings, SCHEMA)
  tell(problems)
  local closing, said = might_forbid(problems)
  closed[from] = closing
  if said then
    notice.warn(said)
  end
  given = vim.tbl_deep_extend("force", given or {}, good)
  merged = nil
  return #problems == 0
end

local function load()
  if given == nil then
    given = {}
    if vim.g.zeke ~= nil then
      take(vim.g.zeke, "vim.g.zeke")
    end
  end
  require("zeke").settle()
end

---@param settings any
---@return boolean ok false: something in it was wrong, the person knows, and the rest of it counts
function M.setup(settings)
  load()
  return take(settings, "setup()")
end

---Take back what `given` was before.
---@param settings table
function M.replace(settings)
  given, merged = settings, nil
end

---@return zeke.Settings settings what the person wrote, without defaults
function M.given()
  load()
  if next(closed) then
    local strict = { ghostllm = STRICT } ---@type table
    strict.agents = vim.list_contains(vim.tbl_values(closed), "agents") and CONTAINED or nil
    return vim.tbl_deep_extend("force", given --[[@as table]], strict) --[[@as zeke.Settings]]
  end
  return given --[[@as zeke.Settings]]
end

---@return zeke.Config
function M.get()
  load()
  merged = merged or vim.tbl_deep_extend("force", DEFAULTS, M.given()) --[[@as zeke.Config]]
  return merged
end

return M
