"""A project to run programs in."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workspace.process.bench import Bench


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True, scope="module")
def _tidy() -> None:
    """What tests before have left to the garbage collector is none of the handles here."""
    gc.collect()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    return project


def open_handles() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


async def ended(bench: Bench) -> None:
    """End all that runs, and wait for what threads still do after it."""
    await bench.processes.aclose()
    await asyncio.get_running_loop().shutdown_default_executor()


@pytest.fixture
async def bench(root: Path, anyio_backend: str) -> AsyncIterator[Bench]:
    # The loop makes its own handles before the count.
    before = open_handles()
    bench = Bench(root)
    yield bench
    await ended(bench)
    assert open_handles() == before, "a handle was left open"
