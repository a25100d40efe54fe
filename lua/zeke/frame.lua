---What is around a float of ours, and how wide it is. Where a screen reader reads (`ui.plain`), a
---float takes whole rows, so that no row of it has a piece of other text in it, and its edges,
---which carry title and keys, are blank.
local M = {}

---@return boolean
function M.plain()
  return require("zeke.config").get().ui.plain
end

---@return any border as `nvim_open_win` takes it: what the person wrote
function M.border()
  return M.plain() and { " " } or require("zeke.config").get().ui.border
end

---@param most integer columns of text
---@param free integer? columns that are left to others, the edges among them
---@return integer
function M.width(most, free)
  return M.plain() and vim.o.columns - 2 or math.min(most, vim.o.columns - (free or 4))
end

---@return string before what is not ours, so that it cannot pass for our words
function M.gutter()
  return M.plain() and "> " or "│ "
end

return M
