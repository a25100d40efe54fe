"""What was not wanted is told apart from what broke."""

from __future__ import annotations

from typing import Any

import pytest

from zeke_bridge.agents.effects import Written
from zeke_bridge.agents.refusal import MOST_REASON, Refusal, of_error, of_written
from zeke_bridge.model.errors import (
    AuditError,
    BusyError,
    ChangedError,
    DeniedError,
    StoreError,
    ZekeError,
)


@pytest.mark.parametrize(
    ("state", "refused"),
    [
        ("written", False),
        ("same", False),
        ("failed", False),
        ("partly", True),
        ("rejected", True),
        ("denied", True),
    ],
)
def test_of_a_file(state: Any, refused: bool) -> None:
    found = of_written(Written("a.py", state, "words", reason="zero is right"))
    assert found == (Refusal(state, "zero is right") if refused else None)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (DeniedError, True),
        (BusyError, True),
        (ChangedError, False),
        (AuditError, False),
        (StoreError, False),
    ],
)
def test_of_an_error(kind: type[ZekeError], refused: bool) -> None:
    assert of_error(kind("You said no.")) == (
        Refusal("denied", "You said no.") if refused else None
    )


def test_a_reason_is_escaped_and_short() -> None:
    shown = Refusal("rejected", "no\x1b[2J\n" + "x" * 5000).meta()["zeke"]
    assert shown["state"] == "rejected"
    assert shown["reason"].isprintable()
    assert len(shown["reason"]) <= MOST_REASON + 40
