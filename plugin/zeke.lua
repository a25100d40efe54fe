-- The commands and <Plug> maps of Zeke. Nothing is loaded until one of them is used.
if vim.g.loaded_zeke then
  return
end
vim.g.loaded_zeke = 1

local api = vim.api

---@class zeke.CommandSpec
---@field sub string? what it is called after `:Zeke`; nil for `:Zeke` itself
---@field nargs string|integer
---@field range boolean?
---@field bang boolean?
---@field desc string

---@type table<string, zeke.CommandSpec>
local commands = {
  Zeke = { nargs = "*", range = true, bang = true, desc = "Zeke: every command by name" },
  ZekeChat = { sub = "chat", nargs = "*", range = true, bang = true, desc = "Zeke: chat" },
  ZekeAgent = { sub = "agent", nargs = "*", bang = true, desc = "Zeke: talk to an agent" },
  ZekeExplain = { sub = "explain", nargs = "*", range = true, desc = "Zeke: explain code" },
  ZekeEdit = { sub = "edit", nargs = "*", range = true, desc = "Zeke: propose an edit" },
  ZekeAnalyze = { sub = "analyze", nargs = "*", range = true, desc = "Zeke: analyze code" },
  ZekeFindings = { sub = "findings", nargs = 0, desc = "Zeke: what analyses found" },
  ZekeCreate = { sub = "create", nargs = "*", desc = "Zeke: propose new files" },
  ZekeTest = { sub = "test", nargs = "*", range = true, desc = "Zeke: propose tests" },
  ZekeRefactor = { sub = "refactor", nargs = "*", range = true, desc = "Zeke: refactor" },
  ZekeReview = { sub = "review", nargs = "*", desc = "Zeke: the proposed changes" },
  ZekeContext = { sub = "context", nargs = "*", desc = "Zeke: ask about the project" },
  ZekeTerminal = {
    sub = "terminal",
    nargs = "*",
    range = true,
    bang = true,
    desc = "Zeke: help with a shell",
  },
  ZekeComplete = {
    sub = "complete",
    nargs = "?",
    bang = true,
    desc = "Zeke: suggestions as you type",
  },
  ZekeSetModel = { sub = "model", nargs = "?", desc = "Zeke: choose the model" },
  ZekeStatus = { sub = "status", nargs = 0, desc = "Zeke: what runs, and where" },
  ZekeProviders = { sub = "providers", nargs = 0, desc = "Zeke: what was spent, and on whom" },
  ZekeConsents = { sub = "consents", nargs = 0, desc = "Zeke: prompts, grants and trust" },
  ZekeCancel = { sub = "cancel", nargs = "?", desc = "Zeke: stop what runs" },
  ZekeAuth = { sub = "auth", nargs = "?", desc = "Zeke: store a provider's key" },
  ZekeAuthGhostLLM = { sub = "ghostllm", nargs = "?", desc = "Zeke: use a running GhostLLM" },
  ZekeLog = { sub = "log", nargs = 0, desc = "Zeke: open the broker's log" },
}

---@param name string
---@param spec zeke.CommandSpec
local function define(name, spec)
  api.nvim_create_user_command(name, function(args)
    require("zeke.commands").run(spec.sub, args)
  end, {
    nargs = spec.nargs,
    range = spec.range,
    bang = spec.bang,
    desc = spec.desc,
    force = true,
    complete = spec.nargs ~= 0 and function(lead, line, position)
      return require("zeke.commands").complete(spec.sub, lead, line, position)
    end or nil,
  })
end

-- A command that another plugin has defined is left to it. The remote-plugin manifest is our own
-- classic door, and the commands here do the same without a Python host.
local function claim()
  local there = api.nvim_get_commands({})
  local left = vim.empty_dict()
  for name, spec in pairs(commands) do
    local definition = there[name] and there[name].definition
    local door = definition
      and definition:find("remote#define", 1, true)
      and definition:find("zeke.py", 1, true)
    if not definition or door then
      define(name, spec)
    elseif definition ~= spec.desc then
      left[name] = definition
    end
  end
  vim.g.zeke_left_alone = left
end

local function begin()
  if vim.g.zeke ~= nil then
    vim.schedule(function()
      require("zeke").begin()
    end)
  end
end

claim()
if vim.v.vim_did_enter == 0 then
  api.nvim_create_autocmd("VimEnter", {
    once = true,
    callback = function()
      -- The manifest is sourced after this file and overwrites what is there.
      claim()
      begin()
    end,
  })
