---`:ZekeConsents`: what waits for an answer, what was granted, and whether this project's file is
---believed. Shows and asks; what holds is the broker's to say.
local M = {}

local KEYS = "<CR> answers · r revokes · t trusts · x rejects · q closes"
local TRUST = {
  none = "no .zeke-consents.json here",
  trusted = "the project's file is trusted",
  untrusted = "the project's file is not trusted: none of its grants counts",
  broken = "the project's file cannot be read: none of its grants counts",
  local_only = "nothing of this project leaves this machine",
}

---@param time number?
---@return string
local function day(time)
  return type(time) == "number" and os.date("%Y-%m-%d", math.floor(time)) --[[@as string]]
    or tostring(time or ""):sub(1, 10)
end

---@param grant table
---@return string
local function described(grant)
  local text = ("  %s  %s"):format(grant.op or grant.verb or "?", grant.target or "?")
  if grant.subject and grant.subject ~= "assistant" then
    text = text .. "  by " .. grant.subject
  end
  if grant.created then
    text = text .. "  since " .. day(grant.created)
  end
  if grant.expires then
    text = text .. ", until " .. day(grant.expires)
  end
  return text
end

---@param lines zeke.PanelLine[]
---@param title string
---@param entries table[]?
---@param kind string
local function section(lines, title, entries, kind)
  lines[#lines + 1] = { text = title, group = "ZekeTitle" }
  for _, entry in ipairs(entries or {}) do
    lines[#lines + 1] = { text = described(entry), item = { kind = kind, entry = entry } }
  end
  if #(entries or {}) == 0 then
    lines[#lines + 1] = { text = "  none", group = "ZekeHint" }
  end
end

---@param data table what `state.get consents` brings
---@return zeke.PanelLine[]
function M.lines(data)
  local lines = {} ---@type zeke.PanelLine[]
  section(lines, "Waiting", data.waiting, "waiting")
  section(lines, "This session", data.session, "grant")
  section(lines, "This project", data.project, "grant")
  local trust = data.trust or "none"
  lines[#lines + 1] = {
    text = "  " .. (TRUST[trust] or trust),
    group = (trust == "untrusted" or trust == "broken") and "ZekeWarn" or "ZekeHint",
    item = { kind = "file" },
  }
  if data.notice and data.notice ~= "" then
    lines[#lines + 1] = { text = "  " .. data.notice, group = "ZekeWarn" }
  end
  vim.list_extend(lines, { { text = "" }, { text = KEYS, group = "ZekeHint" } })
  return lines
end

---@param panel zeke.Panel
---@param state {data: table?}
local function refresh(panel, state)
  require("zeke.replies").state("consents", function(data, problem)
    state.data = data
    panel:show(data and M.lines(data) or { { text = problem or "?", group = "ZekeError" } })
  end)
end

---@param panel zeke.Panel
---@param state {data: table?}
---@param method string
---@param fields table
local function tell(panel, state, method, fields)
  fields.cwd = vim.fn.getcwd()
  require("zeke.connection").notify(method, fields)
  refresh(panel, state) -- the broker reads in order, so this answer is newer
end

---@param panel zeke.Panel
---@param state {data: table?}
local function bind(panel, state)
  local map = require("zeke.scratch").map
  local function answer()
    if require("zeke.prompt").count() == 0 then
      return require("zeke.notice").info("No question waits in this Neovim.")
    end
    require("zeke.scratch").close(panel.buffer)
    require("zeke.prompt").focus()
  end
  map(panel.buffer, "<CR>", answer, "answer the waiting question")
  map(panel.buffer, "a", answer, "answer the waiting question")
  map(panel.buffer, "r", function()
    local item = panel:item()
    if item and item.kind == "grant" then
      tell(panel, state, "consent.revoke", { ids = { item.entry.id } })
    else
      require("zeke.notice").info("Put the cursor on a grant to revoke it.")
    end
  end, "revoke the grant")
  for key, method in pairs({ t = "consent.trust", x = "consent.reject" }) do
    map(panel.buffer, key, function()
      local hash = state.data and state.data.hash
      if hash and hash ~= "" then
        tell(panel, state, method, { hash = hash })
      else
        require("zeke.notice").info("There is no .zeke-consents.json here to judge.")
      end
    end, method)
  end
end

function M.run()
  local panel = require("zeke.panel").open("consents", "Zeke consents")
  local state = {}
  bind(panel, state)
  refresh(panel, state)
end

return M
