---Writes the parts of `:help zeke`, the types and the names that are made of data, or checks them.
---
---    nvim -l tools/help/write.lua [check]
---
---A part of the help begins below the line that ends in its tag, and ends before the next tag or
---ruler. What stands outside these parts is written by hand.
local root = vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(vim.fn.fnamemodify(arg[0], ":p"))))
package.path = root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;" .. package.path

local WIDTH, INDENT, HANG = 78, 4, 24

---@param path string below the repository
---@return string
local function read(path)
  local file = assert(io.open(root .. "/" .. path))
  local text = file:read("a")
  file:close()
  return text
end

---@param head string
---@param body string[]
---@return string[]
local function entry(head, body)
  local lines, lead = {}, (" "):rep(INDENT) .. head
  if #lead >= HANG then
    lines[1] = lead
    lead = ""
  end
  for _, text in ipairs(body) do
    lines[#lines + 1] = lead .. (" "):rep(HANG - vim.fn.strdisplaywidth(lead)) .. text
    lead = ""
  end
  return lines
end

---@param text string
---@return string[] lines that fit beside a hanging head
local function wrapped(text)
  local lines = { "" }
  for word in text:gmatch("%S+") do
    local last = lines[#lines]
    local longer = last == "" and word or last .. " " .. word
    if #longer > WIDTH - HANG and last ~= "" then
      lines[#lines + 1] = word
    else
      lines[#lines] = longer
    end
  end
  return lines
end

---@param option zeke.Option
---@return string
local function worth(option)
  local kind, default = option[2], option.default
  local what = type(kind) == "table" and table.concat(kind, ", ") or kind:gsub("|", " or ")
  what = option.whole and "whole " .. what or what
  if option.above then
    what = ("%s above %g"):format(what, option.above)
  end
  if option.least then
    what = ("%s from %g"):format(what, option.least)
  end
  if option.most then
    what = ("%s to %d"):format(what, option.most)
  end
  if default == nil then
    return ("(%s)"):format(what)
  end
  return ("(%s; %s)"):format(what, (vim.inspect(default):gsub("%s+", " ")))
end

local parts = {}

parts["zeke-settings-list"] = function()
  local lines = {}
  for _, option in ipairs(require("zeke.options")) do
    local body = vim.list_slice(option.doc)
    vim.list_extend(body, wrapped(worth(option)))
    vim.list_extend(lines, entry(option[1], body))
  end
  return lines
end

---@param place string
---@return fun(): string[]
local function keys(place)
  return function()
    local lines = {}
    for _, key in ipairs(require("zeke.keys")[place]) do
      local head = ("%-8s%s"):format(key[2], key[1])
      local lead = (" "):rep(INDENT) .. head
      lines[#lines + 1] = ("%-32s%s"):format(lead, key[3])
    end
    return lines
  end
end

parts["zeke-review-keys"] = keys("review")
parts["zeke-complete-keys"] = keys("complete")

parts["zeke-plug"] = function()
  local plugin = read("plugin/zeke.lua")
  local block = assert(plugin:match("for name, maps in pairs%(%{(.-)\n%}%) do"))
  local names = {}
  for name in block:gmatch('\n  %[?"?([%w-]+)"?%]? = %{') do
    names[#names + 1] = ("<Plug>(zeke-%s)"):format(name)
  end
  table.sort(names)
  local lines = { ">" }
  for index = 1, #names, 2 do
    local row = ("    %-32s%s"):format(names[index], names[index + 1] or "")
    lines[#lines + 1] = vim.trim(row) ~= "" and (row:gsub("%s+$", "")) or nil
  end
  lines[#lines + 1] = "<"
  return lines
end

---@param name string
---@return string
local function pattern(name)
  return "Zeke" .. name:gsub("%f[%a]%a", string.upper):gsub("[^%a]", "")
end

parts["zeke-events-list"] = function()
  local lines = {}
  for _, event in ipairs(dofile(root .. "/tools/help/events.lua")) do
    local body = wrapped(event[2] .. (event[3] ~= "" and (": " .. event[3]) or ""))
    vim.list_extend(lines, entry(pattern(event[1]), body))
  end
  return lines
end

parts["zeke-highlights"] = function()
  local links, names = require("zeke.highlight").links, {}
  for name in pairs(links) do
    names[#names + 1] = name
  end
  table.sort(names)
  return vim.tbl_map(function(name)
    return ("    %-20s%s"):format(name, links[name])
  end, names)
end

---@param help string
---@param tag string
---@param body string[]
---@return string
local function put(help, tag, body)
  local lines, made, skipping, found = vim.split(help, "\n", { plain = true }), {}, false, false
  for _, line in ipairs(lines) do
    local starts = line:find("*" .. tag .. "*", 1, true) ~= nil
    if starts or line:find("%*$") or line:find("^===") then
      if skipping then
        made[#made + 1] = ""
      end
      skipping = starts
    end
    if starts then
      found = true
      made[#made + 1] = line
      vim.list_extend(made, body)
    elseif not skipping then
      made[#made + 1] = line
    end
  end
  assert(found, "the help has no tag *" .. tag .. "*")
  return table.concat(made, "\n")
end

---@return string
local function help()
  local text = read("doc/zeke.txt")
  local tags = vim.tbl_keys(parts)
  table.sort(tags)
  for _, tag in ipairs(tags) do
    text = put(text, tag, parts[tag]())
  end
  return text
end

---The type of one setting, as LuaCATS writes it.
---@param option zeke.Option
---@return string
local function type_of(option)
  if option.lua then
    return option.lua
  elseif type(option[2]) == "table" then
    return table.concat(
      vim.tbl_map(function(value)
        return ('"%s"'):format(value)
      end, option[2]),
      "|"
    )
  end
  return option[2] --[[@as string]]
end

---@class help.Group settings with the same word before their dot
---@field name string that word
---@field class string what it adds to the name of a class
---@field options zeke.Option[]

---@return help.Group[] those without a dot first
local function groups()
  local found, order = {}, {}
  local function group(above)
    if not found[above] then
      local class = above == "" and "" or "." .. above:sub(1, 1):upper() .. above:sub(2)
      found[above] = { name = above, class = class, options = {} }
      order[#order + 1] = found[above]
    end
    return found[above]
  end
  group("")
  for _, option in ipairs(require("zeke.options")) do
    table.insert(group(option[1]:match("^(.-)%.?[^.]+$")).options, option)
  end
  return order
end

---@param class string
---@param filled boolean with the defaults: what has one is always there
---@return string[]
local function classes(class, filled)
  local lines, all = {}, groups()
  for _, group in ipairs(all) do
    lines[#lines + 1] = "---@class " .. class .. group.class
    for _, option in ipairs(group.options) do
      for _, text in ipairs(filled and {} or option.doc) do
        lines[#lines + 1] = "---" .. text
      end
      local mark = filled and option.default ~= nil and "" or "?"
      local name = option[1]:match("[^.]+$")
      lines[#lines + 1] = ("---@field %s%s %s"):format(name, mark, type_of(option))
    end
    if group == all[1] then
      local mark = filled and "" or "?"
      for index = 2, #all do
        local field = "---@field %s%s %s%s"
        lines[#lines + 1] = field:format(all[index].name, mark, class, all[index].class)
      end
      lines[#lines + 1] = ("---@field keymaps%s table<string, string>"):format(mark)
    end
    lines[#lines + 1] = ""
  end
  return lines
end

---@return string
local function types()
  local lines = {
    "---@meta",
    "-- What `setup()` and `vim.g.zeke` take, and with every default what `zeke.config` has of it.",
    "-- Made by tools/help/write.lua: change zeke.options.",
    "",
  }
  vim.list_extend(lines, classes("zeke.Settings", false))
  vim.list_extend(lines, classes("zeke.Config", true))
  return table.concat(lines, "\n")
end

---@return string
local function agents()
  local names = {}
  for file in vim.fs.dir(root .. "/zeke_bridge/agents/registry/data") do
    names[#names + 1] = file:find("%.toml$") and file or nil
  end
  table.sort(names)
  local lines = {
    "---The agents that the broker knows by name, so that they are completed without asking it.",
    "---Made by tools/help/write.lua: change zeke_bridge/agents/registry/data.",
    "return {",
    '  "zeke",',
  }
  for _, name in ipairs(names) do
    lines[#lines + 1] = ("  %q,"):format((name:gsub("%.toml$", "")))
  end
  return table.concat(vim.list_extend(lines, { "}", "" }), "\n")
end

local wanted = {
  ["doc/zeke.txt"] = help(),
  ["lua/zeke/types.lua"] = types(),
  ["lua/zeke/agents/known.lua"] = agents(),
}
local wrong = {}
for path, text in pairs(wanted) do
  local there = vim.uv.fs_stat(root .. "/" .. path) and read(path) or ""
  if there ~= text then
    wrong[#wrong + 1] = path
    if arg[1] ~= "check" then
      local file = assert(io.open(root .. "/" .. path, "w"))
      file:write(text)
      file:close()
    end
  end
end
table.sort(wrong)
if arg[1] == "check" and #wrong > 0 then
  io.write("not up to date: ", table.concat(wrong, ", "), " (`make fix` writes them)\n")
  os.exit(1)
end
