---`:ZekeChat`: one conversation in a markdown buffer; `<CR>` in normal mode sends its end.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local scratch = require("zeke.scratch")

local WIDE = 120

local buffer ---@type integer?
local task ---@type string?
---Where its turns were written: what keeps text of one of these places here keeps all of it here.
local places = {} ---@type table<string, true>

---@return integer
local function ensure_buffer()
  if buffer and api.nvim_buf_is_valid(buffer) then
    return buffer
  end
  local made = scratch.buffer("chat", "markdown")
  buffer = made
  vim.bo[made].bufhidden = "hide"
  vim.bo[made].undolevels = vim.go.undolevels
  api.nvim_buf_set_lines(made, 0, -1, false, { conversation.YOU, "", "" })
  scratch.map(made, "<CR>", M.send, "send")
  scratch.map(made, "<C-c>", function()
    require("zeke.tasks").cancel(task)
  end, "stop the answer")
  api.nvim_create_autocmd("BufWipeout", {
    buffer = made,
    callback = function()
      buffer, places = nil, {}
      if task then
        require("zeke.tasks").cancel(task)
      end
    end,
  })
  return made
end

---@param shown integer
local function show(shown)
  local window = vim.fn.bufwinid(shown)
  if window > 0 then
    return api.nvim_set_current_win(window)
  end
  if vim.o.columns >= WIDE and vim.fn.win_gettype() == "" then
    api.nvim_open_win(shown, true, { split = "right", win = 0 })
    scratch.title(shown, "Zeke chat · <CR> sends")
    vim.wo[0][0].wrap = true
    vim.wo[0][0].linebreak = true
  else
    local height = math.max(8, math.floor(vim.o.lines * 0.5))
    scratch.open(shown, "Zeke chat · <CR> sends", { enter = true, height = height })
  end
end

---@param shown integer
---@param windows integer[]?
local function to_end(shown, windows)
  for _, window in ipairs(windows or vim.fn.win_findbuf(shown)) do
    api.nvim_win_set_cursor(window, { api.nvim_buf_line_count(shown), 0 })
  end
end

---@param shown integer
---@param lines string[]
local function add(shown, lines)
  api.nvim_buf_set_lines(shown, -1, -1, false, lines)
end

---Room for the next question, unless the person has begun one.
---@param shown integer
---@param stream zeke.Stream
local function next_question(shown, stream)
  local lines = api.nvim_buf_get_lines(shown, 0, -1, false)
  for index = #lines, 1, -1 do
    if lines[index] == conversation.ZEKE then
      local following = require("zeke.stream").followers(shown)
      stream:join()
      add(shown, { "", conversation.YOU, "", "" })
      to_end(shown, following)
      return
    elseif lines[index] == conversation.YOU then
      return
    end
  end
end

---@param shown integer
---@param first integer the line after the heading, from 0
---@param stream zeke.Stream
---@return table<string, fun(payload: table)>
local function handlers(shown, first, stream)
  local function finish()
    task = nil
    if api.nvim_buf_is_loaded(shown) then
      next_question(shown, stream)
    end
  end
  return {
    delta = function(payload)
      stream:append(payload.text)
    end,
    done = function(payload)
      if stream.empty then
        stream:append(payload.text or "")
      end
      if api.nvim_buf_is_loaded(shown) then
        local past = (stream:row() or first) + 1
        local lines = api.nvim_buf_get_lines(shown, first, past, false)
        local quoted = conversation.quoted(lines)
        if not vim.deep_equal(lines, quoted) then
          stream:join()
          api.nvim_buf_set_lines(shown, first, past, false, quoted)
        end
      end
      finish()
    end,
    failed = function(failure)
      stream:stopped(failure.message)
      finish()
      if failure.code ~= "cancelled" then
        require("zeke.notice").error(failure.message)
      end
    end,
  }
end

---Send the conversation as it stands in the buffer.
function M.send()
  local shown = ensure_buffer()
  places[vim.fn.getcwd()] = true
  if task and require("zeke.tasks").get(task) then
    return require("zeke.notice").info("The answer is still coming: `:ZekeCancel` stops it.")
  end
  local lines = api.nvim_buf_get_lines(shown, 0, -1, false)
  if not conversation.asks(lines) then
    local advice = "There is no question to send: write one under the last heading."
    return require("zeke.notice").warn(advice)
  end
  add(shown, { "", conversation.ZEKE, "", "" })
  to_end(shown)
  local first = api.nvim_buf_line_count(shown)
  local stream = require("zeke.stream").new(shown)
  local messages = conversation.parse(lines)
  task = require("zeke.tasks").submit(
    "chat",
    { messages = messages, places = vim.tbl_keys(places) },
    handlers(shown, first - 1, stream)
  )
end

---@param shown integer
---@param text string
local function write_question(shown, text)
  local lines = api.nvim_buf_get_lines(shown, 0, -1, false)
  while #lines > 0 and vim.trim(lines[#lines]) == "" do
    lines[#lines] = nil
  end
  if lines[#lines] == conversation.YOU then
    lines[#lines + 1] = ""
  end
  vim.list_extend(lines, vim.split(text, "\n", { plain = true }))
  api.nvim_buf_set_lines(shown, 0, -1, false, lines)
end

---The lines of a range as a fenced block.
---@param range zeke.Range
---@return string?, string? problem
local function quotation(range)
  local snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return nil, problem
  end
  local fence = "```"
  while snippet.text:find(fence, 1, true) do
    fence = fence .. "`"
  end
  local head = ("`%s`, lines %d to %d:"):format(snippet.name, range.first, range.last)
  return table.concat({ head, fence .. snippet.language, snippet.text, fence, "" }, "\n")
end

---@param options {text: string, range: zeke.Range?, fresh: boolean?}
function M.run(options)
  local quoted, problem
  if options.range then
    quoted, problem = quotation(options.range)
    if problem then
      return require("zeke.notice").error(problem)
    end
  end
  if options.fresh and buffer then
    scratch.close(buffer)
  end
  local shown = ensure_buffer()
  local named = options.range and api.nvim_buf_get_name(options.range.buffer) or ""
  if vim.startswith(named, "/") then
    places[named] = true
  end
  show(shown)
  local text = require("zeke.context").instruction(options.text)
  if task and require("zeke.tasks").get(task) then
    if text ~= "" or quoted then
      require("zeke.notice").info("The answer is still coming: `:ZekeCancel` stops it.")
    end
    return
  end
  if text ~= "" or quoted then
    write_question(shown, (quoted and quoted .. "\n" or "") .. text)
  end
  to_end(shown)
  if text ~= "" then
    M.send()
  end
end

return M
