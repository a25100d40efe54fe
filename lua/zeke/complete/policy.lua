---Where completion is wanted and where it cannot be. Knows nothing of what is shown.
local M = {}

local api = vim.api

local MOST_BYTES = 2 * 1024 * 1024
-- What is compared with each key is one line; a minified file is one that no person types in.
local LONGEST_LINE = 8 * 1024

local switched = {} ---@type table<integer, boolean> what the person said of one buffer
local everywhere ---@type boolean? what they said of all

---@param filetypes table a list of those that are meant, or a map from each to true or false
---@param filetype string
---@return boolean
local function meant(filetypes, filetype)
  if vim.islist(filetypes) then
    return #filetypes == 0 or vim.tbl_contains(filetypes, filetype)
  end
  local said = filetypes[filetype]
  if said == nil then
    said = filetypes["*"]
  end
  if said ~= nil then
    return said
  end
  -- Where some are named as wanted, the others are not.
  return not vim.tbl_contains(vim.tbl_values(filetypes), true)
end

---@param buffer integer
---@return boolean wanted whether suggestions are to come by themselves
function M.wanted(buffer)
  if switched[buffer] ~= nil then
    return switched[buffer]
  elseif everywhere ~= nil then
    return everywhere
  end
  local complete = require("zeke.config").get().complete
  return complete.enabled and meant(complete.filetypes, vim.bo[buffer].filetype)
end

---@param buffer integer?  nil: every buffer
---@param on boolean
function M.switch(buffer, on)
  if buffer then
    switched[buffer] = on
  else
    switched, everywhere = {}, on
  end
end

---@param buffer integer
function M.forget(buffer)
  switched[buffer] = nil
end

---@param buffer integer
---@param wished boolean? the person asks for it now, in that very buffer
---@return string? problem why nothing can be completed there
function M.problem(buffer, wished)
  local options, name = vim.bo[buffer], api.nvim_buf_get_name(buffer)
  if options.buftype ~= "" or name:match("^%a[%w+.-]*://") then
    return "This buffer is not a file: nothing is completed here."
  elseif name == "" and not wished and not switched[buffer] then
    -- No rule for files is about it, and it may be a scratch buffer that holds anything.
    return "This buffer is not a file yet: give it a name, or say `:ZekeComplete on` in it."
  elseif not options.modifiable then
    return "This buffer cannot be changed: run `:set modifiable`, then try again."
  elseif options.binary then
    return "This buffer is binary, not text: nothing is completed here."
  elseif options.fileencoding ~= "" and options.fileencoding ~= "utf-8" then
    return ("This buffer is %s, not UTF-8: run `:set fileencoding=utf-8`, then try again."):format(
      options.fileencoding
    )
  elseif api.nvim_buf_get_offset(buffer, api.nvim_buf_line_count(buffer)) > MOST_BYTES then
    return "This buffer is over 2 MiB: nothing is completed here."
  end
end

---@return boolean free the person is typing text here, and it is not a macro that does
function M.typing()
  return api.nvim_get_mode().mode:sub(1, 1) == "i"
    and vim.fn.reg_recording() == ""
    and vim.fn.reg_executing() == ""
    and not vim.o.paste
    and vim.fn.col("$") <= LONGEST_LINE
    -- Beyond the end of a line (virtualedit) there is no place in the text.
    and (vim.wo.virtualedit == "" and vim.o.virtualedit == "" or vim.fn.getcurpos()[4] == 0)
end

return M
