"""A project with what is to be kept in it, a home, and programs in bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workspace.process.bench import Bench, script
from tests.workspace.process.conftest import ended, open_handles
from zeke_bridge.model.target import Places
from zeke_bridge.workspace.process import processes
from zeke_bridge.workspace.process.containment import Contain, unavailable

bounded = pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is Landlock")


class Cell:
    """``run`` runs shell text in bounds and returns what it prints."""

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.home = home
        self.state = home / ".local" / "state" / "zeke"
        self.own = Places(
            never=(str(self.state), str(home / ".config" / "zeke")),
            unreadable=(str(home / ".config" / "zeke" / "config.toml"),),
        )
        self.bench = Bench(root, self.own)

    async def run(self, text: str, *argv: str, contain: Contain = Contain()) -> str:  # noqa: B008
        child = await self.bench.open("sh", "-c", text, *argv, contain=contain)
        said = await asyncio.wait_for(child.reader.read(), 60)
        await asyncio.wait_for(child.aclose(), 60)
        return said.decode() + child.errors()


@pytest.fixture
async def cell(
    tmp_path: Path, root: Path, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Cell]:
    monkeypatch.setattr(processes, "GRACE_S", 0.2)
    home = tmp_path / "home"
    for path in (root / ".git" / "hooks", root / "src" / "inner", root / "sub" / ".git"):
        path.mkdir(parents=True)
    for path in (root / "README.md", root / "src" / "a.py", root / ".git" / "config"):
        path.write_text("old\n")
    script(root / ".git" / "hooks" / "pre-commit")
    (root / ".zeke-consents.json").write_text("{}")
    (root / "src" / ".envrc").write_text("export A=1\n")
    (home / ".local" / "state" / "zeke").mkdir(parents=True)
    (home / ".local" / "state" / "zeke" / "token").write_text("secret-91c4\n")
    (home / ".local" / "state" / "other").write_text("open\n")
    (home / ".config" / "zeke").mkdir(parents=True)
    (home / ".config" / "zeke" / "config.toml").write_text("secret-91c4\n")
    (home / ".bashrc").write_text("old\n")
    monkeypatch.setenv("HOME", str(home))
    before = open_handles()
    made = Cell(root, home)
    yield made
    await ended(made.bench)
    assert open_handles() == before, "a handle was left open"
