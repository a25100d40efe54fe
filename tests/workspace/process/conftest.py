"""A project to run programs in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workspace.process.bench import Bench


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    return project


def open_handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
async def bench(root: Path, anyio_backend: str) -> AsyncIterator[Bench]:
    # The loop makes its own handles before the count.
    before = open_handles()
    bench = Bench(root)
    yield bench
    await bench.processes.aclose()
    assert open_handles() == before, "a handle was left open"
