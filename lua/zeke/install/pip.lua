---What is said to pip, and what pip says: its lines as steps, its failure as a sentence.
local M = {}

-- Of the person's environment, these would lead pip or Python elsewhere.
local FOREIGN = {
  "PYTHONPATH",
  "PYTHONHOME",
  "PYTHONSTARTUP",
  "VIRTUAL_ENV",
  "__PYVENV_LAUNCHER__",
  "PIP_TARGET",
  "PIP_PREFIX",
  "PIP_ROOT",
  "PIP_USER",
  "PIP_REQUIRE_VIRTUALENV",
}

---@return table<string, string> env all of it
function M.environment()
  local env = vim.fn.environ()
  for _, name in ipairs(FOREIGN) do
    env[name] = nil
  end
  -- Otherwise its lines come when all is over.
  env.PYTHONUNBUFFERED = "1"
  env.PYTHONIOENCODING = "utf-8"
  return env
end

---@param base zeke.Base
---@param environment string
---@return string[]
function M.make(base, environment)
  local argv = { base.executable, "-I", "-m", "venv", "--clear" }
  if not base.ensurepip then
    argv[#argv + 1] = "--without-pip"
  end
  return vim.list_extend(argv, { environment })
end

---@param base zeke.Base
---@param environment string
---@param source string
---@return string[]
function M.install(base, environment, source)
  local own = environment .. "/bin/python"
  local argv = base.ensurepip and { own, "-m", "pip" }
    or { base.executable, "-m", "pip", "--python", own }
  return vim.list_extend(argv, {
    "install",
    "--no-input",
    "--disable-pip-version-check",
    "--no-warn-script-location",
    "--progress-bar",
    "off",
    source,
  })
end

---@class zeke.PipReader
---@field count integer packages met so far
---@field last string? the last line of an error

---@param reader zeke.PipReader
---@param line string
---@return string? step what is going on, when the line says so
---@return integer? percent
function M.read(reader, line)
  local name = line:match("^Collecting ([%w._-]+)") or line:match("^Processing (%S+)")
  if name then
    reader.count = reader.count + 1
    name = vim.fs.basename(name):gsub("%-%d.*$", "")
    return ("package %d, %s"):format(reader.count, name)
  end
  if line:match("^%s*Building wheel") then
    return "building " .. (line:match("for ([%w._-]+)") or "a package")
  end
  if line:match("^Installing collected packages") then
    local _, commas = line:gsub(",", "")
    return ("unpacking %d packages"):format(commas + 1), 80
  end
  reader.last = line:match("^ERROR: (.+)") or line:match("^%w*Error: (.+)") or reader.last
end

-- In this order: what pip says last is often only what came of it.
local FAILURES = {
  {
    { "No space left on device", "Errno 28", "ENOSPC", "Disk quota exceeded" },
    "The disk is full: make room, then run `:Zeke install` again.",
  },
  {
    { "CERTIFICATE_VERIFY_FAILED", "SSLError" },
    "The package index shows a certificate that is not trusted here: set PIP_CERT or "
      .. "PIP_INDEX_URL as your network wants it, then run `:Zeke install` again.",
  },
  {
    { "ProxyError", "Cannot connect to proxy" },
    "The proxy does not let pip through: set HTTPS_PROXY or PIP_PROXY, "
      .. "then run `:Zeke install` again.",
  },
  {
    {
      "name resolution",
      "Name or service not known",
      "NewConnectionError",
      "Network is unreachable",
      "Connection refused",
      "ConnectTimeoutError",
      "ReadTimeoutError",
      "Read timed out",
      "RemoteDisconnected",
    },
    "The package index cannot be reached: see whether the network is there, then run "
      .. "`:Zeke install` again; what came already is not fetched twice.",
  },
  {
    { "Permission denied", "Errno 13" },
    "pip may not write where it has to: `:Zeke install log` shows where.",
  },
  {
    { "error: command '", "Failed building wheel", "Microsoft Visual", "Rust" },
    "A package has no wheel for this Python and could not be built: install another "
      .. "Python (3.11 to 3.13), then run `:Zeke install` again.",
  },
}

---@param output string everything pip said
---@param reader zeke.PipReader
---@return string sentence
function M.failure(output, reader)
  for _, failure in ipairs(FAILURES) do
    for _, sign in ipairs(failure[1]) do
      if output:find(sign, 1, true) then
        return failure[2]
      end
    end
  end
  local missing = output:match("No matching distribution found for ([^\n]+)")
  if missing then
    return ("The package index has no %s for this Python: `:Zeke install log` shows more."):format(
      missing
    )
  end
  local said = (reader.last or "no reason"):sub(1, 160)
  return ("pip failed (`:Zeke install log` has it all). It said: %s"):format(said)
end

return M
