---What something is allowed for, as one reads it in a list. Commands and tools are kept as JSON, in
---which nothing is left out; the details show that.
local M = {}

---@param word string
---@return string
local function quoted(word)
  return word:find("^[%w@%%+=:,./_-]+$") and word or "'" .. word:gsub("'", "'\\''") .. "'"
end

---@param value any
---@return boolean only_strings
local function is_words(value)
  return vim.islist(value)
    and #value > 0
    and vim.iter(value):all(function(word)
      return type(word) == "string"
    end)
end

---@param kept table
---@return string? nil: it is of another form
local function command(kept)
  if not is_words(kept.argv) then
    return nil
  end
  local text = table.concat(vim.tbl_map(quoted, kept.argv), " ")
  if type(kept.cwd) == "string" and kept.cwd ~= "." and kept.cwd ~= "" then
    text = ("%s  in %s"):format(text, kept.cwd)
  end
  local names = {}
  for _, pair in ipairs(type(kept.env) == "table" and kept.env or {}) do
    names[#names + 1] = type(pair) == "table" and tostring(pair[1]) or nil
  end
  return #names > 0 and ("%s  sets %s"):format(text, table.concat(names, ", ")) or text
end

---@param text string?
---@return string
function M.of(text)
  local ok, kept = pcall(vim.json.decode, text or "")
  if not ok or type(kept) ~= "table" then
    return text or "?"
  end
  local tool = type(kept.tool) == "string" and kept.tool or nil
  return command(kept) or tool or text or "?"
end

return M
