---What an answer has cost, at its heading: which model, how many tokens, how much money; and, on
---demand, why that model. With `ui.plain` nothing stands at the heading.
local M = {}

local api = vim.api
local conversation = require("zeke.chat.conversation")
local headings = require("zeke.chat.headings")

local namespace = api.nvim_create_namespace("zeke-chat-margin")
local receipts = {} ---@type table<integer, table<integer, table>> by buffer and extmark
local texts = {} ---@type table<integer, table<string, table>> by buffer and answer

---@param number any
---@return integer
local function whole(number)
  return type(number) == "number" and number == number and math.floor(number) or 0
end

---@param receipt table
---@return string?
local function tokens(receipt)
  local usage = receipt.usage or {}
  local asked, answered = whole(usage.prompt_tokens), whole(usage.completion_tokens)
  if asked + answered > 0 then
    return ("%d + %d tokens"):format(asked, answered)
  end
end

---@param receipt table
---@return string
local function model(receipt)
  local visible = require("zeke.columns").visible
  local name, provider = visible(receipt.model or ""), visible(receipt.provider or "")
  return provider ~= "" and name ~= "" and provider .. ":" .. name or name
end

---@param receipt table
---@return string
local function summary(receipt)
  local parts = { model(receipt) ~= "" and model(receipt) or nil, tokens(receipt) }
  local cost = receipt.cost or {}
  if tokens(receipt) and cost.known == false then
    parts[#parts + 1] = "cost unknown"
  elseif tokens(receipt) and cost.total_cost then
    parts[#parts + 1] = require("zeke.figures").money(cost.total_cost)
  end
  if receipt.cached then
    parts[#parts + 1] = "from the cache"
  end
  return table.concat(parts, " · ")
end

---@param buffer integer
---@param row integer from 0, of the heading of an answer
---@param receipt table? nil: it is still coming
---@param mark integer?
---@return integer mark
function M.set(buffer, row, receipt, mark)
  require("zeke.highlight")
  local text = receipt and summary(receipt) or "answering …"
  local shown = text ~= "" and not require("zeke.config").get().ui.plain
  -- Goes with its heading, and comes back with it when that is undone.
  mark = api.nvim_buf_set_extmark(buffer, namespace, row, 0, {
    id = mark,
    end_col = #conversation.ZEKE,
    invalidate = true,
    virt_text = shown and { { text, "ZekeHint" } } or nil,
    virt_text_pos = shown and "eol_right_align" or nil,
    hl_mode = "combine",
  })
  receipts[buffer] = receipts[buffer] or {}
  receipts[buffer][mark] = receipt or {}
  return mark
end

---@param buffer integer
---@return zeke.Answer[]
local function answers(buffer)
  local lines = api.nvim_buf_get_lines(buffer, 0, -1, false)
  return conversation.answers(lines, headings.own(buffer))
end

---@param buffer integer
---@param mark integer
---@return integer? row from 0, of the heading; nil: it is gone
function M.row(buffer, mark)
  local at = api.nvim_buf_get_extmark_by_id(buffer, namespace, mark, { details = true })
  return at[1] and not at[3].invalid and at[1] or nil
end

---The answer at a mark is there.
---@param buffer integer
---@param mark integer
---@param receipt table
function M.settle(buffer, mark, receipt)
  local row = M.row(buffer, mark)
  if row then
    M.set(buffer, row, receipt, mark)
    for _, answer in ipairs(answers(buffer)) do
      if answer.row == row + 1 then
        texts[buffer] = texts[buffer] or {}
        texts[buffer][answer.text] = receipt
      end
    end
  end
end

---@param buffer integer
---@return table<integer, table> receipts by row from 0
---@return integer[] marks whose heading is gone
local function by_row(buffer)
  local found, gone = {}, {}
  for _, at in ipairs(api.nvim_buf_get_extmarks(buffer, namespace, 0, -1, { details = true })) do
    if at[4].invalid then
      gone[#gone + 1] = at[1]
    else
      found[at[2]] = (receipts[buffer] or {})[at[1]]
    end
  end
  return found, gone
end

---An answer that was undone may be there again: its mark does not come back with it.
---@param buffer integer
function M.heal(buffer)
  local known, gone = by_row(buffer)
  if #gone == 0 or not texts[buffer] then
    return
  end
  for _, answer in ipairs(answers(buffer)) do
    local receipt = texts[buffer][answer.text]
    if receipt and not known[answer.row - 1] then
      -- Whoever knows it by its mark goes on to.
      for index, mark in ipairs(gone) do
        if receipts[buffer][mark] == receipt then
          table.remove(gone, index)
          table.insert(gone, mark)
          break
        end
      end
      M.set(buffer, answer.row - 1, receipt, table.remove(gone))
    end
  end
end

---@param buffer integer
---@param lines string[] of it
---@param own table<integer, true> which of them are headings for certain
---@return table[] receipts one for each answer
function M.all(buffer, lines, own)
  local known = by_row(buffer)
  return vim.tbl_map(function(answer)
    return known[answer.row - 1] or {}
  end, conversation.answers(lines, own))
end

---@param buffer integer
---@param saved table[]
function M.restore(buffer, saved)
  for number, answer in ipairs(answers(buffer)) do
    local receipt = saved[number]
    if receipt and next(receipt) then
      M.settle(buffer, M.set(buffer, answer.row - 1, receipt), receipt)
    end
  end
end

---@param buffer integer
function M.forget(buffer)
  receipts[buffer], texts[buffer] = nil, nil
end

---@param receipt table
---@return string[]
local function details(receipt)
  local visible = require("zeke.columns").visible
  local usage, route = receipt.usage or {}, receipt.route or {}
  local lines = { "Model: " .. (model(receipt) ~= "" and model(receipt) or "not known") }
  if route.reason and route.reason ~= "" then
    lines[#lines + 1] = "Why: " .. visible(route.reason)
  end
  for _, tried in ipairs(route.tried or {}) do
    local outcome = visible(tried.outcome or "")
    lines[#lines + 1] = ("  %s: %s"):format(visible(tried.candidate or ""), outcome)
  end
  lines[#lines + 1] = ("Tokens: %d of the conversation, %d of the answer"):format(
    whole(usage.prompt_tokens),
    whole(usage.completion_tokens)
  )
  if whole(usage.cached_tokens) > 0 then
    lines[#lines + 1] = ("  %d of them read from the provider's cache"):format(usage.cached_tokens)
  end
  local cost = receipt.cost or {}
  local said = cost.known == false and "unknown, because nobody knows the price of this model"
  lines[#lines + 1] = "Cost: " .. (said or require("zeke.figures").money(cost.total_cost))
  if receipt.cached then
    lines[#lines + 1] = "It came from the cache."
  end
  if receipt.request_id and receipt.request_id ~= "" then
    lines[#lines + 1] = "Request: " .. visible(receipt.request_id)
  end
  return lines
end

---@param buffer integer
---@param row integer from 0, of the heading of an answer
---@return string[]? lines what is known of it
function M.why(buffer, row)
  local receipt = by_row(buffer)[row]
  return receipt and next(receipt) and details(receipt) or nil
end

return M
