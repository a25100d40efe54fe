---What an agent offers beside its answers: modes, options, commands, and sessions to go on with.
local M = {}

local visible = require("zeke.columns").visible

---@param link zeke.AgentLink
---@return zeke.AgentOffers?
local function offers(link)
  if link.state ~= "open" then
    local said = "%s is not running: a question starts it."
    require("zeke.notice").info(said:format(link:label()))
    return nil
  end
  return link.offers
end

---@param link zeke.AgentLink
---@param what "mode"|"config"
---@param id string
---@param value string|boolean
---@param done fun(data: table)
local function set(link, what, id, value, done)
  local params = { session = link.offers.session, what = what, id = id, value = value }
  require("zeke.replies").ask("agent.set", params, function(data, problem)
    if data then
      done(data)
    else
      require("zeke.notice").error(problem or "?")
    end
  end)
end

---@param link zeke.AgentLink
function M.modes(link)
  local found = offers(link)
  local modes = found and found.modes and found.modes.availableModes or {}
  if not found then
    return
  elseif #modes == 0 then
    return require("zeke.notice").info(link:label() .. " has no modes.")
  end
  require("zeke.dialog").select(modes, {
    prompt = "Mode of " .. link:label(),
    format_item = function(mode)
      local now = mode.id == found.modes.currentModeId and " (now)" or ""
      local what = mode.description and " · " .. visible(mode.description) or ""
      return visible(mode.name or mode.id) .. now .. what
    end,
  }, function(mode)
    if mode and link.state == "open" then
      set(link, "mode", "", mode.id, function()
        link:update({ sessionUpdate = "current_mode_update", currentModeId = mode.id })
      end)
    end
  end)
end

---@param option table
---@return table[] values
local function values(option)
  if option.type == "boolean" then
    return { { value = true, name = "on" }, { value = false, name = "off" } }
  end
  local found = {}
  for _, one in ipairs(option.options or {}) do
    vim.list_extend(found, one.options or { one })
  end
  return found
end

---@param link zeke.AgentLink
---@param option table
local function choose(link, option)
  require("zeke.dialog").select(values(option), {
    prompt = visible(option.name or option.id),
    format_item = function(one)
      local now = one.value == option.currentValue and " (now)" or ""
      local what = one.description and " · " .. visible(one.description) or ""
      return visible(one.name or tostring(one.value)) .. now .. what
    end,
  }, function(one)
    if one and link.state == "open" then
      set(link, "config", option.id, one.value, function(data)
        link:update({ sessionUpdate = "config_option_update", configOptions = data.config })
      end)
    end
  end)
end

---Models are among them.
---@param link zeke.AgentLink
function M.options(link)
  local found = offers(link)
  if not found then
    return
  elseif #(found.config or {}) == 0 then
    return require("zeke.notice").info(link:label() .. " has no options.")
  end
  require("zeke.dialog").select(found.config, {
    prompt = "Options of " .. link:label(),
    format_item = function(option)
      local now = option.currentValue
      for _, one in ipairs(values(option)) do
        now = one.value == option.currentValue and one.name or now
      end
      return ("%s: %s"):format(visible(option.name or option.id), visible(tostring(now)))
    end,
  }, function(option)
    if option then
      choose(link, option)
    end
  end)
end

---@param link zeke.AgentLink
function M.commands(link)
  local found = offers(link)
  if not found then
    return
  elseif #(found.commands or {}) == 0 then
    return require("zeke.notice").info(link:label() .. " has no commands.")
  end
  require("zeke.dialog").select(found.commands, {
    prompt = "Commands of " .. link:label(),
    format_item = function(command)
      return ("/%s · %s"):format(visible(command.name), visible(command.description or ""))
    end,
  }, function(command)
    if command and link.chat:is_open() then
      require("zeke.chat.input").add(link.chat.buffer, "/" .. command.name .. " ")
      require("zeke.chat.input").enter(link.chat.buffer)
    end
  end)
end

---For an omnifunc: commands are where a question begins.
---@param buffer integer
---@param line string up to the cursor
---@return table[]? items nil: no command can stand here
function M.completion(buffer, line)
  local chat = require("zeke.chat.session").of(buffer)
  local typed = line:match("^/(%S*)$")
  local offered = chat and chat.agent and chat.agent.offers
  if not typed or not offered then
    return nil
  end
  local input = require("zeke.chat.input")
  local first = input.first(buffer)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local above = first and vim.api.nvim_buf_get_lines(buffer, first, row, false) or {}
  if not first or row < first or vim.trim(table.concat(above)) ~= "" then
    return nil
  end
  local items = {}
  for _, command in ipairs(offered.commands or {}) do
    if vim.startswith(command.name, typed) then
      local word = "/" .. command.name
      items[#items + 1] = { word = word, menu = visible(command.description or "") }
    end
  end
  return items
end

---@param whose {agent: string, command: string[]?, cwd: string}
---@param chosen fun(id: string)
function M.sessions(whose, chosen)
  local name = whose.agent
  require("zeke.act").mark()
  local params = vim.tbl_extend("error", whose, { here = vim.fn.getcwd() })
  require("zeke.replies").ask("agent.sessions", params, function(data, problem)
    local found = data and data.sessions or {}
    if problem then
      return require("zeke.notice").error(problem)
    elseif #found == 0 then
      return require("zeke.notice").info(name .. " remembers no session of this directory.")
    end
    require("zeke.dialog").select(found, {
      prompt = "Sessions of " .. name,
      format_item = function(one)
        local title = visible(one.title ~= "" and one.title or one.id)
        return one.updated ~= "" and ("%s · %s"):format(title, visible(one.updated)) or title
      end,
    }, function(one)
      if one then
        chosen(one.id)
      end
    end)
  end, nil, require("zeke.agents.link").OPEN_LIMIT_MS)
end

return M
