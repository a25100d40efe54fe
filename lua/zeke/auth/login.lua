---Logging in with a code that is typed in a browser (GitHub Copilot): the code, large, in a window;
---closing it ends the login. The broker asks the provider; nothing secret comes here.
local M = {}

local CODE_WIDTH = 70 -- more than this is not drawn large

---@class zeke.LoginCode
---@field user_code string
---@field verification_uri string
---@field expires_in number

---@class zeke.Login
---@field provider string
---@field panel zeke.Panel
---@field code zeke.LoginCode?

local current ---@type zeke.Login?

---@param login zeke.Login
---@return string
local function title(login)
  return require("zeke.figures").provider(login.provider)
end

---@param code string
---@return zeke.PanelLine[]
local function large(code)
  local spaced = code:gsub("(.)", "%1 ")
  local plain = require("zeke.config").get().ui.plain
  local rows = not plain and #code * 4 < CODE_WIDTH and require("zeke.auth.glyphs").rows(code)
  local lines = {}
  for _, row in ipairs(rows or {}) do
    lines[#lines + 1] = { text = "    " .. row, group = "ZekeTitle" }
  end
  lines[#lines + 1] = { text = "" }
  lines[#lines + 1] = { text = "    " .. (plain and code or vim.trim(spaced)), group = "ZekeTitle" }
  return lines
end

---@param login zeke.Login
local function draw(login)
  local code, lines = login.code, { { text = "" } } ---@type zeke.LoginCode?, zeke.PanelLine[]
  if not code then
    lines[2] = { text = ("Asking %s for a code …"):format(title(login)) }
    return login.panel:show(lines)
  end
  local columns, width = require("zeke.columns"), login.panel:width()
  local minutes = math.max(1, math.floor((tonumber(code.expires_in) or 0) / 60))
  local within = minutes == 1 and "a minute" or minutes .. " minutes"
  local page = columns.visible(code.verification_uri)
  local how = ("Open %s and type, within %s:"):format(page, within)
  for _, piece in ipairs(columns.wrapped(how, width)) do
    lines[#lines + 1] = { text = piece }
  end
  lines[#lines + 1] = { text = "" }
  vim.list_extend(lines, large(columns.visible(code.user_code)))
  lines[#lines + 1] = { text = "" }
  for _, text in ipairs({
    "Waiting until you have …  This window closes then; closing it cancels.",
    "Copilot through other editors' means is experimental: GitHub may change or end it.",
  }) do
    for _, piece in ipairs(columns.wrapped(text, width)) do
      lines[#lines + 1] = { text = piece, group = "ZekeHint" }
    end
  end
  login.panel:show(lines)
  login.panel:foot(" y copies the code · o opens the page · q cancels ")
end

---@param login zeke.Login
local function over(login)
  if current == login then
    current = nil
  end
  require("zeke.scratch").close(login.panel.buffer)
end

---@param login zeke.Login
local function copy(login)
  if not login.code then
    return
  end
  vim.fn.setreg('"', login.code.user_code)
  -- Without a clipboard program Neovim would complain.
  local ok = vim.fn.has("clipboard") == 1 and pcall(vim.fn.setreg, "+", login.code.user_code)
  local where = ok and "the clipboard" or 'the register "'
  require("zeke.notice").info(("The code is in %s."):format(where))
end

---@param login zeke.Login
local function open(login)
  local page = login.code and login.code.verification_uri
  if not page then
    return
  end
  -- Only a page: what comes from outside is not to start a program.
  local started, problem = nil, "it is no web page" ---@type table?, string?
  if page:match("^https?://[%w%.%-:]+[%w%./%-_%%?=&#]*$") then
    started, problem = vim.ui.open(page)
  end
  if not started then
    local said = ("%s cannot be opened from here: %s."):format(page, problem or "nothing opens it")
    require("zeke.notice").warn(said)
  end
end

---@param login zeke.Login
local function bind(login)
  local map = require("zeke.scratch").map
  map(login.panel.buffer, "y", function()
    copy(login)
  end, "copy the code")
  map(login.panel.buffer, "o", function()
    open(login)
  end, "open the page")
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = login.panel.buffer,
    once = true,
    callback = function()
      if current == login then
        current = nil
        require("zeke.connection").notify("auth.cancel", vim.empty_dict())
        require("zeke.notice").info("The login was cancelled: nothing changed.")
      end
    end,
  })
end

---@param provider string
function M.begin(provider)
  if current then
    over(current)
  end
  local panel = require("zeke.panel").open("login", "Zeke: log in")
  local login = { provider = provider, panel = panel }
  current = login
  bind(login)
  draw(login)
  require("zeke.connection").notify("auth.login", { provider = provider })
end

---@param payload {provider: string, user_code: string, verification_uri: string, expires_in: any}
function M.code(payload)
  if current and current.provider == payload.provider then
    current.code = payload
    draw(current)
  end
end

---@param payload {provider: string, stored: string}
function M.done(payload)
  if current and current.provider == payload.provider then
    over(current)
  end
  local said = "You are logged in to %s; the login is in %s."
  require("zeke.notice").info(
    said:format(require("zeke.figures").provider(payload.provider), payload.stored or "?")
  )
end

---The login, or the broker itself, has ended.
---@param message string
function M.failed(message)
  if current then
    over(current)
    require("zeke.notice").error(message)
  end
end

return M
