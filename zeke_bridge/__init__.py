"""Zeke Bridge: AI in Neovim that asks before it touches anything."""

__version__ = "0.1.0"
