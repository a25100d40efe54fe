"""The branch and the last commits, as git has them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from zeke_bridge.workspace import quiet_git
from zeke_bridge.workspace.history import branch, history

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "trunk")
    return folder


def run(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=20,
    )


def commit(root: Path, subject: str) -> None:
    run(root, "commit", "-q", "--allow-empty", "-m", subject)


def test_the_last_commits_newest_first(root: Path) -> None:
    for number in range(25):
        commit(root, f"Change {number}")
    found = history(str(root))
    assert len(found) == 20
    assert found[0].endswith(" Change 24")
    assert branch(str(root)) == "trunk"
    run(root, "checkout", "-q", "--detach")
    assert branch(str(root)) == ""


def test_one_line_each_and_nothing_that_moves_the_cursor(root: Path) -> None:
    commit(root, "\x1b[31mred\u202e and " + "long " * 100 + "\n\nwith a body")
    [line] = history(str(root))
    assert line.isprintable()
    assert len(line) == 120


def test_nothing_is_nothing(root: Path, tmp_path: Path) -> None:
    assert history(str(root)) == ()
    assert branch(str(root)) == "trunk"
    assert history(str(tmp_path)) == ()
    assert branch(str(tmp_path)) == ""
    assert history(str(tmp_path / "missing")) == ()


def test_only_so_much_is_heard(root: Path) -> None:
    commit(root, "x" * 5000)
    said = quiet_git.ask(str(root), "log", "--format=%s", most=100)
    assert said is not None
    assert (len(said.output), said.whole) == (100, False)
