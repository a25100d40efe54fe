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
---@param origin zeke.Standpoint
---@return string? path absolute, of the file that is meant
local function found(name, origin)
  local path = require("zeke.mentions.places").file(name, origin)
  if path then
    return path
  end
  -- A model often leaves out the directories of the file that the person came from.
  local here = origin.buffer and not origin.away and api.nvim_buf_get_name(origin.buffer) or ""
  local near = here:sub(1, 1) == "/" and vim.endswith(here, "/" .. name:gsub("^%./", ""))
  return near and here or nil
end

---@param chat integer its buffer
---@return fun(name: string): boolean which names in it are files
function M.is_file(chat)
  local origin = require("zeke.chat.home").standpoint(chat)
  return function(name)
    return found(name, origin) ~= nil
  end
end

---@param path string
---@return integer? buffer
local function loaded(path)
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    local context, kind = require("zeke.context"), vim.bo[buffer].buftype
    -- Of a file that a plugin writes, the text is in its buffer and not on disk.
    local takes = api.nvim_buf_is_loaded(buffer) and (kind == "" or kind == "acwrite")
    if takes and context.whose(buffer) == path then
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

---@param path string absolute
---@param done fun(target: zeke.CodeTarget)
local function of_path(path, done)
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

---@param name string
---@param origin zeke.Standpoint
---@return string path absolute, of a file that may not be there yet
local function meant(name, origin)
  local path = name:find("^[/~]") and name or vim.fs.joinpath(origin.base, name)
  return found(name, origin) or vim.fs.normalize(path, { expand_env = false })
end

---A word above the code, or behind its fence, that may be the name of a new file, or none.
---@param name string
---@param origin zeke.Standpoint
---@param here integer? the buffer that is meant if it is none
---@param done fun(target: zeke.CodeTarget)
local function ask_which(name, origin, here, done)
  local visible = require("zeke.columns").visible(name)
  ---@type {text: string, buffer: integer?}[]
  local choices = { { text = visible .. ", a new file" } }
  if here then
    table.insert(choices, 1, { text = of_buffer(here).name, buffer = here })
  end
  require("zeke.dialog").select(choices, {
    prompt = "For which file is this code?",
    format_item = function(choice)
      return choice.text
    end,
  }, function(choice)
    local buffer = choice and choice.buffer
    if buffer and api.nvim_buf_is_loaded(buffer) then
      done(of_buffer(buffer))
    elseif choice and not buffer then
      of_path(meant(name, origin), done)
    end
  end)
end

---@param named {path: string?, doubtful: boolean?}
---@param origin zeke.Standpoint
---@param done fun(target: zeke.CodeTarget)
local function target_of(named, origin, done)
  local here = origin.buffer and api.nvim_buf_get_name(origin.buffer) ~= "" and origin.buffer or nil
  if named.path and named.doubtful then
    return ask_which(named.path, origin, here, done)
  elseif named.path then
    return of_path(meant(named.path, origin), done)
  elseif here then
    return done(of_buffer(here))
  end
  require("zeke.dialog").input({ prompt = "Into which file? ", completion = "file" }, function(path)
    path = vim.trim(path or "")
    if path ~= "" then
      -- It is completed from where the person is.
      of_path(meant(origin.away and vim.fn.fnamemodify(path, ":p") or path, origin), done)
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

---@class zeke.HowApplied
---@field accept boolean take the whole change as soon as it is there
---@field chat integer its buffer: who hears why the change is not taken

---@param target zeke.CodeTarget
---@param change {edits: table[]?, patch: string?}
---@param how zeke.HowApplied
local function review(target, change, how)
  require("zeke.review").propose(vim.tbl_extend("error", change, {
    title = "code of the chat for " .. target.name,
    path = target.path,
    buffer = target.buffer,
    base = target.base,
    accept = how.accept,
    why = function(reason, partly)
      require("zeke.chat.reasons").tell(how.chat, target.name, reason, partly)
    end,
  }))
end

---@param target zeke.CodeTarget
---@param code string[]
---@param place zeke.CodePlace
---@param how zeke.HowApplied
local function propose(target, code, place, how)
  local edits = { { first = place.first, last = place.last, lines = code } }
  review(target, { edits = edits }, how)
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
---@param how zeke.HowApplied
local function ask_where(target, block, choices, how)
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
      local code, accept = weighed(seen, block.code, choice.place, how.accept)
      local into, place = moved(target, now, choice.place)
      propose(into, code, place, { accept = accept, chat = how.chat })
    end
    -- Whatever was asked here, it may have taken its time.
    if target.buffer and api.nvim_buf_is_loaded(target.buffer) then
      done(of_buffer(target.buffer))
    elseif target.path ~= "" then
      of_path(target.path, done)
    end
  end)
end

---What a patch says of one file.
---@param patch zeke.CodePatch
---@param target zeke.CodeTarget
---@param how zeke.HowApplied
local function land(patch, target, how)
  local problem
  if patch.does == "delete" then
    problem = "The diff deletes %s: delete it yourself, if that is right."
  elseif patch.does == "create" and #target.lines > 0 then
    problem = "The diff makes %s, which is there already."
  elseif patch.does == "change" and #target.lines == 0 then
    problem = "%s holds nothing that the diff could change."
  end
  if problem then
    return require("zeke.notice").error(problem:format(target.name))
  elseif patch.does == "create" then
    return propose(target, patch.lines, { first = 1, last = 0 }, how)
  end
  review(target, { patch = table.concat(patch.lines, "\n") }, how)
end

---@param block zeke.Block
---@param origin zeke.Standpoint
---@param how zeke.HowApplied
local function run_patch(block, origin, how)
  local found_here = require("zeke.chat.patches").of(block, M.is_file(how.chat))
  if #found_here == 0 then
    require("zeke.notice").info("The diff changes nothing.")
  end
  for _, patch in ipairs(found_here) do
    target_of(patch.path and { path = patch.path } or block, origin, function(target)
      land(patch, target, how)
    end)
  end
end

---@param block zeke.Block
---@param attached zeke.Attachment[] what the question was about
---@param how zeke.HowApplied
function M.run(block, attached, how)
  local origin = require("zeke.chat.home").standpoint(how.chat)
  if require("zeke.chat.patches").is(block) then
    return run_patch(block, origin, how)
  end
  target_of(block, origin, function(target)
    if #target.lines == 0 then
      return propose(target, block.code, { first = 1, last = 0 }, how)
    end
    local place, choices = require("zeke.chat.choices").find(block, target, attached)
    if place then
      local code, accept = weighed(target, block.code, place, how.accept)
      return propose(target, code, place, { accept = accept, chat = how.chat })
    end
    ask_where(target, block, choices, how)
  end)
end

return M
