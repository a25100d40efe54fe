"""Providers over keys that a test gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.limits import Limits

GivesKeys = Callable[..., Keys]


@pytest.fixture
def keys(tmp_path: Path) -> GivesKeys:
    """Makes ``Keys`` that hold the given ones, by the provider's name."""
    return lambda **held: Keys(KeyFile(tmp_path / "auth.json"), held, {})


@pytest.fixture
def limits() -> Limits:
    """Limits that no healthy fake meets, and that end a test that hangs."""
    return Limits(connect=30, first_byte=30, silence=30, total=60, listing=30)
