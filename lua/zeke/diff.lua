---A proposed change, shown inside the buffer and not in it: what would go is coloured, what would
---come stands below as virtual lines. The text stays as it is.
local M = {}

local api = vim.api
local namespace = api.nvim_create_namespace("zeke-diff")

---@class zeke.Hunk
---@field start_line integer from 1; lines start_line .. start_line + #old - 1 are replaced
---@field old string[]
---@field new string[] with no `old`: inserted before start_line

---@param text string
---@param tabstop integer
---@return string text as it would look, with nothing a terminal would obey
local function visible(text, tabstop)
  local column, parts = 0, {}
  for piece, tab in (text .. "\n"):gmatch("([^\t\n]*)([\t\n])") do
    local shown = vim.fn.strtrans(piece)
    column = column + vim.fn.strdisplaywidth(shown)
    parts[#parts + 1] = shown
    if tab == "\t" then
      local fill = tabstop - column % tabstop
      parts[#parts + 1] = (" "):rep(fill)
      column = column + fill
    end
  end
  return table.concat(parts)
end

---@param hunks zeke.Hunk[]
---@return integer added, integer removed
function M.count(hunks)
  local added, removed = 0, 0
  for _, hunk in ipairs(hunks) do
    added, removed = added + #hunk.new, removed + #hunk.old
  end
  return added, removed
end

---@param buffer integer
---@param hunk zeke.Hunk
---@return table[] virt_lines
local function coming(buffer, hunk)
  local tabstop, width = vim.bo[buffer].tabstop, vim.o.columns
  return vim.tbl_map(function(line)
    local text = visible(line, tabstop)
    local fill = math.max(0, width - vim.fn.strdisplaywidth(text))
    return { { text .. (" "):rep(fill), "ZekeAdd" } }
  end, hunk.new)
end

---Virtual lines above the first line are seen only when the view makes room for them.
---@param buffer integer
---@param count integer
local function uncover(buffer, count)
  for _, window in ipairs(vim.fn.win_findbuf(buffer)) do
    api.nvim_win_call(window, function()
      local view = vim.fn.winsaveview()
      if view.topline == 1 and view.topfill < count then
        vim.fn.winrestview({ topfill = count })
      end
    end)
  end
end

---@param buffer integer
---@param hunks zeke.Hunk[]
---@param hint table[] chunks of the line above the first hunk
function M.show(buffer, hunks, hint)
  require("zeke.highlight")
  M.clear(buffer)
  local count = api.nvim_buf_line_count(buffer)
  for index, hunk in ipairs(hunks) do
    local first = math.min(hunk.start_line, count + 1) - 1
    local above = index == 1 and { hint } or {}
    local added = coming(buffer, hunk)
    if #hunk.old > 0 then
      api.nvim_buf_set_extmark(buffer, namespace, first, 0, {
        end_row = math.min(first + #hunk.old, count),
        hl_group = "ZekeDelete",
        hl_eol = true,
        priority = 200,
        strict = false,
      })
      if #added > 0 then
        local last = math.min(first + #hunk.old, count) - 1
        api.nvim_buf_set_extmark(buffer, namespace, last, 0, { virt_lines = added })
      end
    elseif first < count then
      vim.list_extend(above, added)
    else
      vim.list_extend(above, added)
      api.nvim_buf_set_extmark(buffer, namespace, count - 1, 0, { virt_lines = above })
      above = {}
    end
    if #above > 0 then
      api.nvim_buf_set_extmark(buffer, namespace, first, 0, {
        virt_lines = above,
        virt_lines_above = true,
      })
      if first == 0 then
        uncover(buffer, #above)
      end
    end
  end
end

---@param buffer integer
function M.clear(buffer)
  if api.nvim_buf_is_valid(buffer) then
    api.nvim_buf_clear_namespace(buffer, namespace, 0, -1)
  end
end

return M
