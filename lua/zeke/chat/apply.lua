---A code block of an answer and a file: what it would change there is shown as a diff, or taken at
---once. Either way nothing is written without GhostWarden.
local M = {}

local api = vim.api
local blocks = require("zeke.chat.blocks")

local MOST_BYTES = 2 * 1024 * 1024

---@class zeke.CodeTarget
---@field path string absolute, or empty
---@field buffer integer? loaded
---@field lines string[] as they are now; none: there is no such file yet
---@field name string
---@field ends boolean with an end of line

---@param path string
---@return integer? buffer
local function loaded(path)
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    local is = api.nvim_buf_is_loaded(buffer) and require("zeke.context").path_of(buffer) == path
    if is then
      return buffer
    end
  end
end

---@param buffer integer
---@return zeke.CodeTarget
local function of_buffer(buffer)
  local name = api.nvim_buf_get_name(buffer)
  return {
    path = require("zeke.context").path_of(buffer),
    buffer = buffer,
    lines = api.nvim_buf_get_lines(buffer, 0, -1, false),
    name = name == "" and "[No Name]" or vim.fn.fnamemodify(name, ":~:."),
    ends = vim.bo[buffer].endofline,
  }
end

---@param path string
---@param done fun(target: zeke.CodeTarget)
local function of_path(path, done)
  path = vim.fs.normalize(vim.fn.fnamemodify(path, ":p"), { expand_env = false })
  local buffer = loaded(path)
  if buffer then
    return done(of_buffer(buffer))
  end
  require("zeke.chat.disk").read(path, MOST_BYTES + 1, function(problem, text)
    local name = vim.fn.fnamemodify(path, ":~:.")
    text = text or ""
    if problem and not problem:find("^ENOENT") then
      return require("zeke.notice").error(("%s cannot be read: %s."):format(name, problem))
    elseif #text > MOST_BYTES then
      return require("zeke.notice").error(name .. " is over 2 MiB: open it and paste the code.")
    end
    local lines = vim.split(text:gsub("\r\n", "\n"), "\n", { plain = true })
    local ends = lines[#lines] == ""
    if ends then
      lines[#lines] = nil
    end
    done({ path = path, lines = lines, name = name, ends = ends })
  end)
end

---@param block zeke.Block
---@param done fun(target: zeke.CodeTarget)
local function target_of(block, done)
  local origin = require("zeke.chat.origin").get()
  if block.path then
    return of_path(block.path, done)
  elseif origin and api.nvim_buf_get_name(origin.buffer) ~= "" then
    return done(of_buffer(origin.buffer))
  end
  vim.ui.input({ prompt = "Into which file? ", completion = "file" }, function(path)
    if path and vim.trim(path) ~= "" then
      of_path(vim.trim(path), done)
    end
  end)
end

---What comes of a task is taken as a whole as soon as it is there; GhostWarden asks as always.
---@param id string
local function accept(id)
  api.nvim_create_autocmd("User", {
    pattern = { "ZekeReviewOpened", "ZekeTaskDone", "ZekeTaskFailed" },
    callback = function(event)
      if event.data.id ~= id then
        return false
      end
      for _, change in ipairs(require("zeke.review").list()) do
        if change.id == id then
          vim.tbl_map(require("zeke.review.decide").accept, change:undecided())
        end
      end
      return true
    end,
  })
end

---@param target zeke.CodeTarget
---@param code string[]
---@param first integer
---@param last integer below `first`: before that line
---@param at_once boolean
local function propose(target, code, first, last, at_once)
  local lines = vim.list_slice(target.lines, 1, first - 1)
  vim.list_extend(lines, code)
  vim.list_extend(lines, target.lines, last + 1)
  local text = table.concat(lines, "\n")
  local id = require("zeke.review").propose({
    title = "code of the chat for " .. target.name,
    path = target.path,
    buffer = target.buffer,
    -- Whether a buffer's last line has an end is its own matter.
    new_text = text .. ((target.buffer or target.ends) and "\n" or ""),
  })
  if id and at_once then
    accept(id)
  end
end

---@param target zeke.CodeTarget
---@param block zeke.Block
---@param at_once boolean
local function ask_where(target, block, at_once)
  local count = #target.lines
  local choices = {
    { "replace all of " .. target.name, 1, count },
    { "put it at the end of " .. target.name, count + 1, count },
  }
  local origin = require("zeke.chat.origin").get()
  if origin and origin.buffer == target.buffer then
    local row = math.min(origin.cursor[1], count)
    local after = ("put it after line %d of %s"):format(row, target.name)
    table.insert(choices, 1, { after, row + 1, row })
    local range = origin.range
    if range and range.last <= count then
      local text = ("replace lines %d to %d of %s"):format(range.first, range.last, target.name)
      table.insert(choices, 1, { text, range.first, range.last })
    end
  end
  vim.ui.select(choices, {
    prompt = "Where does this code belong?",
    format_item = function(choice)
      return choice[1]
    end,
  }, function(choice)
    if choice then
      propose(target, block.code, choice[2], choice[3], at_once)
    end
  end)
end

---@param block zeke.Block
---@param at_once boolean take the whole change; else it is looked at first
function M.run(block, at_once)
  target_of(block, function(target)
    if #target.lines == 0 then
      return propose(target, block.code, 1, 0, at_once)
    end
    local first, last = block.from, block.to
    if not (first and last and first >= 1 and last >= first and last <= #target.lines) then
      first, last = blocks.place(block.code, target.lines)
    end
    if first and last then
      propose(target, block.code, first, last, at_once)
    else
      ask_where(target, block, at_once)
    end
  end)
end

return M
