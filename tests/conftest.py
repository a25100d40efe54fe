"""What holds for every test."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

# The machine may be busy with something else: how long an example takes says nothing here.
settings.register_profile("zeke", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zeke")


# The keyring of whoever runs the tests is none of theirs; children inherit this.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"


@pytest.fixture
def anyio_backend() -> str:
    """The broker and the core run on asyncio."""
    return "asyncio"
