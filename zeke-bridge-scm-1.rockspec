-- For `luarocks make` in a checkout, and so for rocks.nvim. The Python side comes by `:Zeke install`.
rockspec_format = "3.0"
package = "zeke-bridge"
version = "scm-1"
source = { url = "git+file://." } -- `make` takes what lies here; who publishes names their archive
description = {
  summary = "AI in Neovim that asks before it touches anything",
  license = "MIT",
  labels = { "neovim" },
}
dependencies = { "lua >= 5.1" }
build = { type = "builtin", copy_directories = { "doc", "plugin", "rplugin" } }
