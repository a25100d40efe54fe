---The settings of this Neovim: `vim.g.zeke`, over it `setup()`, over it nothing.
---What the person wrote goes to the broker as it is; the defaults here are the front's own.
local M = {}

local ANALYSES = { "quality", "security", "performance" }

local ACTIONS = {}
for _, action in ipairs({
  "chat",
  "explain",
  "edit",
  "analyze",
  "findings",
  "create",
  "test",
  "refactor",
  "context",
  "terminal",
  "history",
  "review",
  "changes",
  "prompt",
  "complete",
  "model",
  "status",
  "providers",
  "consents",
  "cancel",
  "auth",
  "ghostllm",
  "log",
}) do
  ACTIONS[action] = "string"
end

local KEYS = {} ---@type table<string, string> those that have a default: they have their own time
for _, place in pairs(require("zeke.keys")) do
  for _, key in ipairs(place) do
    KEYS[key[1]], ACTIONS[key[1]] = key[2], "string"
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

-- A string names a type ("a|b": one of two), a list the allowed values, a map the keys below.
local SCHEMA, DEFAULTS = { keymaps = ACTIONS }, { keymaps = KEYS } ---@type table, table
for _, option in ipairs(require("zeke.options")) do
  plant(SCHEMA, option[1], option[2])
  if option.default ~= nil then
    plant(DEFAULTS, option[1], option.default)
  end
end

local given ---@type zeke.Settings?
local merged ---@type zeke.Config?

M.analyses = ANALYSES

---Edits (insert, delete, replace) from one word to another.
---@param a string
---@param b string
---@return integer
local function distance(a, b)
  local row = {} ---@type table<integer, integer>
  for j = 0, #b do
    row[j] = j
  end
  for i = 1, #a do
    local corner
    corner, row[0] = row[0], i
    for j = 1, #b do
      local replaced = corner + (a:byte(i) == b:byte(j) and 0 or 1)
      corner, row[j] = row[j], math.min(row[j] + 1, row[j - 1] + 1, replaced)
    end
  end
  return row[#b]
end

---@param word string
---@param known string[] one at least
---@return string name, number edits
function M.nearest(word, known)
  local best, least = known[1], math.huge
  for _, candidate in ipairs(known) do
    local edits = distance(word, candidate)
    if edits < least then
      best, least = candidate, edits
    end
  end
  return best, least
end

---@param value any
---@return boolean
local function plain(value)
  if type(value) ~= "table" then
    return vim.tbl_contains({ "string", "number", "boolean" }, type(value))
  end
  return vim.iter(value):all(function(...)
    return plain((select(select("#", ...), ...)))
  end)
end

---@param kind string
---@param value any
---@return boolean
local function is(kind, value)
  for one in kind:gmatch("[^|]+") do
    if type(value) == one then
      return true
    end
  end
  return false
end

---@param action string
---@return boolean placed its key is there only while there is something to use it on
function M.placed(action)
  return KEYS[action] ~= nil
end

---@param value any
---@param schema string|table
---@param name string
---@return string? problem
local function check(value, schema, name)
  if type(schema) == "string" then
    if not is(schema, value) then
      local wanted = schema:gsub("|", " or a ")
      return ("%s must be a %s, not a %s."):format(name, wanted, type(value))
    elseif not plain(value) then
      return ("%s may hold text, numbers, true and false only."):format(name)
    end
  elseif vim.islist(schema) then
    if not vim.tbl_contains(schema, value) then
      return ("%s must be one of: %s."):format(name, table.concat(schema, ", "))
    end
  elseif type(value) ~= "table" then
    return ("%s must be a table, not a %s."):format(name, type(value))
  else
    local prefix = name == "" and "" or name .. "."
    for key, below in pairs(value) do
      local known = schema[key]
      if known == nil then
        local names = vim.tbl_keys(schema)
        table.sort(names)
        local near = M.nearest(tostring(key), names)
        return ("Unknown setting %s%s: did you mean %s%s?"):format(prefix, key, prefix, near)
      end
      local problem = check(below, known, prefix .. key)
      if problem then
        return problem
      end
    end
  end
end

---@param settings any
---@return boolean ok
local function take(settings)
  local problem
  if type(settings) ~= "table" then
    problem = ("setup() takes a table, not a %s."):format(type(settings))
  else
    problem = check(settings, SCHEMA, "")
    local filetypes = not problem and vim.tbl_get(settings, "complete", "filetypes")
    problem = filetypes and require("zeke.complete.policy").check(filetypes) or problem
  end
  if problem then
    require("zeke.notice").error(problem)
    return false
  end
  given = vim.tbl_deep_extend("force", given or {}, settings)
  merged = nil
  return true
end

local function load()
  if given == nil then
    given = {}
    take(vim.g.zeke or {})
  end
  require("zeke").settle()
end

---@param settings any
---@return boolean ok false: it was wrong, the person knows, and nothing changed
function M.setup(settings)
  load()
  return take(settings)
end

---Take back what `given` was before.
---@param settings table
function M.replace(settings)
  given, merged = settings, nil
end

---@return zeke.Settings settings what the person wrote, without defaults
function M.given()
  load()
  return given --[[@as zeke.Settings]]
end

---@return zeke.Config
function M.get()
  load()
  merged = merged or vim.tbl_deep_extend("force", DEFAULTS, M.given()) --[[@as zeke.Config]]
  return merged
end

return M
