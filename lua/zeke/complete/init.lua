---Suggestions at the cursor: `:ZekeComplete`, and what keys and other people's mappings may call.
---Off until somebody turns it on.
local M = {}

local api = vim.api

local accept = require("zeke.complete.accept")
local alternatives = require("zeke.complete.alternatives")
local ask = require("zeke.complete.ask")
local lsp = require("zeke.complete.lsp")
local policy = require("zeke.complete.policy")
local refusals = require("zeke.complete.refusals")
local shown = require("zeke.complete.shown")
local trigger = require("zeke.complete.trigger")

---@param events string|string[]
---@param pattern string|string[]|nil
---@param act function
local function on(events, pattern, act)
  local group = api.nvim_create_augroup("zeke.complete", { clear = false })
  api.nvim_create_autocmd(events, {
    group = group,
    pattern = pattern,
    -- Whatever it returns: true would end it.
    callback = function(event)
      act(event)
    end,
  })
end

local function listen()
  api.nvim_create_augroup("zeke.complete", { clear = true })
  on("InsertEnter", nil, trigger.entered)
  on({ "TextChangedI", "TextChangedP", "CursorMovedI" }, nil, trigger.moved)
  on({ "CompleteChanged", "CompleteDone" }, nil, vim.schedule_wrap(shown.follow))
  on("ModeChanged", "i*:*", function()
    -- Also by <C-c>, of which InsertLeave hears nothing.
    local event = vim.v.event --[[@as {new_mode: string}]]
    if event.new_mode:sub(1, 1) ~= "i" then
      trigger.left()
    end
  end)
  on({ "BufLeave", "WinLeave" }, nil, trigger.left)
  on("BufEnter", nil, function()
    if policy.typing() then
      trigger.entered()
    end
  end)
  on("BufWipeout", nil, function(event)
    policy.forget(event.buf)
    refusals.gone(event.buf)
  end)
  on("User", { "ZekeConsentChanged", "ZekeConsentClosed" }, function()
    refusals.forget()
    ask.forget()
  end)
end

---Insert mode has begun before anybody listened.
function M.start()
  trigger.entered()
end

---Other settings count from now on.
function M.settings_changed()
  trigger.left()
  refusals.forget()
  ask.forget()
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    lsp.detach(buffer)
  end
  if policy.typing() then
    trigger.entered()
  end
end

---@return boolean done false: no suggestion is shown here, and nothing happened
function M.accept()
  return accept.all()
end

---@return boolean done
function M.accept_word()
  return accept.one_word()
end

---@return boolean done
function M.accept_line()
  return accept.one_line()
end

---@return boolean done
function M.next()
  return alternatives.next()
end

---@return boolean done
function M.previous()
  return alternatives.previous()
end

---@return boolean done
function M.dismiss()
  local visible = M.visible()
  ask.cancel()
  shown.clear()
  return visible
end

---@return boolean
function M.visible()
  local suggestion = shown.current()
  return suggestion ~= nil and suggestion:rest() ~= nil
end

---Ask now, also where nothing comes by itself (`<Plug>(zeke-complete)`).
function M.ask()
  local problem = trigger.wish()
  if problem then
    require("zeke.notice").warn(problem)
  end
end

---@param everywhere boolean
local function tell(everywhere)
  local buffer = api.nvim_get_current_buf()
  local notice = require("zeke.notice")
  local wanted = policy.wanted(buffer)
  local why = wanted and (policy.problem(buffer) or refusals.denied(buffer))
  if why then
    notice.warn("Completion is on, and yet silent here. " .. why)
  elseif wanted then
    notice.info(everywhere and "Completion is on." or "Completion is on in this buffer.")
  else
    local off = everywhere and "Completion is off." or "Completion is off in this buffer."
    notice.info(off .. " <Plug>(zeke-complete) still asks when you want it.")
  end
end

---`:ZekeComplete[!] [on|off|toggle]`: in this buffer, or with a bang everywhere; without a word it
---says how it is.
---@param word string
---@param everywhere boolean
function M.run(word, everywhere)
  local buffer = api.nvim_get_current_buf()
  local on_by = { on = true, off = false, toggle = not policy.wanted(buffer) }
  if word ~= "" then
    if on_by[word] == nil then
      local sentence = ":ZekeComplete takes on, off or toggle, not %s."
      return require("zeke.notice").error(sentence:format(word))
    end
    policy.switch(not everywhere and buffer or nil, on_by[word])
    M.settings_changed()
  end
  tell(everywhere)
end

---@param lead string
---@return string[]
function M.complete(lead)
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, { "on", "off", "toggle" })
end

-- Before Neovim's own inline completion does: ours has to hear of a key first, so that what is
-- outdated is taken back before it is drawn again.
listen()

return M
