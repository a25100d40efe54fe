---Which keys reach the prompt: none while the guard holds, and then only those that mean something
---there. Typed-ahead keys come at once, so the guard swallows them too.
local M = {}

local api = vim.api
local namespace = api.nvim_create_namespace("zeke-prompt-keys")

-- What may pass besides mouse keys: the answers, the command line, window commands.
local PASS = { ["1"] = true, ["2"] = true, ["3"] = true, d = true, ["\27"] = true, [":"] = true }
local WINDOW = "\23" -- <C-w>

local timer ---@type uv.uv_timer_t?
local held = false

---@return boolean
function M.holds()
  return held
end

---@param typed string
---@return boolean
local function is_mouse(typed)
  local name = vim.fn.keytrans(typed)
  return name:find("Mouse", 1, true) ~= nil or name:find("ScrollWheel", 1, true) ~= nil
end

---@param window integer the prompt
---@param wait_ms integer
---@param changed fun() called when the guard ends
function M.hold(window, wait_ms, changed)
  held = true
  timer = timer or assert(vim.uv.new_timer())
  timer:start(
    wait_ms,
    0,
    vim.schedule_wrap(function()
      held = false
      changed()
    end)
  )
  local in_command = false -- after <C-w>, its count and its key
  local swallowing = false -- what a swallowed key was mapped to comes after it, untyped
  vim.on_key(function(_, typed)
    if api.nvim_get_current_win() ~= window or api.nvim_get_mode().mode ~= "n" then
      return nil
    end
    if held then
      return ""
    end
    if typed == "" then
      return swallowing and "" or nil
    end
    swallowing = false
    if in_command then
      in_command = typed:match("^%d$") ~= nil
      return nil
    end
    if typed:sub(1, 1) == WINDOW then
      in_command = #typed == 1
      return nil
    end
    if PASS[typed] or is_mouse(typed) then
      return nil
    end
    swallowing = true
    return ""
  end, namespace)
end

function M.release()
  held = false
  if timer then
    timer:stop()
  end
  vim.on_key(nil, namespace)
end

return M
