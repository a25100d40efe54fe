"""What holds for every test."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# The machine may be busy with something else: how long an example takes says nothing here.
settings.register_profile("zeke", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zeke")


@pytest.fixture
def anyio_backend() -> str:
    """The broker and the core run on asyncio."""
    return "asyncio"
