---`@buffer`, `@buffer:name`: what stands in a buffer, saved or not.
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
  local tails = {}
  for _, buffer in ipairs(all()) do
    local full = api.nvim_buf_get_name(buffer)
    if name == name_of(buffer) or name == full or name == "#" .. buffer then
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

---@param mention zeke.Mention
---@param origin zeke.Origin?
---@return zeke.Attached[]?, string?
function M.gather(mention, origin)
  local buffer, problem = origin and origin.buffer, nil
  if mention.argument then
    buffer, problem = called(mention.argument)
  elseif not buffer then
    problem = "There was no buffer before this chat: say which, as in @buffer:name."
  end
  if not buffer then
    return nil, problem
  end
  local range = { buffer = buffer, first = 1, last = api.nvim_buf_line_count(buffer) }
  local snippet
  snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return nil, problem
  end
  local attachment = { path = snippet.path, language = snippet.language, text = snippet.text }
  if snippet.path ~= "" and not snippet.modified and vim.uv.fs_stat(snippet.path) then
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
