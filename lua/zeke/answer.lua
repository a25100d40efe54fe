---A window in which an answer is written while you look on, or elsewhere.
local M = {}

local scratch = require("zeke.scratch")

local latest ---@type {buffer: integer, id: string}? whose window the next one may take

---@class zeke.Question
---@field kind string
---@field params table the fields of `task.submit`
---@field title string
---@field sent? fun(payload: table): string[] what stands above the answer, once that is known
---@field done? fun(buffer: integer, head: string[], payload: table): boolean true: it shows it

---@param receipt table
---@return string
local function signed(receipt)
  local cached = receipt.cached and " · from the cache" or ""
  return receipt.model and receipt.model ~= "" and (" · " .. receipt.model .. cached) or ""
end

---@param kind string
---@param title string
---@return integer buffer
local function show(kind, title)
  local as_float = require("zeke.config").get().ui.explain == "float"
  local buffer = scratch.buffer(kind .. "/" .. vim.uv.hrtime(), "markdown")
  local window = latest
    and not require("zeke.tasks").get(latest.id)
    and vim.api.nvim_buf_is_valid(latest.buffer)
    and vim.fn.bufwinid(latest.buffer)
  if window and window > 0 then
    vim.api.nvim_win_set_buf(window, buffer)
    scratch.title(buffer, title)
  else
    scratch.open(buffer, title, { enter = false, float = as_float })
  end
  scratch.quits(buffer)
  return buffer
end

---@param question zeke.Question
---@return integer buffer
function M.ask(question)
  local title = question.title
  local buffer = show(question.kind, title .. " …")
  -- What it says of a text is as secret as that.
  local of = question.params.buffer --[[@as zeke.Snippet?]]
  vim.b[buffer].zeke_whose = of and of.path or ""
  local stream, head = require("zeke.stream").new(buffer), {}
  local id = require("zeke.tasks").submit(question.kind, question.params, {
    sent = function(payload)
      if question.sent and stream.empty and vim.api.nvim_buf_is_loaded(buffer) then
        head = question.sent(payload)
        scratch.set(buffer, vim.list_extend(vim.list_slice(head), { "", "" }))
        stream = require("zeke.stream").new(buffer)
      end
    end,
    delta = function(payload)
      stream:append(payload.text)
    end,
    done = function(payload)
      stream:finish()
      local shown = question.done and question.done(buffer, head, payload)
      if not shown and stream.empty then
        stream:append(payload.text or "")
      end
      scratch.title(buffer, title .. signed(payload))
    end,
    failed = function(failure)
      stream:stopped(failure.message)
      scratch.title(buffer, title .. " · stopped")
      if failure.code ~= "cancelled" then
        require("zeke.notice").error(failure.message)
      end
    end,
  })
  latest = { buffer = buffer, id = id }
  vim.api.nvim_create_autocmd("BufWipeout", {
    buffer = buffer,
    once = true,
    callback = function()
      require("zeke.tasks").cancel(id)
    end,
  })
  return buffer
end

return M
