"""Suggestions at the cursor, from both ends: what the front asks, and what a person sees of it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

WAYS = ["ghost", "lsp"]
"""The front's own ghost text, and Neovim's inline completion where it has one."""


def begin(nvim: Nvim, way: str) -> Nvim:
    """On an empty line of a Python file, with completion on, in normal mode."""
    if way == "lsp" and not nvim.lua("return vim.lsp.inline_completion ~= nil"):
        pytest.skip("This Neovim has no inline completion of its own.")
    turn_on(nvim, lsp=way == "lsp")
    nvim.feed("6Gcc<Esc>")
    nvim.settle()
    return nvim


def turn_on(nvim: Nvim, **settings: Any) -> None:
    """Have suggestions come, as soon as can be."""
    complete = {"enabled": True, "debounce_ms": 1, "lsp": False, **settings}
    nvim.lua("require('zeke').setup({ complete = ... })", complete)


def asked(broker: FakeBroker) -> dict[str, Any]:
    """The next request."""
    task = broker.expect("task.submit")
    assert task["kind"] == "complete"
    broker.send("task.started", id=task["id"], kind="complete")
    return task


def suggest(nvim: Nvim, broker: FakeBroker, text: str) -> dict[str, Any]:
    """Answer the next request; what was asked."""
    task = asked(broker)
    broker.send("task.done", id=task["id"], kind="complete", text=text)
    nvim.wait_screen(text.rpartition("\n")[2].strip())
    return task


def visible(nvim: Nvim) -> bool:
    """Whether one is shown, or would be but for a menu."""
    return bool(nvim.lua("return require('zeke.complete').visible()"))


def keys(nvim: Nvim) -> int:
    """How many keys the buffer has for it."""
    found = nvim.lua(
        "return #vim.tbl_filter(function(map) return vim.startswith(map.desc or '', 'Zeke:') end,"
        " vim.api.nvim_buf_get_keymap(0, 'i'))"
    )
    return int(found)
