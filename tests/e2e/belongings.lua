-- Everything in this Neovim that belongs to the person, as one flat table of strings: what it is,
-- and how it is now. With "text", a place is named by the text of its line and not by its number, so
-- that what moved along with its line is where it was.
local how = ...
local api, fn = vim.api, vim.fn
local found = {}

local function keep(name, value)
  found[name] = type(value) == "string" and value or vim.inspect(value)
end

local function ours(buffer)
  local name = api.nvim_buf_get_name(buffer)
  return name:find("^zeke://") ~= nil or (name == "" and vim.bo[buffer].buftype == "nofile")
end

local function called(buffer)
  local name = buffer > 0 and api.nvim_buf_is_valid(buffer) and api.nvim_buf_get_name(buffer) or ""
  return name == "" and ("buffer " .. buffer) or fn.fnamemodify(name, ":t")
end

local function tail(name)
  return fn.fnamemodify(name, ":t") -- the rest depends on the directory of the current window
end

local function place(buffer, line, column)
  if how ~= "text" or line < 1 or not api.nvim_buf_is_loaded(buffer) then
    return ("%s:%d:%d"):format(called(buffer), line, column)
  end
  local text = api.nvim_buf_get_lines(buffer, line - 1, line, false)[1] or "the end"
  return ("%s:“%s”:%d"):format(called(buffer), text, column)
end

local function places(list)
  return vim.tbl_map(function(at)
    return place(at.bufnr, at.lnum, at.col)
  end, list)
end

local function registers()
  local names = '"0123456789abcdefghijklmnopqrstuvwxyz-:/.*+'
  for name in names:gmatch(".") do
    local info = fn.getreginfo(name)
    keep("register " .. name, { info.regcontents, info.regtype, info.points_to })
  end
  keep("last recorded", fn.reg_recorded())
end

local function searches()
  keep("hlsearch shown", vim.v.hlsearch)
  keep("searchforward", vim.v.searchforward)
  keep("charsearch", fn.getcharsearch())
  for _, name in ipairs({ "cmd", "search", "expr", "input", "debug" }) do
    keep("history " .. name, { fn.histnr(name), fn.histget(name, -1) })
  end
  keep("errmsg", vim.v.errmsg)
  keep("last visual mode", fn.visualmode())
end

local function undo(buffer)
  local tree = fn.undotree(buffer)
  local function plain(entries)
    return vim.tbl_map(function(entry)
      return { entry.seq, entry.save, entry.alt and plain(entry.alt) }
    end, entries)
  end
  return { tree.seq_cur, tree.seq_last, tree.save_cur, tree.save_last, tree.synced, plain(tree.entries) }
end

