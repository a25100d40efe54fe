---What was suggested where, so that it comes again without a request. Pure: strings in, strings
---out. Known by the end of what stands before the cursor and the beginning of what stands behind.
---@class zeke.CompleteCache
---@field entries table<string, {texts: string[], used: integer}>
---@field count integer
---@field clock integer
---@field most integer
local Cache = {}
Cache.__index = Cache

local TAIL, HEAD = 512, 128
local MOST_TYPED = 128

---How much of both sides has to be given: that it may be cut between characters counts, too.
Cache.before, Cache.after = TAIL + MOST_TYPED + 4, HEAD + 4

---@param most integer how many places are remembered
---@return zeke.CompleteCache
function Cache.new(most)
  return setmetatable({ entries = {}, count = 0, clock = 0, most = most }, Cache)
end

---@param place string where: the file, and who was asked
---@param prefix string
---@param suffix string
---@param typed integer bytes at the end of `prefix` that were typed since
---@return string
local function key(place, prefix, suffix, typed)
  local tail = prefix:sub(math.max(1, #prefix - typed - TAIL + 1), #prefix - typed)
  return table.concat({ place, tail, suffix:sub(1, HEAD) }, "\0")
end

function Cache:forget_oldest()
  local oldest ---@type string?
  for known, entry in pairs(self.entries) do
    if not oldest or entry.used < self.entries[oldest].used then
      oldest = known
    end
  end
  if oldest then
    self.entries[oldest] = nil
    self.count = self.count - 1
  end
end

---@param place string
---@param prefix string
---@param suffix string
---@param texts string[] the likeliest first; none: nothing belongs there
function Cache:put(place, prefix, suffix, texts)
  local known = key(place, prefix, suffix, 0)
  if not self.entries[known] then
    self.count = self.count + 1
  end
  self.clock = self.clock + 1
  self.entries[known] = { texts = texts, used = self.clock }
  if self.count > self.most then
    self:forget_oldest()
  end
end

---What belongs here: as it was suggested here, or what is left of what was suggested a few
---characters ago and typed since.
---@param place string
---@param prefix string
---@param suffix string
---@return string[]? texts nil: not known
function Cache:get(place, prefix, suffix)
  for typed = 0, math.min(MOST_TYPED, #prefix) do
    local entry = self.entries[key(place, prefix, suffix, typed)]
    local along = prefix:sub(#prefix - typed + 1)
    local texts = {}
    for _, text in ipairs(entry and entry.texts or {}) do
      if text:sub(1, typed) == along and #text > typed then
        texts[#texts + 1] = text:sub(typed + 1)
      end
    end
    if entry and (typed == 0 or #texts > 0) then
      self.clock = self.clock + 1
      entry.used = self.clock
      return texts
    end
  end
end

return Cache
