---The undo tree of a buffer, as it stands: which step follows which. Knows no text.
local M = {}

---@class zeke.UndoTree
---@field here integer the step whose text stands in the buffer
---@field ahead boolean redo leads further
---@field private parents table<integer, integer> by step
local Tree = {}
Tree.__index = Tree

---@param buffer integer
---@return zeke.UndoTree
function M.read(buffer)
  local found = vim.fn.undotree(buffer)
  local parents, ahead = {}, false
  local function add(entries, parent)
    for _, entry in ipairs(entries) do
      if entry.alt then
        add(entry.alt, parent)
      end
      ahead = ahead or entry.curhead ~= nil
      parents[entry.seq] = parent
      parent = entry.seq
    end
  end
  add(found.entries, 0)
  return setmetatable({ here = found.seq_cur, ahead = ahead, parents = parents }, Tree)
end

---@param step integer
---@return integer? the step before it
function Tree:before(step)
  return self.parents[step]
end

---@param step integer
---@param root integer
---@return integer? count of steps from that one to this; nil: it does not lead here
function Tree:depth(step, root)
  local count = 0
  while step and step > root do
    step, count = self.parents[step], count + 1
  end
  return step == root and count or nil
end

---@param root integer
---@return integer[] the steps that come after it on any branch, oldest first
function Tree:after(root)
  local found = vim.tbl_filter(function(step)
    return step > root and self:depth(step, root) ~= nil
  end, vim.tbl_keys(self.parents))
  table.sort(found)
  return found
end

return M
