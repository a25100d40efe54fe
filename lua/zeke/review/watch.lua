---What happens to the buffers of a file under review: cursors that move, text that changes, windows
---that close. Closing the last window is a no.
local api = vim.api

---@class zeke.Watch
---@field group integer
local Watch = {}
Watch.__index = Watch

---@param buffer integer
---@param besides integer? window
---@return boolean some window shows it, other than a float that may be a preview
local function shown(buffer, besides)
  return vim.iter(vim.fn.win_findbuf(buffer)):any(function(window)
    return window ~= besides and api.nvim_win_get_config(window).relative == ""
  end)
end

---@param file zeke.ChangeFile
---@param text string
local function drop(file, text)
  if file:undecided() then
    require("zeke.review.decide").drop(file, text:format(file.name))
  end
end

---@param file zeke.ChangeFile
local function unloaded(file)
  local decide = require("zeke.review.decide")
  if file.target and api.nvim_buf_is_loaded(file.target) then
    if file.state == "open" then
      decide.rebase(file) -- `:edit!` read it again
    end
  else
    drop(file, "The change of %s was rejected: its buffer was closed.")
  end
end

---@alias zeke.On fun(event: string|string[], buffer: integer?, callback: fun(event: table))

---@param file zeke.ChangeFile
---@param on zeke.On
local function follow_text(file, on)
  local events = { "TextChanged", "InsertLeave", "FileChangedShellPost", "BufReadPost" }
  on(events, file.target, function(event)
    local decide = require("zeke.review.decide")
    local read = event.event == "BufReadPost" or event.event == "FileChangedShellPost"
    if file.state == "open" and decide.changed(file) then
      decide.rebase(file)
    elseif read and file.view and file.view.buffer == file.target then
      file.view:show() -- the same text, and what stood in it is gone
    end
  end)
  on("BufFilePost", file.target, function()
    vim.schedule(function()
      local decide = require("zeke.review.decide")
      if not file:ended() and decide.renamed(file) then
        decide.rebase(file)
      end
    end)
  end)
  on("BufUnload", file.target, function()
    vim.schedule(function()
      unloaded(file)
    end)
  end)
end

---@param file zeke.ChangeFile
---@param on zeke.On
local function follow_windows(file, on)
  local buffer = file.target --[[@as integer]]
  on("WinClosed", buffer, function(event)
    if
      shown(buffer, tonumber(event.match) --[[@as integer?]])
    then
      return
    end
    vim.schedule(function()
      if api.nvim_buf_is_loaded(buffer) and not shown(buffer) then
        drop(file, "The change of %s was rejected: its window was closed.")
      end
    end)
  end)
end

---@param file zeke.ChangeFile with a view
---@return zeke.Watch
function Watch.start(file)
  local name = ("zeke-review-%s-%d-%d"):format(file.change.id, file.change.round, file.number)
  local self = setmetatable({ group = api.nvim_create_augroup(name, { clear = true }) }, Watch)
  local function on(event, buffer, callback)
    api.nvim_create_autocmd(event, {
      group = self.group,
      buffer = buffer,
      callback = function(happened)
        callback(happened) -- whatever it returns: true would end the autocommand
      end,
    })
  end
  local buffer = file.view.buffer
  on("CursorMoved", buffer, function()
    file.view:focus(file.view:at(api.nvim_win_get_cursor(0)[1] - 1))
  end)
  on({ "WinResized", "VimResized" }, nil, function()
    file.view:resized()
  end)
  if file.target then
    follow_text(file, on)
  end
  if file.target == buffer then
    follow_windows(file, on)
  else
    on("BufUnload", buffer, function()
      vim.schedule(function()
        drop(file, "The change of %s was rejected: its buffer was closed.")
      end)
    end)
  end
  return self
end

function Watch:stop()
  pcall(api.nvim_del_augroup_by_id, self.group)
end

return Watch
