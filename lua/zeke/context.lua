---What of a buffer goes to the broker, or the sentence that says why it cannot.
---Sizes are asked before any text is copied, so that a huge buffer costs nothing.
local M = {}

local api = vim.api

local KIB = 1024
local WHOLE_LIMIT = 2048 * KIB
local RANGE_LIMIT = 256 * KIB
local OPEN_LIMIT = 64 * KIB
local MOST_OPEN = 16
local EOL = { unix = "\n", dos = "\r\n", mac = "\r" }
local NO_TEXT = { terminal = true, quickfix = true }

---@class zeke.Range
---@field buffer integer
---@field first integer from 1
---@field last integer inclusive

---@class zeke.Snippet the `buffer` field of `task.submit`
---@field path string whose text it is; see `whose`
---@field is_file boolean the buffer is the file at `path`, and may be written there
---@field name string
---@field language string
---@field text string
---@field start_line integer
---@field end_line integer
---@field changedtick integer
---@field modified boolean
---@field eol string
---@field final_eol boolean
---@field bom boolean

---The instruction as it was meant: trimmed, and without one surrounding pair of quotes. Quotes that
---stand around its first and its last word are no such pair.
---@param text string?
---@return string
function M.instruction(text)
  text = vim.trim(text or "")
  local inner = text:match('^"([^"]*)"$') or text:match("^'([^']*)'$")
  return inner and vim.trim(inner) or text
end

---@param buffer integer
---@param first integer from 1
---@param last integer
---@return integer bytes
local function size(buffer, first, last)
  local from = api.nvim_buf_get_offset(buffer, first - 1)
  return api.nvim_buf_get_offset(buffer, last) - from
end

---Whether there is no text at all. The lines are asked, since Neovim counts the bytes of a line
---that is being worked on only later.
---@param buffer integer
---@return boolean
function M.empty(buffer)
  return api.nvim_buf_line_count(buffer) == 1
    and api.nvim_buf_get_lines(buffer, 0, 1, false)[1] == ""
end

---@param lines string[]
---@param first integer the number of the first line
---@return string? problem
function M.unreadable(lines, first)
  for index, line in ipairs(lines) do
    if line:find("[%z\n]") then
      return ("Line %d holds a NUL byte: this is binary, not text."):format(first + index - 1)
    end
    if line:find("[\128-\255]") and not pcall(vim.fn.json_encode, line) then
      local number = first + index - 1
      return ("Line %d holds bytes that are not UTF-8: `:%d` shows it."):format(number, number)
    end
  end
end

---@param buffer integer
---@return boolean
local function is_ours(buffer)
  return vim.startswith(api.nvim_buf_get_name(buffer), "zeke://")
end

---@param buffer integer
---@return string? path of the file that one of ours shows, or tells of; empty: none; nil: not known
local function told(buffer)
  return is_ours(buffer) and (vim.b[buffer].zeke_whose or vim.b[buffer].zeke_chat and "") or nil
end

---@param buffer integer
---@return string? problem
local function unsuited(buffer)
  if not api.nvim_buf_is_loaded(buffer) then
    return "This buffer is not loaded: open it first."
  end
  if is_ours(buffer) and not told(buffer) then
    return "This window of Zeke's has no text to work on: go to a file, an answer or a chat."
  end
  local options = vim.bo[buffer]
  if NO_TEXT[options.buftype] then
    return ("A %s buffer has no text to work on: go to a file."):format(options.buftype)
  end
  local encoding = options.fileencoding
  if options.binary then
    return "This buffer is binary, not text: nothing can be done here."
  end
  if encoding ~= "" and encoding ~= "utf-8" then
    return ("This buffer is %s, not UTF-8: run `:set fileencoding=utf-8`, then try again."):format(
      encoding
    )
  end
end

---@param buffer integer
---@return string? problem
local function unchangeable(buffer)
  local options = vim.bo[buffer]
  if options.buftype ~= "" and options.buftype ~= "acwrite" then
    return "This buffer is not a file: edits need one (`:ZekeExplain` works here)."
  end
  if not options.modifiable then
    return "This buffer cannot be changed: run `:set modifiable`, then try again."
  end
  if options.readonly then
    return "This buffer is read-only: run `:set noreadonly`, then try again."
  end
end

---The file that this buffer is: what is changed here may be written there.
---@param buffer integer
---@return string path absolute; empty without a file of its own
function M.path_of(buffer)
  local name = api.nvim_buf_get_name(buffer)
  if not vim.startswith(name, "/") or vim.bo[buffer].buftype ~= "" then
    return ""
  end
  return vim.fs.normalize(name, { expand_env = false })
end

---Whose text stands here, whatever kind of buffer it is: before it is shown to anybody, this is
---what they have to be allowed to read. A plugin may stand between the buffer and the file, as one
---that decrypts it does; and one that shows old versions gives its buffers addresses, of which each
---end may be the file's path: the broker holds all of them against the rules. Where a buffer of
---ours shows a file, `b:zeke_whose` says which.
---@param buffer integer
---@return string path absolute; empty without a name: then it was typed here
function M.whose(buffer)
  local name = told(buffer) or api.nvim_buf_get_name(buffer)
  if name == "" then
    return ""
  end
  local address = name:match("^%a[%w+.-]*:([/\\].*)$")
  if address then
    address = address:gsub("^[/\\][/\\]([^/\\])", "%1"):gsub("%%([2-7]%x)", function(code)
      return vim.text.hexdecode(code)
    end)
    name = address:gsub("[/\\:?#&=|@%c]+", "/")
  end
  if not vim.startswith(name, "/") then
    name = vim.fn.getcwd() .. "/" .. name
  end
  return vim.fs.normalize(name, { expand_env = false })
