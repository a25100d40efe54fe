"""The use cases: what happens between a command in Neovim and its effect."""
