"""``zeke nvim``: open Neovim with the plugin, whatever is or is not configured there."""

from __future__ import annotations

import os
import sys

import typer

from zeke_bridge.cli.editor import find_nvim, plugin_directory


def nvim(context: typer.Context) -> None:
    """Open Neovim with Zeke loaded; all arguments are Neovim's own."""
    found = find_nvim()
    directory = plugin_directory()
    # The user's own configuration is kept; this Python serves as Zeke's unless they chose one.
    setup = (
        f"lua vim.opt.runtimepath:append([[{directory}]]) "
        f"vim.g.zeke_python = vim.g.zeke_python or [[{sys.executable}]]"
    )
    arguments = [str(found), "--cmd", setup, *context.args]
    sys.stdout.flush()
    os.execv(found, arguments)  # noqa: S606 - no shell: the arguments are a list
