---Text that grows at one place of a buffer, whatever else happens there.
---What comes within a moment is one change. Nothing is redrawn by force; nobody who reads above is
---moved, and who stands at the end goes on standing there.
local api = vim.api

local namespace = api.nvim_create_namespace("zeke-stream")

---A model may say 200 things a second; nobody reads that, and each would be drawn.
local GATHER_MS = 30

---@class zeke.Stream
---@field buffer integer
---@field mark integer
---@field empty boolean nothing came yet
---@field private pending string[]
---@field private waiting boolean the next moment is on its way
---@field private ending fun()? what to do once everything stands there
---@field private clean? fun(lines: string[]): string[]
---@field private held integer? autocommand that goes on when the person has selected or searched
local Stream = {}
Stream.__index = Stream

---@param buffer integer
---@param options {row: integer?, clean: (fun(lines: string[]): string[])?}? where (from 0, an empty
---line; default: the end), and what to make of whole lines before anybody can take them for others
---@return zeke.Stream
function Stream.new(buffer, options)
  local row = options and options.row or api.nvim_buf_line_count(buffer) - 1
  local text = api.nvim_buf_get_lines(buffer, row, row + 1, false)[1]
  return setmetatable({
    buffer = buffer,
    mark = api.nvim_buf_set_extmark(buffer, namespace, row, #text, {}),
    empty = true,
    pending = {},
    waiting = false,
    clean = options and options.clean,
  }, Stream)
end

---Change a buffer that its person may have made unmodifiable.
---@param buffer integer
---@param change fun()
function Stream.change(buffer, change)
  local modifiable = vim.bo[buffer].modifiable
  if not modifiable then
    vim.bo[buffer].modifiable = true
  end
  local ok, problem = pcall(change)
  if not modifiable then
    vim.bo[buffer].modifiable = false
  end
  if not ok then
    error(problem, 0)
  end
end

---The next change belongs to the one before it, which made room for the text: one `u` takes all of
---it back.
function Stream:join()
  if api.nvim_get_current_buf() == self.buffer then
    pcall(vim.cmd.undojoin) -- refused after an undo: then it is a step of its own
  end
end

---Neovim moves neither the other end of a selection nor the place where a search began when lines
---come above them.
---@param row integer from 0
---@return boolean
function Stream:disturbs(row)
  local mode = api.nvim_get_mode().mode
  local selects = mode:find("^[vVsS\22\19]") ~= nil
  local searches = mode:find("^c") ~= nil and vim.fn.getcmdtype():find("[/?]") ~= nil
  if not (selects or searches) or api.nvim_get_current_buf() ~= self.buffer then
    return false
  end
  return searches or math.max(vim.fn.line("."), vim.fn.line("v")) > row + 1
end

---@param last integer row from 0, of the end of what is written
---@return fun() follow whoever stood at the end, or below it
function Stream:followers(last)
  local buffer = self.buffer
  local at_end = last == api.nvim_buf_line_count(buffer) - 1
  local here = api.nvim_get_current_win()
  local typing = api.nvim_get_mode().mode:find("^[^n]") and here
  local found = {}
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    local row = api.nvim_win_get_cursor(window)[1] - 1
    if at_end and row == last and window ~= typing then
      found[#found + 1] = window
    elseif row > last and window ~= here then
      found[#found + 1] = window
    end
  end
  return function()
    -- At its end, because a paragraph can be longer than the window is high.
    local to = { api.nvim_buf_line_count(buffer), vim.v.maxcol }
    for _, window in ipairs(found) do
      -- Its own place again, if it stands below: only so is a window scrolled that is not current.
      api.nvim_win_set_cursor(window, at_end and to or api.nvim_win_get_cursor(window))
    end
  end
end

---@param row integer
---@param column integer
---@param text string
function Stream:put(row, column, text)
  local buffer = self.buffer
  local lines = vim.split(text, "\n", { plain = true })
  self:join()
  api.nvim_buf_set_text(buffer, row, column, row, column, lines)
  if self.clean then
    local past = row + #lines
    local raw = api.nvim_buf_get_lines(buffer, row, past, false)
    for index, line in ipairs(self.clean(raw)) do
      if line ~= raw[index] then
        local at = row + index - 1
        self:join()
        api.nvim_buf_set_text(buffer, at, 0, at, #raw[index], { line })
        if index == #raw then
          api.nvim_buf_set_extmark(buffer, namespace, at, #line, { id = self.mark })
        end
      end
    end
  end
end

---Go on once the person has let go of what more text would tear.
function Stream:hold()
  self.held = self.held
    or api.nvim_create_autocmd("ModeChanged", {
      once = true,
      callback = function()
        self.held = nil
        vim.schedule(function()
          self:flush()
        end)
      end,
    })
end

---Write what has come so far.
function Stream:flush()
  if not api.nvim_buf_is_loaded(self.buffer) then
    self.pending = {}
  elseif #self.pending > 0 then
    local at = api.nvim_buf_get_extmark_by_id(self.buffer, namespace, self.mark, {})
    if at[1] and self:disturbs(at[1]) then
      return self:hold()
    end
    local text = table.concat(self.pending)
    self.pending = {}
    if at[1] and text ~= "" then
      local follow = self:followers(at[1])
      Stream.change(self.buffer, function()
        self:put(at[1], at[2], text)
      end)
      follow()
    end
  end
  local ending = self.ending
  self.ending = nil
  if ending then
    ending()
  end
end

function Stream:tick()
  self.waiting = true
  self:flush()
  vim.defer_fn(function()
    self.waiting = false
    if #self.pending > 0 and not self.held then
      self:tick()
    end
  end, GATHER_MS)
end

---@param text string
function Stream:append(text)
  self.empty = self.empty and text == ""
  self.pending[#self.pending + 1] = text
  if not self.waiting and not self.held then
    self:tick()
  end
end

---Nothing more comes.
---@param ending fun()? called once everything stands there: at once, unless the person selects
function Stream:finish(ending)
  self.ending = ending
  self:flush()
end

---@return integer? row from 0, of the end of the text
function Stream:row()
  return api.nvim_buf_get_extmark_by_id(self.buffer, namespace, self.mark, {})[1]
end

---Put a sentence where the text ended early.
---@param message string
function Stream:stopped(message)
  local gap = self.empty and "" or "\n\n"
  self:append(gap .. Stream.NOTE .. message)
  self:flush()
end

---How a note that is not part of the answer begins.
Stream.NOTE = "> **Stopped:** "

return Stream
