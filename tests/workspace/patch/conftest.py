"""What the tables of model answers share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from zeke_bridge.workspace.patch import apply, propose

Landed = Callable[..., str]


@pytest.fixture
def landed() -> Landed:
    """The whole text after ``answer`` to ``first``..``last`` (else all) of ``base`` is applied."""

    def land(answer: str, base: str, first: int = 1, last: int | None = None) -> str:
        lines = base.split("\n")
        patch = propose(answer, base, first, len(lines) if last is None else last)
        return "\n".join(apply(lines, patch.hunks))

    return land
