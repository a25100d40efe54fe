---`:ZekeExplain`: an explanation that is written while you look on, or elsewhere.
local M = {}

local scratch = require("zeke.scratch")

local latest ---@type {buffer: integer, id: string}? whose window the next one may take

---@param receipt table
---@return string
local function signed(receipt)
  local cached = receipt.cached and " · from the cache" or ""
  return receipt.model and receipt.model ~= "" and (" · " .. receipt.model .. cached) or ""
end

---@param title string
---@return integer buffer
local function show(title)
  local as_float = require("zeke.config").get().ui.explain == "float"
  local buffer = scratch.buffer("explain/" .. vim.uv.hrtime(), "markdown")
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

---@param range zeke.Range
---@param question string? what to explain about it
function M.run(range, question)
  local snippet, problem = require("zeke.context").excerpt(range)
  if not snippet then
    return require("zeke.notice").error(problem)
  end
  local place = ("%s:%d-%d"):format(snippet.name, range.first, range.last)
  local title = "Zeke explains " .. place
  local buffer = show(title .. " …")
  local stream = require("zeke.stream").new(buffer)
  local id
  id = require("zeke.tasks").submit("explain", { buffer = snippet, instruction = question }, {
    delta = function(payload)
      stream:append(payload.text)
    end,
    done = function(payload)
      if stream.empty then
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
end

return M
