---A few words on the buffer of the window that is drawn. What costs more than a look into a table
---is kept by events.
local M = {}

local api = vim.api

local KINDS = "^zeke%-analyze%-"
local REVIEWS = { "ZekeReviewOpened", "ZekeReviewDecided", "ZekeReviewClosed", "ZekeTaskPatch" }

local found = {} ---@type table<integer, integer> findings that stand, by buffer
local listening = false

---@param buffer integer
---@return integer
local function count(buffer)
  local total = 0
  for name, namespace in pairs(api.nvim_get_namespaces()) do
    if name:find(KINDS) then
      total = total + #vim.diagnostic.get(buffer, { namespace = namespace })
    end
  end
  return total
end

local function listen()
  listening = true
  local group = api.nvim_create_augroup("zeke-winbar", { clear = true })
  api.nvim_create_autocmd("DiagnosticChanged", {
    group = group,
    callback = function(event)
      if found[event.buf] or package.loaded["zeke.analyze.publish"] then
        found[event.buf] = api.nvim_buf_is_valid(event.buf) and count(event.buf) or nil
      end
    end,
  })
  api.nvim_create_autocmd("BufWipeout", {
    group = group,
    callback = function(event)
      found[event.buf] = nil
    end,
  })
  api.nvim_create_autocmd("User", {
    group = group,
    pattern = REVIEWS,
    callback = function()
      require("zeke.statusline").refresh()
    end,
  })
end

---@param buffer integer
---@return string? of the change that is looked at there
local function change(buffer)
  local review = package.loaded["zeke.review"]
  local file = review and review.of(buffer)
  if not file then
    return nil
  end
  local text = "change"
  if #file.hunks > 0 then
    text = ("change %d/%d"):format(file.view and file.view.current or 1, #file.hunks)
  end
  if file.caution ~= "" then
    text = ("%s, %s"):format(text, file.caution)
  end
  if file.change.count > 1 then
    text = ("%s, file %d of %d"):format(text, file.number, file.change.count)
  end
  return file.state == "asking" and text .. ", GhostWarden decides" or text
end

---@param buffer integer
---@return boolean a suggestion is on its way
local function completing(buffer)
  return package.loaded["zeke.complete.ask"] ~= nil and require("zeke.complete.ask").asking(buffer)
end

---@return string with no item that a winbar would take for its own
function M.text()
  if not listening then
    listen()
  end
  local window = vim.g.statusline_winid or api.nvim_get_current_win()
  local buffer = api.nvim_win_is_valid(window) and api.nvim_win_get_buf(window) or 0
  local text = change(buffer)
  if completing(buffer) then
    text = text and text .. " · completing" or "completing"
  end
  local findings = found[buffer] or 0
  if findings > 0 then
    local words = findings == 1 and "1 finding" or findings .. " findings"
    text = text and text .. " · " .. words or words
  end
  return text and "Zeke: " .. text or ""
end

return M