end

---@param buffer integer
---@return string between the lines of its file
function M.eol(buffer)
  return EOL[vim.bo[buffer].fileformat] or "\n"
end

---@param range zeke.Range
---@param first integer lines whose text is wanted
---@param last integer
---@return zeke.Snippet?, string? problem
local function gather(range, first, last)
  local buffer = range.buffer
  local lines = api.nvim_buf_get_lines(buffer, first - 1, last, false)
  local problem = M.unreadable(lines, first)
  if problem then
    return nil, problem
  end
  local options = vim.bo[buffer]
  local name = api.nvim_buf_get_name(buffer)
  return {
    path = M.whose(buffer),
    is_file = M.path_of(buffer) ~= "",
    name = name == "" and "[No Name]" or vim.fn.fnamemodify(name, ":~:."),
    language = options.filetype,
    text = table.concat(lines, "\n"),
    start_line = range.first,
    end_line = range.last,
    changedtick = api.nvim_buf_get_changedtick(buffer),
    modified = options.modified,
    eol = M.eol(buffer),
    final_eol = options.endofline,
    bom = options.bomb,
  }
end

---@param range zeke.Range
---@param any boolean? no text will do
---@return string? problem also puts the range inside the buffer
local function settle(range, any)
  local problem = unsuited(range.buffer)
  if problem then
    return problem
  end
  local count = api.nvim_buf_line_count(range.buffer)
  if range.first > count or range.last < range.first or range.first < 1 then
    return ("There are no lines %d to %d here: the buffer has %d."):format(
      range.first,
      range.last,
      count
    )
  end
  range.last = math.min(range.last, count)
  if not any and M.empty(range.buffer) then
    return "There is no text here to work on: the buffer is empty."
  end
end

---@param range zeke.Range
---@return string? problem
local function blank(range)
  for _, line in ipairs(api.nvim_buf_get_lines(range.buffer, range.first - 1, range.last, false)) do
    if line:find("%S") then
      return nil
    end
  end
  return "There is no text here to work on: the range is empty."
end

---The lines of a range, to be read.
---@param range zeke.Range
---@return zeke.Snippet?, string? problem
function M.excerpt(range)
  local problem = settle(range)
  if not problem and size(range.buffer, range.first, range.last) > RANGE_LIMIT then
    problem = ("Lines %d to %d are over 256 KiB: select a smaller range."):format(
      range.first,
      range.last
    )
  end
  problem = problem or blank(range)
  if problem then
    return nil, problem
  end
  return gather(range, range.first, range.last)
end

---@param buffer integer
---@return {path: string, text: string?, language: string}? file nil: it has none, or is no text
local function open_file(buffer)
  local path = M.path_of(buffer)
  if path == "" or unsuited(buffer) then
    return nil
  end
  local file = { path = path, language = vim.bo[buffer].filetype }
  if vim.bo[buffer].modified then
    -- What stands here is meant, not what is on disk; of a huge one, its beginning.
    local count = api.nvim_buf_line_count(buffer)
    while count > 1 and size(buffer, 1, count) > OPEN_LIMIT do
      count = math.floor(count / 2)
    end
    local lines = api.nvim_buf_get_lines(buffer, 0, count, false)
    if size(buffer, 1, count) > OPEN_LIMIT or M.unreadable(lines, 1) then
      return nil
    end
    file.text = table.concat(lines, "\n")
  end
  return file
end

---The files that are open here, the latest first.
---@return {path: string, text: string?, language: string}[]
function M.opened()
  local buffers = vim.fn.getbufinfo({ buflisted = 1, bufloaded = 1 })
  table.sort(buffers, function(one, other)
    if one.lastused == other.lastused then
      return one.bufnr > other.bufnr -- it is in whole seconds
    end
    return one.lastused > other.lastused
  end)
  local here, files = api.nvim_get_current_buf(), {}
  for _, info in ipairs(vim.list_extend({ { bufnr = here } }, buffers)) do
    local again = info.bufnr == here and #files > 0
    local file = not again and #files < MOST_OPEN and open_file(info.bufnr)
    files[#files + 1] = file or nil
  end
  return files
end

---The whole buffer, of which a range is to be changed.
---@param range zeke.Range
---@param any boolean? even when no text is there
---@return zeke.Snippet?, string? problem
function M.whole(range, any)
  local problem = settle(range, any) or unchangeable(range.buffer)
  local count = not problem and api.nvim_buf_line_count(range.buffer) or 0
  if not problem and size(range.buffer, 1, count) > WHOLE_LIMIT then
    problem = "This buffer is over 2 MiB: edit a smaller file, or `:ZekeExplain` a range of it."
  end
  problem = problem or (not any and blank(range)) or nil
  if problem then
    return nil, problem
  end
  return gather(range, 1, count)
end

return M
