---From a command line to the module that does it.
local M = {}

---@class zeke.Call
---@field text string
---@field range zeke.Range
---@field ranged boolean a range was given
---@field bang boolean

---@class zeke.Sub
---@field run fun(call: zeke.Call)
---@field complete? fun(lead: string, before: string): string[]

---@param lead string
---@return string[]
local function reviewing(lead)
  local names = { "open", "text" }
  for _, key in ipairs(require("zeke.keys").review) do
    names[#names + 1] = (key[1]:gsub("_", "-"))
  end
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

---`:Zeke review`: the list, or what a key of a diff does.
---@param call zeke.Call
local function review(call)
  local name, rest = call.text:match("^(%S*)%s*(.*)$")
  name = (name or "") ~= "" and name or "open"
  if not vim.tbl_contains(reviewing(""), name) then
    local near = require("zeke.config").nearest(name, reviewing(""))
    local advice = near and ("did you mean `:Zeke review %s`?"):format(near)
      or "`:help zeke-review` has them all."
    local problem = ("There is no `:Zeke review %s`: %s"):format(name, advice)
    return require("zeke.notice").error(problem)
  end
  local buffer = name ~= "open" and vim.api.nvim_get_current_buf() or nil
  require("zeke.review")[(name:gsub("-", "_"))](buffer, rest)
end

---@type table<string, zeke.Sub>
M.subs = {
  chat = {
    run = function(call)
      local words = call.text:match("^history%f[%s%z]%s*(.*)$")
      if words and not call.ranged and not call.bang then
        return require("zeke.chat").history(words)
      end
      local range = call.ranged and call.range or nil
      require("zeke.chat").run({ text = call.text, range = range, fresh = call.bang })
    end,
    complete = function(lead)
      return lead ~= "" and vim.startswith("history", lead) and { "history" } or {}
    end,
  },
  agent = {
    run = function(call)
      require("zeke.agents").run(call.text, call.bang)
    end,
    complete = function(lead, before)
      return require("zeke.agents").complete(lead, before)
    end,
  },
  chats = {
    run = function()
      require("zeke.chat").pick()
    end,
  },
  explain = {
    run = function(call)
      local question = require("zeke.context").instruction(call.text)
      require("zeke.explain").run(call.range, question ~= "" and question or nil)
    end,
  },
  edit = {
    run = function(call)
      require("zeke.edit").run(call.range, call.text, "edit")
    end,
  },
  refactor = {
    run = function(call)
      require("zeke.edit").run(call.range, call.text, "refactor")
    end,
  },
  test = {
    run = function(call)
      require("zeke.create").test(call.range, call.text)
    end,
  },
  context = {
    run = function(call)
      require("zeke.project").run(call.text)
    end,
  },
  terminal = {
    run = function(call)
      require("zeke.terminal").run(call)
    end,
    complete = function(lead)
      return require("zeke.terminal").complete(lead)
    end,
  },
  analyze = {
    run = function(call)
      require("zeke.analyze").run(call.range, call.text)
    end,
    complete = function(lead)
      return require("zeke.analyze").complete(lead)
    end,
  },
  findings = {
    run = function()
      require("zeke.analyze.view").open(true)
    end,
  },
  create = {
    run = function(call)
      require("zeke.create").run(call.text)
    end,
  },
  accept = {
    run = function()
      require("zeke.review").accept()
    end,
  },
  reject = {
    run = function(call)
      require("zeke.review").reject(nil, call.text)
    end,
  },
  review = { run = review, complete = reviewing },
  changes = {
    run = function()
      require("zeke.review").open()
    end,
  },
  prompt = {
    run = function()
      local asks = package.loaded["zeke.agents.ask"]
      if not require("zeke.prompt").focus() and not (asks and asks.focus()) then
        require("zeke.notice").info("No question waits in this Neovim.")
      end
    end,
  },
  model = {
    run = function(call)
      require("zeke.models").run(call.text)
    end,
    complete = function(lead)
      return require("zeke.models").complete(lead)
    end,
  },
  status = {
    run = function()
      require("zeke.status").run()
    end,
  },
  providers = {
    run = function()
      require("zeke.providers").run()
    end,
  },
  consents = {
    run = function()
      require("zeke.consents").run()
    end,
  },
  cancel = {
    run = function(call)
      local count, asked = require("zeke.tasks").cancel(call.text ~= "" and call.text or nil)
      local text = count == 0 and "Nothing runs." or ("Cancelled: %d."):format(count - asked)
      if asked > 0 then
        local ended = count > asked and text .. " " or ""
        local stopping = "%sStopping: %d. What is being written is finished first."
        text = stopping:format(ended, asked)
      end
      require("zeke.notice").info(text)
    end,
    complete = function()
      return require("zeke.tasks").ids()
    end,
  },
  auth = {
    run = function(call)
      require("zeke.auth").run(call.text)
    end,
    complete = function(lead)
      return require("zeke.auth").complete(lead)
    end,
  },
  ghostllm = {
    run = function(call)
      require("zeke.ghostllm").run(call.text)
    end,
    complete = function(lead)
      return require("zeke.ghostllm").complete(lead)
    end,
  },
  messages = {
    run = function()
      require("zeke.notice").run()
    end,
  },
  complete = {
    run = function(call)
      require("zeke.complete").run(call.text, call.bang)
    end,
    complete = function(lead)
      return require("zeke.complete").complete(lead)
    end,
  },
  install = {
    run = function(call)
      require("zeke.install").run(call.text)
    end,
    complete = function(lead)
      return require("zeke.install").complete(lead)
    end,
  },
  log = {
    run = function()
      require("zeke.log").run()
    end,
  },
}

---@return string[]
function M.names()
  local names = vim.tbl_keys(M.subs)
  table.sort(names)
  return names
end

---@param args table what a user command gets
---@param text string
---@return zeke.Call
local function call_of(args, text)
  local buffer = vim.api.nvim_get_current_buf()
  local ranged = args.range > 0
  local range = {
    buffer = buffer,
    first = ranged and args.line1 or 1,
    last = ranged and args.line2 or vim.api.nvim_buf_line_count(buffer),
  }
  return { text = text, range = range, ranged = ranged, bang = args.bang }
end

---@param sub string? nil: the first word of the arguments names it
---@param args table what a user command gets
function M.run(sub, args)
  local text = vim.trim(args.args)
  if not sub then
    local name, rest = text:match("^(%S+)%s*(.*)$")
    sub, text = name or "status", rest or ""
  end
  local found = M.subs[sub]
  if not found then
    local near = require("zeke.config").nearest(sub, M.names())
    local advice = near and ("did you mean `:Zeke %s`?"):format(near)
      or "`:help zeke-commands` has them all."
    local problem = ("There is no `:Zeke %s`: %s"):format(sub, advice)
    return require("zeke.notice").error(problem)
  end
  local ok, problem = xpcall(found.run, debug.traceback, call_of(args, text))
  if not ok and vim.fn.getcmdwintype() ~= "" and tostring(problem):find("E11:", 1, true) then
    require("zeke.notice").warn("Neovim opens no window from here: leave this one first, by `:q`.")
  elseif not ok then
    require("zeke.notice").internal(":Zeke " .. sub, tostring(problem))
  end
end

---@param sub string?
---@param lead string
---@param line string
---@param position integer
---@return string[]
function M.complete(sub, lead, line, position)
  local before = line:sub(1, position):match("Zeke%a*!?%s+(.*)$") or ""
  if not sub then
    local name = before:match("^(%S+)%s")
    if not name then
      return vim.tbl_filter(function(known)
        return vim.startswith(known, lead)
      end, M.names())
    end
    sub, before = name, before:match("^%S+%s+(.*)$") or ""
  end
  local found = M.subs[sub]
  before = before:sub(1, #before - #lead)
  return found and found.complete and found.complete(lead, before) or {}
end

return M
