---Whether the tables `agents` and `mcp` are what they may be: the person's own programs, and words
---of ours beside them. The broker has the same rules (`zeke_bridge/config/agents.py`).
local M = {}

---@class zeke.OwnProgram
---@field command string[] the program, then its arguments; no shell
---@field title string?
---@field env table<string, string>?
---@field pass_on string[]? names of variables of your environment that it gets too
---@field writes string[]? where it keeps what is its own: whole paths, which may begin with `~/`

---@class zeke.AgentLimits of one answer of the built-in assistant
---@field steps integer? answers of the model
---@field tokens integer?
---@field cost number? US dollars

local FIELDS = { "command", "env", "pass_on", "title", "writes" }
local FLAGS = { "chat_tools", "contain" }
local LIMITS = { "cost", "steps", "tokens" }
local NAME = "^[%w][%w._-]*$"

M.WORDS = { "chat_tools", "contain", "limits" } -- in `agents`, beside the programs

---@param value any
---@return boolean
local function is_list(value)
  return type(value) == "table"
    and vim.islist(value)
    and vim.iter(value):all(function(item)
      return type(item) == "string"
    end)
end

---@param value any
---@return boolean
local function are_places(value)
  return is_list(value)
    and vim.iter(value):all(function(place)
      return place:find("^~?/[^/]") ~= nil
    end)
end

---@param value any
---@return boolean
local function is_map(value)
  return type(value) == "table"
    and vim.iter(pairs(value)):all(function(key, item)
      return type(key) == "string" and type(item) == "string"
    end)
end

---@param name string
---@param known string[]
---@param above string
---@return string? problem
local function unknown(name, known, above)
  if not vim.list_contains(known, name) then
    local near = require("zeke.config").nearest(tostring(name), known)
    local meant = near and (": did you mean %s.%s?"):format(above, near)
      or (": it may have %s."):format(table.concat(known, ", "))
    return ("Unknown setting %s.%s%s"):format(above, name, meant)
  end
end

---@param value any
---@param name string
---@return string? problem
local function program(value, name)
  if type(value) ~= "table" then
    return ('%s must be a table, as in %s = { command = { "program" } }.'):format(name, name)
  end
  for key in pairs(value) do
    local problem = unknown(key, FIELDS, name)
    if problem then
      return problem
    end
  end
  local command = value.command
  if not is_list(command) or #command == 0 or command[1] == "" then
    return ("%s.command must be a list: the program, then its arguments."):format(name)
  elseif value.title ~= nil and type(value.title) ~= "string" then
    return ("%s.title must be a string."):format(name)
  elseif value.pass_on ~= nil and not is_list(value.pass_on) then
    return ("%s.pass_on must be a list of strings."):format(name)
  elseif value.env ~= nil and not is_map(value.env) then
    return ("%s.env must be a table from names to strings."):format(name)
  elseif value.writes ~= nil and not are_places(value.writes) then
    return ('%s.writes must be a list of whole paths, as in { "~/.npm" }.'):format(name)
  end
end

---@param value any
---@param name string
---@return string? problem
local function limits(value, name)
  if type(value) ~= "table" then
    return ("%s must be a table with %s."):format(name, table.concat(LIMITS, ", "))
  end
  for key, limit in pairs(value) do
    local problem = unknown(key, LIMITS, name)
    local whole = key == "cost" or type(limit) == "number" and limit == math.floor(limit)
    local right = type(limit) == "number" and limit > 0 and limit < math.huge and whole
    if problem or not right then
      local wanted = key == "cost" and "a number" or "a whole number"
      return problem or ("%s.%s must be %s over 0."):format(name, key, wanted)
    end
  end
end

---@param value table
---@param name string
---@param check fun(value: any, name: string, key: string): string?
---@return string? problem
local function each(value, name, check)
  local keys = vim.tbl_keys(value)
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    if type(key) ~= "string" or not key:find(NAME) then
      local text = "%s maps names to programs, and %q is no name: letters, digits, . _ and -."
      return text:format(name, tostring(key))
    end
    local problem = check(value[key], ("%s.%s"):format(name, key), key)
    if problem then
      return problem
    end
  end
end

---@param value table
---@param name string
---@return string? problem
function M.agents(value, name)
  return each(value, name, function(one, called, key)
    if vim.list_contains(FLAGS, key) then
      return type(one) ~= "boolean" and ("%s must be true or false."):format(called) or nil
    elseif key == "limits" then
      return limits(one, called)
    end
    return program(one, called)
  end)
end

---@param value table
---@param name string
---@return string? problem
function M.servers(value, name)
  return each(value, name, program)
end

---@param agents table
---@return string[] names of the person's own
function M.names(agents)
  local found = vim.tbl_filter(function(name)
    return name ~= "limits" and not vim.list_contains(FLAGS, name)
  end, vim.tbl_keys(agents))
  table.sort(found)
  return found
end

return M
