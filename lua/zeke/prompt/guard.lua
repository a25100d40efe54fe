---Which keys reach the prompt: none while the guard holds, and then only those that mean something
---there. Typed-ahead keys come at once, so the guard swallows them too.
local M = {}

local api = vim.api
local namespace = api.nvim_create_namespace("zeke-prompt-keys")

-- What may pass besides mouse keys: the answers, the command line, window commands.
local PASS = { ["1"] = true, ["2"] = true, ["3"] = true, d = true, ["\27"] = true, [":"] = true }
local WINDOW = "\23" -- <C-w>
-- A click may leave the prompt; a second one would select text, and typing means other things then.
local MOUSE = { "LeftMouse", "LeftRelease", "ScrollWheelUp", "ScrollWheelDown", "MouseMove" }

local pause = require("zeke.pause").new()

---@return boolean
function M.holds()
  return pause:holds()
end

---@param typed string
---@return boolean
local function is_mouse(typed)
  local name = vim.fn.keytrans(typed):match("^<(%a+)>$")
  return name ~= nil and vim.tbl_contains(MOUSE, name)
end

---@param window integer the prompt
---@return fun(key: string, typed: string): string?
local function filter(window)
  local in_command = false -- after <C-w>, its count and its key
  local passing = false -- what a passed key was mapped to comes after it, untyped
  return function(_, typed)
    if api.nvim_get_current_win() ~= window or api.nvim_get_mode().mode ~= "n" then
      in_command = false
      return nil
    end
    if pause:holds() then
      return ""
    end
    if typed == "" then
      return not passing and "" or nil
    end
    if in_command then
      in_command, passing = typed:match("^%d$") ~= nil, true
      return nil -- swallowed, it would leave Neovim waiting for another
    end
    local command = typed:sub(1, 1) == WINDOW
    in_command = command and #typed == 1
    passing = command or PASS[typed] or is_mouse(typed)
    return not passing and "" or nil
  end
end

---@param window integer the prompt
---@param wait_ms integer
---@param changed fun() called when the guard ends
function M.hold(window, wait_ms, changed)
  require("zeke.typed").watch()
  pause:start(wait_ms, changed)
  vim.on_key(filter(window), namespace)
end

function M.release()
  pause:stop()
  vim.on_key(nil, namespace)
end

return M
