"""Lines of files, found by ripgrep or by a child of our own, and never for ever."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from zeke_bridge.model.errors import InputError
from zeke_bridge.workspace import search as module
from zeke_bridge.workspace.process.program import find_program
from zeke_bridge.workspace.search import Hit, search


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = tmp_path / "project"
    (found / "src").mkdir(parents=True)
    (found / "a.py").write_text("one\ntwo\r\nthree é\n")
    (found / "src" / "b.py").write_text("two\n\nten")
    (found / "-e").write_text("two\n")
    return found


@pytest.fixture(params=["ripgrep", "child"])
def how(request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "child":
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
        monkeypatch.setattr(module, "find_program", lambda *_: find_program("", "", "", {}))
    elif not find_program("rg", str(root), str(root), os.environ).path:
        pytest.skip("ripgrep is not installed here")


NAMES = ("-e", "a.py", "src/b.py")


@pytest.mark.usefixtures("how")
def test_lines_with_their_numbers(root: Path) -> None:
    assert search(str(root), "^t", NAMES, 10) == (
        Hit("-e", 1, "two"),
        Hit("a.py", 2, "two"),
        Hit("a.py", 3, "three é"),
        Hit("src/b.py", 1, "two"),
        Hit("src/b.py", 3, "ten"),
    )
    assert search(str(root), "^t", NAMES, 2) == (Hit("-e", 1, "two"), Hit("a.py", 2, "two"))
    assert search(str(root), "^t", ["src/b.py"], 1) == (Hit("src/b.py", 1, "two"),)
    assert search(str(root), "nothing", NAMES, 9) == ()
    assert search(str(root), "-e", NAMES, 9) == ()
    assert search(str(root), "one", [], 9) == ()


@pytest.mark.usefixtures("how")
def test_a_pattern_that_is_none_is_told(root: Path) -> None:
    with pytest.raises(InputError, match="This is no regular expression: "):
        search(str(root), "a(", NAMES, 9)


@pytest.mark.usefixtures("how")
def test_only_plain_files_of_the_project_are_looked_at(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("two\n")
    (root / "link").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    os.mkfifo(root / "fifo")
    (root / "binary").write_bytes(b"two\n\0\n")
    (root / "large").write_bytes(b"two\n" * 300_000)
    names = ("link", "folder/secret", "../secret", "fifo", "binary", "large", "src", "gone", "a\0")
    assert search(str(root), "two", names, 9) == ()


@pytest.mark.usefixtures("how")
def test_a_long_line_is_cut(root: Path) -> None:
    (root / "long").write_text("x" * 100_000 + "\n" + "y" * 3 + "\n")
    first, second = search(str(root), "x|y", ["long"], 9)
    assert len(first.text) == module.MOST_LINE
    assert second == Hit("long", 2, "yyy")


def test_a_pattern_that_never_ends_is_ended(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_program", lambda *_: find_program("", "", "", {}))
    monkeypatch.setattr(module, "LIMIT_S", 0.3)
    (root / "a.py").write_text("a" * 60 + "!\n")
    with pytest.raises(InputError, match="took over"):
        search(str(root), "(a+)+$", ["a.py"], 9)


def test_much_output_is_cut_at_a_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_program", lambda *_: find_program("", "", "", {}))
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    (root / "a.py").write_text("two\n" * 10_000)
    hits = search(str(root), "two", ["a.py"], 100_000)
    assert 10 < len(hits) < 60
    assert hits[-1] == Hit("a.py", len(hits), "two")
