---What the broker asks this Neovim itself, and not its person: what stands in a buffer, which
---buffers there are, what is selected, what is wrong where, and to show a place in a file. Answered
---at once. Whether anybody may be told is the broker's to decide.
local M = {}

local api = vim.api

local MOST_BYTES = 1024 * 1024
local MOST_DIAGNOSTICS = 500

---@param path any
---@return integer? buffer that is loaded
local function loaded(path)
  if type(path) ~= "string" or path == "" then
    return nil
  end
  local real = vim.uv.fs_realpath(path)
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    if api.nvim_buf_is_loaded(buffer) then
      local name = require("zeke.context").path_of(buffer)
      if name ~= "" and (name == path or (real and vim.uv.fs_realpath(name) == real)) then
        return buffer
      end
    end
  end
end

---@param buffer integer
---@return boolean one of the person's own files
local function is_file(buffer)
  return vim.bo[buffer].buftype == "" and vim.startswith(api.nvim_buf_get_name(buffer), "/")
end

---@param buffer integer
---@param first integer
---@param last integer
---@return string? text, string? problem
local function text_of(buffer, first, last)
  local size = api.nvim_buf_get_offset(buffer, last) - api.nvim_buf_get_offset(buffer, first - 1)
  if size > MOST_BYTES then
    return nil, "It is over 1 MiB."
  end
  local lines = api.nvim_buf_get_lines(buffer, first - 1, last, false)
  local problem = require("zeke.context").unreadable(lines, first)
  if problem then
    return nil, problem
  end
  return table.concat(lines, "\n")
end

---Where the person is, or was before they went to a chat.
---@return zeke.Origin?
local function in_front()
  local origin = require("zeke.chat.origin")
  origin.mark()
  local found = origin.get()
  if found and found.buffer == api.nvim_get_current_buf() and vim.fn.mode():find("[vV\22]") then
    -- While text is being selected, the marks are those of the selection before.
    local ends = { vim.fn.line("v"), vim.fn.line(".") }
    found.range =
      { buffer = found.buffer, first = math.min(unpack(ends)), last = math.max(unpack(ends)) }
  end
  return found
end

---@param buffer integer
---@return table[]
local function diagnostics_of(buffer)
  local path = api.nvim_buf_get_name(buffer)
  return vim.tbl_map(function(one)
    return {
      path = path,
      line = one.lnum + 1,
      column = one.col + 1,
      severity = tostring(vim.diagnostic.severity[one.severity] or "ERROR"):lower(),
      message = one.message,
      source = one.source or "",
    }
  end, vim.diagnostic.get(buffer))
end

---@param path any
---@return boolean a plugin has something to write there, as one that decrypts files does
local function is_written_by_a_plugin(path)
  local real = type(path) == "string" and vim.uv.fs_realpath(path) or path
  return vim.iter(api.nvim_list_bufs()):any(function(buffer)
    local options = vim.bo[buffer]
    local has = api.nvim_buf_is_loaded(buffer) and options.buftype == "acwrite" and options.modified
    local name = has and require("zeke.context").whose(buffer) or ""
    return name ~= "" and (name == path or vim.uv.fs_realpath(name) == real)
  end)
end

---@type table<string, fun(params: table): table?, string?>
local answers = {
  ---What stands in a buffer and not on disk; nothing where that is the same. `path` is where its
  ---file really is.
  text = function(params)
    if is_written_by_a_plugin(params.path) then
      return nil, "A plugin writes this file from a buffer of its own."
    end
    local buffer = loaded(params.path)
    if not buffer or not vim.bo[buffer].modified or not is_file(buffer) then
      return vim.empty_dict()
    end
    local text, problem = text_of(buffer, 1, api.nvim_buf_line_count(buffer))
    if not text then
      return nil, problem
    end
    local eol = vim.bo[buffer].endofline or vim.bo[buffer].fixendofline
    local name = require("zeke.context").path_of(buffer)
    return {
      path = vim.uv.fs_realpath(name) or name,
      text = eol and text .. "\n" or text,
      changedtick = api.nvim_buf_get_changedtick(buffer),
      eol = require("zeke.context").eol(buffer),
      bom = vim.bo[buffer].bomb,
    }
  end,
  buffers = function()
    local origin = in_front()
    local found = {}
    for _, buffer in ipairs(api.nvim_list_bufs()) do
      if api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].buflisted and is_file(buffer) then
        found[#found + 1] = {
          path = api.nvim_buf_get_name(buffer),
          lines = api.nvim_buf_line_count(buffer),
          filetype = vim.bo[buffer].filetype,
          modified = vim.bo[buffer].modified,
          current = origin ~= nil and origin.buffer == buffer,
        }
      end
    end
    return { buffers = found }
  end,
  selection = function()
    local origin = in_front()
    if not origin or not is_file(origin.buffer) then
      return nil, "There is no file in front of the person."
    elseif not origin.range then
      return nil, "Nothing was selected there."
    end
    local first = origin.range.first
    local last = math.min(origin.range.last, api.nvim_buf_line_count(origin.buffer))
    local text, problem = text_of(origin.buffer, first, last)
    if not text then
      return nil, problem
    end
    return { path = api.nvim_buf_get_name(origin.buffer), first = first, last = last, text = text }
  end,
  ---Of one file, or of every buffer that has some.
  diagnostics = function(params)
    local found = {}
    if params.path then
      local buffer = loaded(params.path)
      found = buffer and diagnostics_of(buffer) or {}
    else
      for _, buffer in ipairs(api.nvim_list_bufs()) do
        if api.nvim_buf_is_loaded(buffer) and is_file(buffer) then
          vim.list_extend(found, diagnostics_of(buffer))
        end
      end
    end
    return { diagnostics = vim.list_slice(found, 1, MOST_DIAGNOSTICS) }
  end,
  ---Show a place in a file, in a window of the person's own; where they type nothing moves.
  open = function(params)
    if api.nvim_get_mode().mode:sub(1, 1) ~= "n" then
      return nil, "The person is typing: nothing is opened now."
    end
    return require("zeke.agents.place").show(params.path, params.line)
  end,
}

---@param payload {ask: integer, what: string, params: table}
function M.on_asked(payload)
  local answer = answers[payload.what]
  local data, problem
  if answer then
    local ok, found, why = pcall(answer, payload.params or {})
    data, problem = ok and found or nil, ok and why or tostring(found)
  end
  if not data then
    problem = problem or ("This Neovim cannot say: %s."):format(payload.what)
  end
  require("zeke.connection").notify("editor.answer", {
    ask = payload.ask,
    data = data,
    error = data and "" or problem,
  })
end

return M
