---Text in so many columns of the screen; linear in the text, however long it is. Knows no window.
local M = {}

---Nothing that the broker sends needs this. Should it once, no line of ours can be imitated.
---@param text any
---@return string text in which whatever cannot be printed is visible
function M.visible(text)
  return vim.fn.strtrans((tostring(text or ""):gsub("%z", "\n"))) -- Vim writes NUL as newline
end

---@param text string
---@return boolean plain one column for each byte
local function plain(text)
  return not text:find("[^\32-\126]")
end

---@param text string
---@return integer
function M.width(text)
  return plain(text) and #text or vim.fn.strdisplaywidth(text)
end

---@param text string
---@return string[] letters with what is drawn over them
---@return integer[] widths the columns of each
local function letters(text)
  local found = plain(text) and vim.split(text, "") or vim.fn.split(text, "\\zs")
  local widths = {}
  for index, letter in ipairs(found) do
    widths[index] = #letter == 1 and 1 or vim.fn.strdisplaywidth(letter)
  end
  return found, widths
end

---@param text string
---@param width integer
---@return string[] all of it, broken anywhere
function M.broken(text, width)
  if M.width(text) <= width then
    return { text }
  end
  local found, widths = letters(text)
  local lines, current, used = {}, {}, 0
  for index, letter in ipairs(found) do
    if used > 0 and used + widths[index] > width then
      lines[#lines + 1] = table.concat(current)
      current, used = {}, 0
    end
    current[#current + 1] = letter
    used = used + widths[index]
  end
  lines[#lines + 1] = table.concat(current)
  return lines
end

---@param text string
---@param width integer
---@return string[] all of it, broken between words where there are any
function M.wrapped(text, width)
  local lines, current = {}, ""
  for word in text:gmatch("%S+") do
    local longer = current == "" and word or current .. " " .. word
    if M.width(longer) > width and current ~= "" then
      lines[#lines + 1] = current
      longer = word
    end
    local parts = M.broken(longer, width)
    vim.list_extend(lines, parts, 1, #parts - 1)
    current = parts[#parts]
  end
  lines[#lines + 1] = current
  return lines
end

---@param text string
---@param width integer
---@return string text its beginning, if it does not fit
function M.cut(text, width)
  if M.width(text) <= width then
    return text
  end
  return M.broken(text, math.max(1, width - 1))[1] .. "…"
end

---@param found string[]
---@param widths integer[]
---@param first integer
---@param last integer
---@param room integer
---@return integer count of letters that fit, taken from `first` on towards `last`
local function fitting(found, widths, first, last, room)
  local count, used = 0, 0
  for index = first, last, first <= last and 1 or -1 do
    used = used + widths[index]
    if used > room or count == #found then
      break
    end
    count = count + 1
  end
  return count
end

---@param text string
---@param width integer
---@return string text both of its ends and a count of what is left out, if it does not fit
function M.middle(text, width)
  if M.width(text) <= width then
    return text
  end
  local found, widths = letters(text)
  local counted = width >= 30
  local room = width - (counted and #tostring(#found) + 9 or 1)
  local before = fitting(found, widths, 1, #found, math.ceil(room / 2))
  local after = fitting(found, widths, #found, 1, math.floor(room / 2))
  local mark = counted and ("…(%d more)…"):format(#found - before - after) or "…"
  local head = table.concat(found, "", 1, before)
  return head .. mark .. table.concat(found, "", #found - after + 1)
end

return M
