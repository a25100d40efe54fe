---Writes the parts of `:help zeke` and the types that are made of data, or checks them.
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

---@param kind string|string[]
---@param default any
---@return string
local function worth(kind, default)
  local what = type(kind) == "table" and table.concat(kind, ", ") or kind:gsub("|", " or ")
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
    vim.list_extend(body, wrapped(worth(option[2], option.default)))
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

---@return string
local function types()
  local classes, order = { [""] = {} }, { "" }
  for _, option in ipairs(require("zeke.options")) do
    local above, name = option[1]:match("^(.-)%.?([^.]+)$")
    if not classes[above] then
      classes[above] = {}
      order[#order + 1] = above
    end
    for _, text in ipairs(option.doc) do
      table.insert(classes[above], "---" .. text)
    end
    table.insert(classes[above], ("---@field %s? %s"):format(name, type_of(option)))
  end
  local lines = {
    "---@meta",
    "-- What `setup()` and `vim.g.zeke` take. Made by tools/help/write.lua: change zeke.options.",
    "",
  }
  for _, above in ipairs(order) do
    local class = above == "" and "" or "." .. above:sub(1, 1):upper() .. above:sub(2)
    lines[#lines + 1] = "---@class zeke.Settings" .. class
    vim.list_extend(lines, classes[above])
    if above == "" then
      for _, name in ipairs(order) do
        if name ~= "" then
          local field = "---@field %s? zeke.Settings.%s"
          lines[#lines + 1] = field:format(name, name:sub(1, 1):upper() .. name:sub(2))
        end
      end
      lines[#lines + 1] = "---@field keymaps? table<string, string>"
    end
    lines[#lines + 1] = ""
  end
  return table.concat(lines, "\n")
end

local wanted = { ["doc/zeke.txt"] = help(), ["lua/zeke/types.lua"] = types() }
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