local function maps(list)
  local names = {}
  for _, map in ipairs(list) do
    names[#names + 1] = ("%s %s → %s"):format(map.mode, map.lhs, map.rhs or map.desc or "Lua")
  end
  table.sort(names)
  return names
end

local MODES = { "n", "i", "x", "s", "o", "c", "t" }

local function drawn(buffer)
  local left = {}
  for name, id in pairs(api.nvim_get_namespaces()) do
    if name:find("^zeke") then
      local count = #api.nvim_buf_get_extmarks(buffer, id, 0, -1, {})
      left[#left + 1] = count > 0 and ("%d of %s"):format(count, name) or nil
    end
  end
  return left
end

local function buffers()
  local listed = {}
  for _, buffer in ipairs(api.nvim_list_bufs()) do
    if vim.bo[buffer].buflisted then
      listed[#listed + 1] = called(buffer)
    end
    if api.nvim_buf_is_loaded(buffer) and not ours(buffer) then
      local name = " of " .. called(buffer)
      keep("text" .. name, api.nvim_buf_get_lines(buffer, 0, -1, false))
      keep("changedtick" .. name, api.nvim_buf_get_changedtick(buffer))
      keep("undo" .. name, undo(buffer))
      keep("changelist" .. name, places(vim.tbl_map(function(at)
        return vim.tbl_extend("force", at, { bufnr = buffer })
      end, fn.getchangelist(buffer)[1])))
      keep("drawn" .. name, drawn(buffer))
      for name_of in ("abcdefghijklmnopqrstuvwxyz[]<>.^\""):gmatch(".") do
        local at = api.nvim_buf_get_mark(buffer, name_of)
        keep("mark " .. name_of .. name, place(buffer, at[1], at[2]))
      end
      for _, mode in ipairs(MODES) do
        keep("maps " .. mode .. name, maps(api.nvim_buf_get_keymap(buffer, mode)))
      end
    end
  end
  keep("listed buffers", listed)
  for name in ("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"):gmatch(".") do
    local at = api.nvim_get_mark(name, {})
    keep("mark " .. name, place(at[3], at[1], at[2]))
  end
  for _, mode in ipairs(MODES) do
    keep("maps " .. mode, maps(api.nvim_get_keymap(mode)))
  end
end

local function items(list)
  return vim.tbl_map(function(item)
    return { place(item.bufnr, item.lnum, item.col), item.text, item.type }
  end, list)
end

local function folds(buffer)
  local closed, levels, line = {}, {}, 1
  while line <= api.nvim_buf_line_count(buffer) do
    local first, last = fn.foldclosed(line), fn.foldclosedend(line)
    if first ~= -1 then
      closed[#closed + 1] = { place(buffer, first, 0), place(buffer, last, 0) }
    end
    if fn.foldlevel(line) > 0 then
      levels[#levels + 1] = place(buffer, line, fn.foldlevel(line))
    end
    line = math.max(line, last) + 1
  end
  return { closed, levels }
end

local function window_of(window)
  local buffer, name = api.nvim_win_get_buf(window), " of window " .. window
  keep("buffer" .. name, called(buffer))
  api.nvim_win_call(window, function()
    local view = fn.winsaveview()
    keep("cursor" .. name, place(buffer, view.lnum, view.col))
    keep("curswant" .. name, { view.curswant, view.coladd })
    keep("view" .. name, { place(buffer, view.topline, view.skipcol), view.leftcol, view.topfill })
    keep("folds" .. name, folds(buffer))
    local at = fn.getpos("''")
    keep("mark '" .. name, place(buffer, at[2], at[3]))
    keep("alternate file" .. name, tail(fn.bufname("#")))
  end)
  local place_of = fn.win_id2tabwin(window)
  local jumps, at = unpack(fn.getjumplist(place_of[2], place_of[1]))
  keep("jumplist" .. name, { places(jumps), at })
  keep("size" .. name, { api.nvim_win_get_width(window), api.nvim_win_get_height(window) })
  keep("arglist" .. name, { vim.tbl_map(tail, fn.argv(-1, window)), fn.argidx() })
  keep("cwd" .. name, { fn.getcwd(place_of[2], place_of[1]), fn.haslocaldir(place_of[2], place_of[1]) })
  keep("location list" .. name, items(fn.getloclist(window)))
end

local function windows()
  local layouts = {}
  for number, page in ipairs(api.nvim_list_tabpages()) do
    layouts[number] = fn.winlayout(number)
    for _, window in ipairs(api.nvim_tabpage_list_wins(page)) do
      local config = api.nvim_win_get_config(window)
      if config.relative == "" then
        window_of(window)
      elseif config.focusable then -- a notice is not, and goes by itself
        keep("float " .. window, called(api.nvim_win_get_buf(window)))
      end
    end
  end
  keep("layout", layouts)
  keep("where", { api.nvim_get_current_tabpage(), api.nvim_get_current_win() })
  keep("previous window", fn.winnr("#") > 0 and fn.win_getid(fn.winnr("#")) or "none")
  keep("previous tab", fn.tabpagenr("#"))
  keep("mode", api.nvim_get_mode().mode)
  keep("cwd", fn.getcwd(-1, -1))
end

local function quickfix()
  local lists = {}
  for number = 1, fn.getqflist({ nr = "$" }).nr do
    local list = fn.getqflist({ nr = number, items = 1, title = 1, idx = 0, id = 0 })
    lists[number] = { list.id, list.title, list.idx, items(list.items) }
  end
  keep("quickfix", { lists, fn.getqflist({ nr = 0 }).nr })
end

local function options()
  local infos = api.nvim_get_all_options_info()
  infos.syntax = nil -- every file type that is set anywhere sets it everywhere, by `synload.vim`
  for name, info in pairs(infos) do
    keep("option " .. name, api.nvim_get_option_value(name, { scope = "global" }))
    for _, window in ipairs(info.scope == "win" and api.nvim_list_wins() or {}) do
      if api.nvim_win_get_config(window).relative == "" then
        local value = api.nvim_get_option_value(name, { scope = "local", win = window })
        keep(("option %s of window %d"):format(name, window), value)
      end
    end
    for _, buffer in ipairs(info.scope == "buf" and api.nvim_list_bufs() or {}) do
      if api.nvim_buf_is_loaded(buffer) and not ours(buffer) then
        local value = api.nvim_get_option_value(name, { buf = buffer })
        keep(("option %s of %s"):format(name, called(buffer)), value)
      end
    end
  end
end

registers()
searches()
buffers()
windows()
quickfix()
options()
return found
