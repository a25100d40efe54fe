---Starting a broker without waiting for it.
local M = {}

local LIMIT_MS = 10000

M.NOT_INSTALLED = "No Python with zeke-bridge was found: run `:Zeke install`, "
  .. "or set g:zeke_python to the Python that has it."

M.CHOSEN_LACKS = "The chosen Python lacks zeke-bridge (%s): install it there with "
  .. "`pip install zeke-bridge`, or take the setting away and run `:Zeke install`."

---@param stderr string
---@param origin string
---@return string sentence
local function reason(stderr, origin)
  local lines = vim.split(vim.trim(stderr), "\n")
  local last = vim.trim(lines[#lines])
  if last == "" then
    return "The broker did not start: `zeke broker run` in a shell shows why."
  end
  if stderr:find("No module named", 1, true) then
    return origin == "chosen" and M.CHOSEN_LACKS:format(last) or M.NOT_INSTALLED
  end
  return last
end

---@param interpreter zeke.Interpreter
---@param done fun(problem: string?) called once, on the main loop
local function try(interpreter, done)
  local argv = vim.list_extend(vim.list_slice(interpreter.argv), { "broker", "run", "--detach" })
  local finished, output = false, ""
  local function finish(problem)
    if not finished then
      finished = true
      vim.schedule(function()
        done(problem)
      end)
    end
  end
  -- In "/" so that no project can put a module of its own in the way.
  local ok = pcall(vim.system, argv, {
    cwd = "/",
    env = interpreter.env,
    detach = true,
    text = true,
    timeout = LIMIT_MS,
    stdout = function(_, data)
      output = output .. (data or "")
      if output:find("^ready [^\n]*\n") or output:find("\nready [^\n]*\n") then
        finish(nil)
      end
    end,
  }, function(result)
    finish(reason(result.stderr or "", interpreter.origin))
  end)
  if not ok then
    finish(("%s cannot be run: set g:zeke_python to a Python that can."):format(argv[1]))
  end
end

---Start the broker with the first interpreter that has it.
---@param done fun(problem: string?) called once, on the main loop; nil: a broker is ready
function M.run(done)
  local candidates = require("zeke.python").candidates()
  local function attempt(index, before)
    local interpreter = candidates[index]
    if not interpreter then
      return done(before or M.NOT_INSTALLED)
    end
    try(interpreter, function(problem)
      if problem == M.NOT_INSTALLED then
        return attempt(index + 1, problem)
      end
      done(problem)
    end)
  end
  attempt(1)
end

return M
