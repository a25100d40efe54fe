"""A project to act on, with and without ``openat2``; every handle has to be closed again."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.workspace.files.bench import Bench, open_handles


@pytest.fixture(autouse=True, scope="module")
def _tidy() -> None:
    """What tests before have left to the garbage collector is none of the handles here."""
    gc.collect()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").write_bytes(b"old\n")
    (tmp_path / "out").mkdir()
    return root


@pytest.fixture(params=[True, False], ids=["openat2", "stepwise"])
def bench(request: pytest.FixtureRequest, project: Path) -> Iterator[Bench]:
    before = open_handles()
    yield Bench(project, request.param)
    assert open_handles() == before, "a handle was left open"


@pytest.fixture
def plain(project: Path) -> Iterator[Bench]:
    """Where the way of resolution does not matter."""
    before = open_handles()
    yield Bench(project)
    assert open_handles() == before, "a handle was left open"


@pytest.fixture
def open_project() -> Iterator[Bench]:
    """A project that somebody else than the one who runs the tests can work in."""
    with TemporaryDirectory() as name:
        base = Path(name)
        base.chmod(0o755)
        source = base / "project" / "src"
        source.mkdir(parents=True)
        (source / "a.py").write_bytes(b"old\n")
        if os.geteuid() == 0:
            for path in (source.parent, source, source / "a.py"):
                os.chown(path, 65534, 65534)
        yield Bench(base / "project")
