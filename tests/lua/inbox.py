"""`:ZekeConsents` as a person uses it, in a Neovim whose broker says what the test says."""

from __future__ import annotations

from typing import Any

from tests.e2e.nvim import Nvim
from tests.fakes.broker import FakeBroker

OPENED = "╭ Zeke consents"
JUST_CHANGED = "The list has just changed: look"
FOOT = "(vim.api.nvim_win_get_config(0).footer or {{'One moment'}})[1][1]"
NOW = 1767322000
"""The time of every open list, in seconds since the epoch."""
ANSWERS = "1 once  2 session  3 project  d denies"


def question(prompt: str, target: str, **changes: Any) -> dict[str, Any]:
    return {
        "prompt": prompt,
        "subject": "claude (agent)",
        "verb": "write",
        "target": target,
        "added": 2,
        "removed": 1,
        "risk": "Medium",
        "reason": "an ordinary file of the project",
        "note": "please",
        "diff": ["@@ -1,1 +1,2 @@", "-old", "+new", "+newer"],
        "choices": ["once", "session", "project", "deny"],
        "since": NOW - 12,
        "shown": False,
        "here": True,
        **changes,
    }


def grant(number: int, target: str, **changes: Any) -> dict[str, Any]:
    grant_id = f"g{number}"
    created = 1700000000.0
    known = {"id": grant_id, "op": "write", "subject": "assistant", "target": target}
    return {**known, "created": created, "expires": None, **changes}


def state(**changes: Any) -> dict[str, Any]:
    return {
        "root": "/project",
        "trust": "none",
        "hash": "",
        "notice": "",
        "local_only": False,
        "rejected": False,
        "git": "none",
        "waiting": [],
        "session": [],
        "project": [],
        "refused": [],
        "denies": [],
        "decisions": [],
        **changes,
    }


DECISION: dict[str, Any] = {
    "time": "2026-01-02T03:04:05.678Z",
    "op": "write",
    "target": "c.py",
    "to": "",
    "subject": "assistant",
    "verdict": "allow",
    "step": "rule",
    "by": "auto_approve_write",
    "risk": "medium",
    "result": "done",
    "why": "Your setting auto_approve_write allows it.",
}


class Inbox:
    """`:ZekeConsents` in a Neovim whose broker says what the test says."""

    def __init__(self, nvim: Nvim, broker: FakeBroker) -> None:
        self.nvim, self.broker = nvim, broker

    def open(self, **changes: Any) -> str:
        self.broker.states["consents"] = state(**changes)
        self.guard(10)
        self.nvim.lua(
            "local now = ...; require('zeke.consents.inbox').now = function() return now end", NOW
        )
        self.nvim.feed(":ZekeConsents<CR>")
        self.nvim.wait_screen("Waiting (")
        return self.steady()

    def guard(self, ms: int) -> None:
        """How long keys are kept from what has just moved."""
        self.nvim.lua("require('zeke.consents.inbox').guard_ms = ...", ms)

    def change(self, **changes: Any) -> None:
        """The broker tells of a change; returns when the window has it."""
        self.broker.states["consents"] = state(**changes)
        self.nvim.settle()
        self.nvim.events.clear()
        self.broker.send("consent.changed")
        self.nvim.wait_event("ZekeState")

    def steady(self) -> str:
        """Wait until what the cursor is on has not just moved; the screen."""
        self.nvim.wait_for(f"not {FOOT}:find('One moment', 1, true)")
        return self.nvim.screen.text

    def on(self, text: str) -> None:
        """Put the cursor on the line with this text."""
        self.nvim.lua("vim.fn.search(...)", text)
        self.nvim.lua("vim.api.nvim_exec_autocmds('CursorMoved', {buffer = 0})")
        self.steady()

    def line(self) -> str:
        """The line the cursor is on."""
        return str(self.nvim.lua("return vim.api.nvim_get_current_line()"))

    def text(self) -> str:
        """All that the window says."""
        return "\n".join(self.nvim.lines())

    def nothing_was_sent(self) -> None:
        self.nvim.settle()
        for method in ("answer", "revoke", "trust", "reject", "exclude"):
            assert not self.broker.seen(f"consent.{method}")
