---`@buffer`, `@buffer:name`, `@buffer:name:10-20`: what stands in a buffer, saved or not.
local M = {}

local api = vim.api

M.about = "the buffer you came from, or another: @buffer:name"

---@return integer[] those that a person would name
local function all()
  return vim.tbl_filter(function(buffer)
    local options = vim.bo[buffer]
    return api.nvim_buf_is_loaded(buffer) and options.buflisted and options.buftype == ""
  end, api.nvim_list_bufs())
end

---@param buffer integer
---@return string
local function name_of(buffer)
  local name = api.nvim_buf_get_name(buffer)
  return name == "" and "#" .. buffer or vim.fn.fnamemodify(name, ":~:.")
end

---@param name string
---@return integer? buffer, string? problem
local function called(name)
  local number = tonumber(name:match("^#(%d+)$")) ---@cast number integer?
  if number and api.nvim_buf_is_valid(number) then
    return number -- whatever kind it is of
  end
  local tails = {}
  for _, buffer in ipairs(all()) do
    local full = api.nvim_buf_get_name(buffer)
    if name == name_of(buffer) or name == full then
      return buffer
    elseif full ~= "" and vim.fs.basename(full) == name then
      tails[#tails + 1] = buffer
    end
  end
  if #tails > 1 then
    local names = vim.tbl_map(name_of, tails)
    return nil, ("Several buffers are called so: %s."):format(table.concat(names, ", "))
  elseif tails[1] then
    return tails[1]
  end
  local known = vim.tbl_map(name_of, all())
  local advice = require("zeke.mentions.places").meant(name, known)
  return nil, ("There is no buffer %s%s"):format(name, advice)
end

---@param argument string
---@return zeke.Range?, string? problem
local function range_of(argument)
  local buffer, problem = called(argument)
  local name, first, last = argument:match("^(.+):(%d+)%-(%d+)$")
  if not buffer and name then
    buffer, problem = called(name)
  else
    first, last = nil, nil
  end
  if not buffer then
    return nil, problem
  end
  local from, to = tonumber(first), tonumber(last) ---@cast from integer?
  ---@cast to integer?
  return { buffer = buffer, first = from or 1, last = to or api.nvim_buf_line_count(buffer) }
end

---@param mention zeke.Mention
---@param origin zeke.Standpoint
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  local argument = mention.argument or origin.buffer and "#" .. origin.buffer
  if not argument then
    return nil, "There was no buffer before this chat: say which, as in @buffer:name."
  elseif origin.strange and origin.strange[argument:match("^#%d+") or ""] then
    return nil, "Its number is of the Neovim in which you wrote this: mention the buffer again."
  end
  local range, problem = range_of(argument)
  local snippet
  if range then
    snippet, problem = require("zeke.context").excerpt(range)
  end
  if not range or not snippet then
    return nil, problem
  end
  local attachment = {
    path = snippet.path,
    is_file = snippet.is_file,
    language = snippet.language,
    text = snippet.text,
  }
  if range.first > 1 or range.last < api.nvim_buf_line_count(range.buffer) then
    attachment.first, attachment.last = range.first, range.last
  end
  if snippet.is_file and not snippet.modified and vim.uv.fs_stat(snippet.path) then
    attachment.text = nil -- The broker reads the same, and each message stays small.
  end
  return { attachment }
end

---@return zeke.Candidate[]
function M.arguments()
  return vim.tbl_map(function(buffer)
    return { word = name_of(buffer), menu = vim.bo[buffer].modified and "modified" or nil }
  end, all())
end

return M
