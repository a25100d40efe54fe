---`:ZekeConsents`: what waits for an answer, what was granted and refused, whether this project's
---file is believed, and why something was allowed. Shows and asks; what holds is the broker's.
local M = {}

local inbox ---@type zeke.Inbox? the one that is open

---@return boolean
local function open()
  return inbox ~= nil and inbox.panel:there()
end

function M.run()
  if inbox and open() then
    require("zeke.scratch").close(inbox.panel.buffer)
  end
  inbox = require("zeke.consents.inbox").open("Zeke consents")
  require("zeke.consents.keys").bind(inbox)
end

---The broker says that something of it is not as it was.
function M.changed()
  if inbox and open() then
    inbox:soon()
  end
end

---The broker is gone.
function M.lost()
  if inbox and open() then
    inbox:lost()
  end
end

---@return boolean the person is in it
function M.focused()
  return inbox ~= nil and open() and inbox.panel:focused()
end

return M
