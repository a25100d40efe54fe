"""A clock, and this process in any time zone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.core.records.entries import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this process to another time zone."""

    def move(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    move("UTC")
    yield move
    monkeypatch.undo()
    time.tzset()
