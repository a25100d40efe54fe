"""Entries of a usage book, and a clock that is set by hand."""

from __future__ import annotations

from typing import Any

from zeke_bridge.core.records.entry import Entry
from zeke_bridge.model.exchange import Usage

NOON = 1_795_262_400.0
"""A Saturday in November 2026, noon in UTC."""


class Clock:
    """Gives the time that it was set to."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def entry(**changes: Any) -> Entry:
    """An ordinary answer at noon, with ``changes``."""
    fields: dict[str, Any] = {
        "time": NOON,
        "request_id": "zk-1",
        "client": "local",
        "project": "p1",
        "provider": "openai",
        "model": "gpt-6-luna",
        "task": "chat",
        "reason": "it comes first",
        "status": "ok",
        "usage": Usage(10, 5, 15, 4, 2, 1),
        "cost": 0.25,
        "saved": 0.0,
        "seconds": 2.0,
        "first_token": 0.5,
        "cached": False,
        "streamed": True,
    }
    return Entry(**(fields | changes))
