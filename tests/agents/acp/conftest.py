"""An agent in a process of its own, with effects that are only written down."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.agents.acp.around import Around


@pytest.fixture
async def around(tmp_path: Path) -> AsyncIterator[Around]:
    made = Around(tmp_path)
    try:
        yield made
    finally:
        await made.aclose()
