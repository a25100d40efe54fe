---What is around a float of ours, and how wide it is. Where a screen reader reads (`ui.plain`), a
---float takes whole rows, so that no row of it has a piece of other text in it, and its edges,
---which carry title and keys, are blank.
local M = {}

local api = vim.api

local SAFE = "rounded"

local refused ---@type any an edge that Neovim did not take

---@return boolean
function M.plain()
  return require("zeke.config").get().ui.plain
end

---@return any border what `winborder` says, as `nvim_open_win` takes it
local function everywhere()
  local said = vim.fn.exists("&winborder") == 1 and vim.o.winborder or ""
  if said:find(",", 1, true) then
    return vim.split(said, ",", { plain = true })
  end
  return said ~= "" and said or "none"
end

---@return any border as `nvim_open_win` takes it: what the person wrote
function M.border()
  if M.plain() then
    return { " " }
  end
  local chosen = require("zeke.config").get().ui.border
  chosen = chosen == "" and everywhere() or chosen
  return refused ~= nil and vim.deep_equal(chosen, refused) and SAFE or chosen
end

---Open a float. A question must be seen: with an edge that Neovim does not take, it has another.
---@param buffer integer
---@param enter boolean
---@param layout table as `nvim_open_win` takes it
---@return integer window
function M.open(buffer, enter, layout)
  local before = #api.nvim_list_wins()
  local ok, opened = pcall(api.nvim_open_win, buffer, enter, layout)
  if ok then
    return opened
  elseif layout.border == SAFE or #api.nvim_list_wins() > before then
    error(opened, 0) -- it is not the edge
  end
  local window =
    api.nvim_open_win(buffer, enter, vim.tbl_extend("force", layout, { border = SAFE }))
  refused = layout.border
  return window
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
