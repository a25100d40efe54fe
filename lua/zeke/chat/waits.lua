---How often a chat waits for its person: with a question of GhostWarden's or of its agent, or with
---a change to look at. Does not know how any of that is shown.
local M = {}

---Each names the session of the agent that has it, or the task for which it is.
---@alias zeke.Wish zeke.Ask|zeke.Change

---@param chat zeke.Chat
---@return fun(wish: zeke.Wish): boolean whether it is one of that chat
local function its(chat)
  local session = chat.agent and chat.agent:session()
  local task = not chat.agent and chat:busy() and chat.task or nil
  return function(wish)
    return session and wish.session == session or task ~= nil and wish.task == task
  end
end

---@param chat zeke.Chat
---@return integer how often it waits
function M.count(chat)
  local asks = package.loaded["zeke.agents.ask"]
  local changes = package.loaded["zeke.review.change"]
  local session = chat.agent and chat.agent:session()
  local asked = asks and session and asks.count(session) or 0
  local reviews = changes and changes.waiting(its(chat)) or 0
  return asked + reviews + require("zeke.prompt").waiting(its(chat))
end

---There is one more or one less: that is told where it is shown.
---@param wish zeke.Wish
function M.changed(wish)
  local sessions = package.loaded["zeke.chat.session"]
  for _, chat in ipairs(sessions and sessions.all() or {}) do
    if its(chat)(wish) then
      chat:retitle()
    end
  end
end

return M
