---What takes long, told while it goes on: as a progress message where Neovim has them (0.12,
---`:help progress-message`), else in the notice window. Knows nothing of what is going on.
local M = {}

---@class zeke.Progress
---@field private title string
---@field package message integer|string|nil of Neovim, while it shows progress itself
---@field private said string? what the notice window shows
---@field private due {status: "running"|"success"|"failed", text: string, percent: integer?}?
---@field package watch integer? the autocommand that hears of a person who stops it
local Progress = {}
Progress.__index = Progress

---@param text string
---@param title string Neovim puts it, and the percent, before the text
---@return string one line that never makes Neovim ask for a key
local function fitted(text, title)
  local width = vim.fn.strdisplaywidth
  local room = vim.v.echospace - width(title) - #": 100% "
  if width(text) <= room then
    return text
  end
  local kept = vim.fn.strcharlen(text)
  while kept > 0 and width(vim.fn.strcharpart(text, 0, kept)) >= room do
    kept = kept - 1
  end
  return vim.fn.strcharpart(text, 0, kept) .. "…"
end

---@return boolean
local function shown_by_neovim()
  local wanted = require("zeke.config").get().ui.progress
  return wanted and vim.fn.has("nvim-0.12") == 1 and #vim.api.nvim_list_uis() > 0
end

---@param status "running"|"success"|"failed"
---@param text string
---@param percent integer?
---@return boolean shown
function Progress:echo(status, text, percent)
  -- A message would tear the line that somebody types.
  if not shown_by_neovim() or vim.api.nvim_get_mode().mode:match("^[cr]") then
    return false
  end
  -- Two messages between two redraws are more than the line holds: Neovim would ask for a key.
  vim.cmd.redraw()
  local ok, message = pcall(
    vim.api.nvim_echo,
    { { fitted(text, self.title) } },
    status ~= "running",
    {
      kind = "progress",
      id = self.message,
      title = self.title,
      status = status,
      percent = percent,
    }
  )
  if ok then
    self.message = message --[[@as string|integer]]
  end
  return ok
end

---@param status "running"|"success"|"failed"
---@param text string
---@param percent integer?
function Progress:tell(status, text, percent)
  local told = self.due ~= nil
  self.due = { status = status, text = text, percent = percent }
  if told then
    return
  end
  -- Without a line for messages Neovim asks for a key after each that comes from a command.
  vim.schedule(function()
    local due = self.due
    self.due = nil
    if not due then
      return -- it was over before
    end
    local shown = self:echo(due.status, due.text, due.percent)
    if due.status ~= "running" then
      self.message = nil
    elseif not shown then
      self:note(due.text, due.percent)
    end
  end)
end

---@param text string what is being done
---@param percent integer? how much of all is done
function Progress:report(text, percent)
  self:tell("running", text, percent)
end

---@param text string
---@param percent integer?
function Progress:note(text, percent)
  local notice = require("zeke.notice")
  local what = self.title:gsub("^Zeke ", "")
  local sentence = percent and ("%s: %s (%d %%)"):format(what, text, percent)
    or ("%s: %s"):format(what, text)
  notice.instead(self.said, sentence)
  self.said = sentence
end

---It has ended, and what came of it is seen elsewhere.
---@param ok boolean
function Progress:over(ok)
  if self.watch then
    pcall(vim.api.nvim_del_autocmd, self.watch)
    self.watch = nil
  end
  self.due = nil
  if self.message then
    self:tell(ok and "success" or "failed", ok and "done" or "stopped", ok and 100 or nil)
  end
  if self.said then
    require("zeke.notice").over(self.said)
    self.said = nil
  end
end

---@param text string a whole sentence: how it ended
---@param ok boolean
function Progress:finish(text, ok)
  self:over(ok)
  require("zeke.notice").say(ok and "info" or "error", text)
end

---@param title string
---@param cancel fun()? what to do when somebody cancels it by Neovim's own means
---@return zeke.Progress
function M.start(title, cancel)
  local started = setmetatable({ title = title }, Progress)
  if cancel and vim.fn.exists("##Progress") == 1 then
    started.watch = vim.api.nvim_create_autocmd("Progress", {
      callback = function(event)
        local data = event.data or {}
        if data.status == "cancel" and data.id == started.message then
          cancel()
        end
      end,
    })
  end
  return started
end

return M
