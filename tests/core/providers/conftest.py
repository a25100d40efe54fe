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
    return Limits(connect=5, first_byte=5, silence=5, total=20, listing=5)
