"""What an agent is told of a project, and what it is not."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from zeke_bridge.agents.effects import Found
from zeke_bridge.broker.asking import Asking
from zeke_bridge.model.errors import DeniedError, InputError
from zeke_bridge.workspace import quiet_git

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
ASKS = {"ghostllm": {"auto_approve_read": False}}


async def test_names_are_told_and_written_down(bench: Make) -> None:
    one = bench()
    (one.street.project / "src").mkdir()
    (one.street.project / "src" / "c.py").write_text("c\n")
    (one.street.project / ".env").write_text("KEY=1\n")
    assert await one.hands.names("") == ("a.py", "b.py", "src/c.py")
    assert await one.hands.names("src") == ("src/c.py",)
    assert await one.hands.names(str(one.street.project)) == ("a.py", "b.py", "src/c.py")
    assert await one.hands.names("a.py") == ("a.py",)
    line = one.lines()[-1]
    assert (line["step"], line["target"]) == ("names", "3 file names, 0 commit subjects")
    assert line["subject"].startswith("agent:codex:")
    for path in ("..", "/etc", "a\0b"):
        with pytest.raises(InputError):
            await one.hands.names(path)


async def test_nothing_is_told_of_what_would_be_asked(bench: Make) -> None:
    one = bench(settings=ASKS)
    one.diagnostics = [{"path": str(one.street.project / "a.py"), "message": "secret"}]
    assert await one.hands.names("") == ()
    assert await one.hands.search("old") == []
    assert await one.hands.diagnostics() == ""
    for told in (one.hands.changes, one.hands.commits):
        with pytest.raises(DeniedError):
            await told()
    assert one.lines() == []


async def test_lines_are_found(bench: Make) -> None:
    one = bench()
    (one.street.project / ".env").write_text("old=1\n")
    assert await one.hands.search("^o") == [Found("a.py", 1, "old"), Found("b.py", 1, "old")]
    assert await one.hands.search("o", "b.py") == [Found("b.py", 1, "old")]
    assert len(await one.hands.search("o", most=1)) == 1
    assert await one.hands.search("nothing") == []
    assert one.lines()[-1]["target"] == "2 lines of 2 files"
    for pattern in ("", "x" * 1001, "("):
        with pytest.raises(InputError):
            await one.hands.search(pattern)


async def test_commits_are_told_as_far_as_git_may_be_read(bench: Make) -> None:
    one = bench()
    assert await one.hands.commits() == ("abc1234 Add b",)
    assert await one.hands.commits(0) == ()
    assert one.lines()[-1]["target"] == "0 file names, 1 commit subjects"


async def test_changes_are_those_of_open_files(
    bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet_git, "LIMIT_S", 30.0)
    one = bench()
    root = one.street.project
    (root / ".env").write_text("KEY=1\n")
    identity = ("-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false")
    for command in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run(["git", *identity, *command], cwd=root, check=True)
    (root / "a.py").write_text("new\n")
    (root / ".env").write_text("KEY=2\n")
    said = await one.hands.changes()
    assert said.startswith("--- a/a.py\n+++ b/a.py\n")
    assert said.endswith(
        "-old\n+new\nLeft out: 1 file is secret, protected or another project's and left out."
    )
    assert one.lines()[0]["subject"].startswith("agent:codex:")


async def test_what_is_not_saved_is_told_by_name(bench: Make) -> None:
    """A search and a diff look at the disk, and reading does not."""
    one = bench()
    root = one.street.project
    (root / ".env").write_text("KEY=1\n")
    paths = (root / "a.py", root / ".env", one.street.other / "a.py", "odd")
    one.buffers = [{"path": str(path), "modified": True} for path in paths]
    one.buffers.append({"path": str(root / "b.py"), "modified": False})
    assert "not saved yet: a.py. read_file" in await one.hands.unsaved()
    assert one.lines()[0]["target"] == "1 file names, 0 commit subjects"
    one.buffers = []
    assert await one.hands.unsaved() == ""
    one.silent, one.session.asking = True, Asking(one.session.sink, limit=0.01)
    assert "may wait for a key" in await one.hands.unsaved()
    one.session.asking = Asking(one.session.sink, limit=0.01)
    one.session.asking.unsaved = frozenset()
    assert await one.hands.unsaved() == ""
    one.session.asking.unsaved = frozenset({str(root / "a.py"), str(root / ".env")})
    asked = len(one.sink.named("editor.asked"))
    assert "not saved yet: a.py. read_file" in await one.hands.unsaved()
    assert len(one.sink.named("editor.asked")) == asked
    assert await bench(reviews=False).hands.unsaved() == ""


async def test_diagnostics_are_those_of_open_files(bench: Make) -> None:
    one = bench()
    root = one.street.project
    (root / ".env").write_text("KEY=1\n")
    entry = {"line": 3, "column": 1, "severity": "error", "message": "no\x1b", "source": "ruff"}
    paths = (root / "a.py", root / ".env", one.street.other / "a.py", "")
    one.diagnostics = [{**entry, "path": str(path)} for path in paths]
    assert await one.hands.diagnostics() == "a.py:3:1: error: no\\u{1b} (ruff)"
    assert one.lines()[0]["target"] == "1 diagnostics of 1 files"
    one.diagnostics = [{**entry, "path": str(root / "a.py")}, "odd"]
    assert await one.hands.diagnostics("a.py") == "a.py:3:1: error: no\\u{1b} (ruff)"
    with pytest.raises(InputError, match="no Neovim"):
        await bench(reviews=False).hands.diagnostics("a.py")