else
  begin()
end

for name, maps in pairs({
  chat = { n = "<Cmd>Zeke chat<CR>", x = ":Zeke chat " },
  chats = { n = "<Cmd>Zeke chats<CR>" },
  agent = { n = "<Cmd>Zeke agent<CR>" },
  history = { n = "<Cmd>Zeke chat history<CR>" },
  explain = { n = "<Cmd>Zeke explain<CR>", x = ":Zeke explain<CR>" },
  edit = { n = ":Zeke edit ", x = ":Zeke edit " },
  analyze = { n = "<Cmd>Zeke analyze<CR>", x = ":Zeke analyze<CR>" },
  findings = { n = "<Cmd>Zeke findings<CR>" },
  create = { n = ":Zeke create " },
  test = { n = "<Cmd>Zeke test<CR>", x = ":Zeke test<CR>" },
  refactor = { n = ":Zeke refactor ", x = ":Zeke refactor " },
  context = { n = ":Zeke context " },
  terminal = { n = ":Zeke terminal ", x = ":Zeke terminal debug<CR>" },
  accept = { n = "<Cmd>Zeke accept<CR>" },
  reject = { n = "<Cmd>Zeke reject<CR>" },
  ["accept-hunk"] = { n = "<Cmd>Zeke review accept-hunk<CR>" },
  ["reject-hunk"] = { n = "<Cmd>Zeke review reject-hunk<CR>" },
  ["undecide-hunk"] = { n = "<Cmd>Zeke review undecide-hunk<CR>" },
  ["next-hunk"] = { n = "<Cmd>Zeke review next-hunk<CR>" },
  ["previous-hunk"] = { n = "<Cmd>Zeke review previous-hunk<CR>" },
  ["reject-why"] = { n = "<Cmd>Zeke review reject-why<CR>" },
  ["accept-all"] = { n = "<Cmd>Zeke review accept-all<CR>" },
  ["reject-all"] = { n = "<Cmd>Zeke review reject-all<CR>" },
  review = { n = "<Cmd>Zeke review<CR>" },
  changes = { n = "<Cmd>Zeke changes<CR>" },
  prompt = { n = "<Cmd>Zeke prompt<CR>" },
  model = { n = "<Cmd>Zeke model<CR>" },
  status = { n = "<Cmd>Zeke status<CR>" },
  providers = { n = "<Cmd>Zeke providers<CR>" },
  consents = { n = "<Cmd>Zeke consents<CR>" },
  cancel = { n = "<Cmd>Zeke cancel<CR>" },
  auth = { n = "<Cmd>Zeke auth<CR>" },
  ghostllm = { n = ":Zeke ghostllm " },
  complete = { i = "<Cmd>lua require('zeke.complete').ask()<CR>" },
  log = { n = "<Cmd>Zeke log<CR>" },
}) do
  local options = { noremap = true, desc = "Zeke: " .. name:gsub("-", " ") }
  for mode, keys in pairs(maps) do
    api.nvim_set_keymap(mode, "<Plug>(zeke-" .. name .. ")", keys, options)
  end
end

for _, action in ipairs({ "accept", "word", "line", "next", "previous", "dismiss" }) do
  local called = (action == "word" or action == "line") and "accept_" .. action or action
  local keys = ("<Cmd>lua require('zeke.complete').%s()<CR>"):format(called)
  local options = { noremap = true, desc = "Zeke: suggestion: " .. action }
  api.nvim_set_keymap("i", "<Plug>(zeke-complete-" .. action .. ")", keys, options)
end

-- Sessions bring back names of ours; what stood there is gone.
api.nvim_create_autocmd("BufReadCmd", {
  pattern = "zeke://*",
  callback = function()
    require("zeke.leftover").clear_soon()
  end,
})
api.nvim_create_autocmd("SessionLoadPost", {
  callback = function()
    require("zeke.leftover").clear_soon()
  end,
})

-- Completion is loaded by the first insert mode of those who want it, and by nobody else's.
api.nvim_create_autocmd("InsertEnter", {
  callback = function()
    local config = package.loaded["zeke.config"]
    local settings = config and config.get() or vim.g.zeke
    local complete = type(settings) == "table" and settings.complete
    if package.loaded["zeke.complete"] then
      return true
    elseif type(complete) == "table" and complete.enabled == true then
      require("zeke.complete").start()
      return true
    end
  end,
})
