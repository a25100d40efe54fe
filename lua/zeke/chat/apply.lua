---A code block of an answer and a file: what it would change there is shown as a diff, or taken at
---once. Either way nothing is written without GhostWarden.
local M = {}

local api = vim.api
local blocks = require("zeke.chat.blocks")

local MOST_BYTES = 2 * 1024 * 1024

---@class zeke.CodeTarget
---@field path string absolute, or empty
---@field buffer integer? loaded
---@field lines string[] as they were seen; none: there is no text yet
---@field base string? the same for the broker: a buffer's lines, or a file's bytes; nil: no file
---@field name string

---@param name string as a model may write it
---@return string? path absolute, of the file that is meant
function M.found(name)
  return (require("zeke.mentions.places").file(name, require("zeke.chat.origin").get()))
end

---@param name string
---@return boolean
function M.is_file(name)
  return M.found(name) ~= nil
end

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
  local lines = api.nvim_buf_get_lines(buffer, 0, -1, false)
  return {
    path = require("zeke.context").path_of(buffer),
    buffer = buffer,
    lines = require("zeke.context").empty(buffer) and {} or lines,
    base = table.concat(lines, "\n"),
    name = name == "" and "[No Name]" or vim.fn.fnamemodify(name, ":~:."),
  }
end

---@param text string the bytes of a file
---@return string[] lines as Neovim would show them, however each of them ends
local function shown(text)
  text = text:gsub("^\239\187\191", "")
  if text == "" then
    return {}
  end
  return vim.split(text:gsub("\n$", ""):gsub("\r%f[\n%z]", ""), "\n", { plain = true })
end

---@param path string
---@param done fun(target: zeke.CodeTarget)
local function of_path(path, done)
  path = M.found(path) or vim.fs.normalize(vim.fn.fnamemodify(path, ":p"), { expand_env = false })
  local buffer = loaded(path)
  if buffer then
    return done(of_buffer(buffer))
  end
  require("zeke.chat.disk").read(path, MOST_BYTES + 1, function(problem, text)
    local name = vim.fn.fnamemodify(path, ":~:.")
    local lines = shown(text or "")
    if problem and not problem:find("^ENOENT") then
      return require("zeke.notice").error(("%s cannot be read: %s."):format(name, problem))
    elseif text and #text > MOST_BYTES then
      return require("zeke.notice").error(name .. " is over 2 MiB: open it and paste the code.")
    elseif require("zeke.context").unreadable(lines, 1) then
      return require("zeke.notice").error(name .. " is not UTF-8 text: nothing can be put into it.")
    end
    done({ path = path, lines = lines, base = not problem and text or nil, name = name })
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
  require("zeke.dialog").input({ prompt = "Into which file? ", completion = "file" }, function(path)
    if path and vim.trim(path) ~= "" then
      of_path(vim.trim(path), done)
    end
  end)
end

---What takes lines away has to fit where they were; where more might go than was meant, it is
---looked at first. What comes at the end has an empty line before it.
---@param target zeke.CodeTarget
---@param code string[]
---@param place zeke.CodePlace lines of it
---@param at_once boolean
---@return string[] code, boolean at_once
local function weighed(target, code, place, at_once)
  if place.finish and (target.lines[#target.lines] or ""):find("%S") and code[1] ~= "" then
    return vim.list_extend({ "" }, code), at_once
  elseif place.last < place.first then
    return code, at_once
  end
  local gap = blocks.gap(code)
  if gap then
    local said = "The code leaves lines out (%s): look at what it would take away."
    require("zeke.notice").warn(said:format(require("zeke.columns").visible(vim.trim(gap))))
  end
  local old = vim.list_slice(target.lines, place.first, place.last)
  return blocks.fitted(code, old), at_once and not gap and not place.look
end

---@param target zeke.CodeTarget
---@param code string[]
---@param place zeke.CodePlace
---@param at_once boolean
local function propose(target, code, place, at_once)
  require("zeke.review").propose({
    title = "code of the chat for " .. target.name,
    path = target.path,
    buffer = target.buffer,
    base = target.base,
    edits = { { first = place.first, last = place.last, lines = code } },
    accept = at_once,
  })
end

---What a place in a text is in the one that is there by now. Where the text has changed, what was
---seen goes with the place, and the broker carries it over.
---@param seen zeke.CodeTarget
---@param now zeke.CodeTarget
---@param place zeke.CodePlace
---@return zeke.CodeTarget target, zeke.CodePlace place
local function moved(seen, now, place)
  if vim.deep_equal(seen.lines, now.lines) then
    return now, place
  elseif place.finish then
    return now, { first = #now.lines + 1, last = #now.lines }
  end
  local base = seen.base
  if seen.buffer ~= now.buffer then
    base = table.concat(seen.lines, "\n") .. (now.buffer and "" or "\n")
  end
  now.base = base
  return now, place
end

---@param target zeke.CodeTarget
---@param block zeke.Block
---@param choices zeke.CodeChoice[]
---@param at_once boolean
local function ask_where(target, block, choices, at_once)
  require("zeke.dialog").select(choices, {
    prompt = "Where does this code belong?",
    format_item = function(choice)
      return choice.text
    end,
  }, function(choice)
    if not choice then
      return
    end
    local function done(now)
      local seen = choice.place.finish and now or target
      local code, accept = weighed(seen, block.code, choice.place, at_once)
      local into, place = moved(target, now, choice.place)
      propose(into, code, place, accept)
    end
    -- Whatever was asked here, it may have taken its time.
    if target.buffer and api.nvim_buf_is_loaded(target.buffer) then
      done(of_buffer(target.buffer))
    elseif target.path ~= "" then
      of_path(target.path, done)
    end
  end)
end

---@param block zeke.Block
---@param at_once boolean take the whole change; else it is looked at first
---@param attached zeke.Attachment[] what the question was about
function M.run(block, at_once, attached)
  target_of(block, function(target)
    if #target.lines == 0 then
      return propose(target, block.code, { first = 1, last = 0 }, at_once)
    end
    local place, choices = require("zeke.chat.choices").find(block, target, attached)
    if place then
      local code, accept = weighed(target, block.code, place, at_once)
      return propose(target, code, place, accept)
    end
    ask_where(target, block, choices, at_once)
  end)
end

return M
