"""A question of GhostWarden, put by the fake broker, and what a person sees of it."""

from __future__ import annotations

from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

ASK: dict[str, Any] = {
    "prompt": "p1",
    "position": 1,
    "total": 2,
    "subject": "zeke",
    "verb": "write",
    "target": "src/app.py",
    "added": 12,
    "removed": 3,
    "risk": "Medium",
    "reason": "an ordinary file of the project",
    "note": "",
    "diff": ["@@ -1,2 +1,2 @@", "-old line", "+new line"],
    "choices": ["once", "session", "project", "deny"],
    "expires_in": 120,
    "guard_ms": 30,
}
FLOATS = """vim.iter(vim.api.nvim_list_wins()):filter(function(w)
  return vim.api.nvim_win_get_config(w).relative ~= "" and vim.api.nvim_buf_get_name(
    vim.api.nvim_win_get_buf(w)) == "zeke://prompt" end):totable()"""
READY = "Esc denies"
WAITS = "To answer:"


def ask(nvim: Nvim, broker: FakeBroker, **changes: Any) -> None:
    broker.send("consent.asked", **{**ASK, **changes})
    nvim.wait_event("ZekeConsentAsked")


def focused(nvim: Nvim) -> bool:
    return bool(nvim.lua(f"return vim.api.nvim_get_current_win() == {FLOATS}[1]"))


def enter(nvim: Nvim) -> None:
    nvim.feed(":Zeke prompt<CR>")
    nvim.wait_screen(READY)
    assert focused(nvim)
