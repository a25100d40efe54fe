---Every setting: its name, what it may be, what it is when nothing is said, and what it does.
---The checks of `setup()`, the defaults, `:help zeke-settings` and the types are made of this list.
---A kind is a type ("a|b": one of two) or a list of the allowed values.
---@class zeke.Option
---@field [1] string name, with dots
---@field [2] string|string[] kind
---@field default any
---@field doc string[] lines for the help
---@field lua string? its type where Lua's own is too wide
---@field shape string? what a table has to be made of, by its name in `zeke.config.check`
---@field least number? of a number
---@field most number?
---@field above number? it has to be more than that
---@field whole boolean? it has to be an integer

---@type zeke.Option[]
return {
  {
    "default_provider",
    "string",
    default = "ghostllm",
    doc = { "`ghostllm`: the routing core decides." },
  },
  { "default_model", "string", default = "auto", doc = { "`auto`, or `provider:model`." } },
  {
    "python",
    "string",
    doc = { "the Python that has zeke-bridge; also |g:zeke_python|." },
  },
  {
    "ghostllm.base_url",
    "string",
    doc = {
      "a running `ghostllm serve`, a LiteLLM proxy, llama.cpp's",
      "server, or another server of OpenAI's dialect; what it",
      "cannot do itself is done inside the broker, and nobody",
      "else is asked. Default: the core inside the broker.",
      "A project with `local_only` goes to `ghostllm serve`",
      "on this machine, else to the local model.",
    },
  },
  {
    "ghostllm.api_key_env",
    "string",
    doc = { "the environment variable that holds its key." },
  },
  {
    "ghostllm.timeout_s",
    "number",
    above = 0,
    most = 86400,
    doc = { "silence after which a core counts as gone (60)." },
  },
  {
    "ghostllm.enable_consent",
    "boolean",
    default = true,
    doc = { "false: what would be asked is allowed. Never-list,", "denies and secrets stand." },
  },
  {
    "ghostllm.auto_approve_read",
    "boolean",
    default = true,
    doc = { "ordinary files of the project may be read." },
  },
  {
    "ghostllm.auto_approve_write",
    "boolean",
    default = false,
    doc = { "and written, without a question." },
  },
  {
    "ghostllm.auto_approve_patterns",
    "table",
    default = {},
    lua = "string[]",
    shape = "list",
    doc = {
      'gitignore-style, like `{ "*.md", "test/*" }`: files',
      "that may be read and written without a question.",
    },
  },
  {
    "ghostllm.project_grant_days",
    "number",
    least = 0,
    most = 36500,
    whole = true,
    doc = { "how long an approval for the project holds (30);", "0: until it is taken back." },
  },
  {
    "api_keys",
    "table",
    default = {},
    lua = "table<string, string>",
    shape = "names",
    doc = { 'provider to key, like `{ openai = "sk-..." }`.' },
  },
  {
    "agents",
    "table",
    default = {},
    lua = "table<string, zeke.OwnProgram|zeke.AgentLimits|boolean>",
    shape = "agents",
    doc = {
      "agents of your own, as in `{ mine = { command = {",
      '"prog", "--acp" } } }`; beside `command` may stand',
      "`title`, `env` (names to values), `pass_on` (names of",
      "your environment that it gets too) and `writes` (where",
      'it keeps what is its own, as in `{ "~/.npm" }`). Words',
      "of ours: `contain = true` keeps programs of agents to",
      "the project, and to their `writes`, where the system",
      "can do that; `chat_tools = false`: no",
      "tools in |:ZekeChat|; `limits` has `steps` (40),",
      "`tokens` (200000) and `cost` (1.0, US dollars) of one",
      "answer of the built-in assistant. See |zeke-agents|.",
    },
  },
  {
    "mcp",
    "table",
    default = {},
    lua = "table<string, zeke.OwnProgram>",
    shape = "servers",
    doc = { "MCP servers whose tools the assistant may use: the", "same tables as in `agents`." },
  },
  { "ui.explain", { "split", "float" }, default = "split", doc = { "where an answer stands." } },
  {
    "ui.border",
    "string|table",
    default = "rounded",
    lua = '""|"none"|"single"|"double"|"rounded"|"solid"|"shadow"|"bold"|(string|string[])[]',
    shape = "border",
    doc = { "of floating windows, as in |nvim_open_win()|;", "`\"\"`: what 'winborder' says." },
  },
  {
    "ui.icons",
    "boolean",
    default = true,
    doc = { "false: no pictures in windows and alerts." },
  },
  {
    "ui.plain",
    "boolean",
    default = false,
    doc = {
      "true: for a screen reader. Words instead of pictures,",
      "frames, charts and colours that alone mean something.",
    },
  },
  {
    "ui.progress",
    "boolean",
    default = true,
    doc = { "false: no progress messages (Neovim 0.12 has them)." },
  },
  {
    "ui.dear_usd",
    "number",
    default = 15,
    least = 0,
    doc = {
      "US dollars for a million tokens of output from which",
      "a model counts as dear; of input, a third of it.",
    },
  },
  {
    "chat.window",
    { "auto", "right", "below", "float", "tab" },
    default = "auto",
    doc = { "where |:ZekeChat| opens; `auto`: beside, where there is", "room, else below." },
  },
  {
    "chat.width",
    "number",
    default = 0,
    least = 0,
    doc = { "columns of a chat beside; 0: half of what is there." },
  },
  {
    "chat.save",
    "boolean",
    default = true,
    doc = { "false: no conversation is kept on disk." },
  },
  {
    "chat.keep",
    "number",
    default = 200,
    least = 0,
    whole = true,
    doc = { "how many conversations are kept; 0: all." },
  },
  {
    "complete.enabled",
    "boolean",
    default = false,
    doc = { "true: suggestions while you type, see |:ZekeComplete|." },
  },
  {
    "complete.filetypes",
    "table",
    default = {},
    lua = "string[]|table<string, boolean>",
    shape = "filetypes",
    doc = {
      'only in these, like `{ "lua", "python" }`; or not in',
      "those, like `{ markdown = false }`.",
    },
  },
  {
    "complete.debounce_ms",
    "number",
    default = 150,
    least = 0,
    most = 60000,
    doc = { "how long you pause before a suggestion is asked for." },
  },
  {
    "complete.max_lines",
    "number",
    default = 0,
    least = 0,
    most = 1000,
    whole = true,
    doc = { "lines of a suggestion at most; 0: as many as come." },
  },
  {
    "complete.lsp",
    "boolean",
    default = true,
    doc = { "through `vim.lsp.inline_completion` where Neovim has it." },
  },
  {
    "review.words",
    "boolean",
    default = true,
    doc = { "false: no marks of single words in a diff." },
  },
  {
    "batch.window_ms",
    "number",
    default = 150,
    above = 0,
    most = 60000,
    doc = { "analyses within it are one call." },
  },
}
