---@meta
-- Where the server's types of Lua and Neovim are looser or narrower than Lua and Neovim are.

---@generic T: number
---@param x T
---@param ... T
---@return T
function math.max(x, ...) end

---@generic T: number
---@param x T
---@param ... T
---@return T
function math.min(x, ...) end

---@class IterMod
---@overload fun(src: table|function, ...: any): Iter

---@class Iter
local Iter = {}

---@param pred fun(...: any): any
---@return boolean
function Iter:any(pred) end

---@param pred fun(...: any): any
---@return boolean
function Iter:all(pred) end
