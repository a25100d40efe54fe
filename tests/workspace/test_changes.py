"""What differs from the last commit, as git has it, and nothing of the repository runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from zeke_bridge.model.errors import InputError
from zeke_bridge.workspace.changes import MOST_FILES, Changed, changes, committed, worked_on

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def run(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=20,
    ).stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "main")
    for name in ("a.py", "b.py", "c.py"):
        (folder / name).write_text("old\n")
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "first")
    return folder


def test_changed_deleted_and_added(root: Path) -> None:
    assert changes(str(root)).files == ()
    (root / "a.py").write_text("new\n")
    (root / "b.py").unlink()
    (root / "é d.py").write_text("added\n")
    (root / "untracked.py").write_text("x\n")
    run(root, "add", "é d.py")
    blob = run(root, "rev-parse", "HEAD:a.py").strip()
    found = changes(str(root))
    assert found.files == (
        Changed("a.py", blob),
        Changed("b.py", blob, deleted=True),
        Changed("é d.py", ""),
    )
    assert (found.odd, found.whole) == (0, True)
    assert committed(str(root), blob, 100) == b"old\n"
    assert committed(str(root), "", 100) == b""
    with pytest.raises(InputError, match="too long"):
        committed(str(root), blob, 2)
    with pytest.raises(InputError, match="does not have"):
        committed(str(root), "0" * 40, 100)


def test_what_was_only_touched_has_not_changed(root: Path) -> None:
    os.utime(root / "a.py", (1, 1))
    assert changes(str(root)).files == ()


def test_links_and_submodules_are_counted(root: Path) -> None:
    (root / "a.py").unlink()
    (root / "a.py").symlink_to("b.py")
    found = changes(str(root))
    assert (found.files, found.odd) == ((), 1)


def test_new_files_are_worked_on_and_no_part_of_a_diff(root: Path) -> None:
    (root / "a.py").write_text("new\n")
    (root / ".gitignore").write_text("*.log\n")
    (root / "run.log").write_text("x\n")
    (root / "é d.py").write_text("new\n")
    (root / "deep").mkdir()
    (root / "deep" / "n.py").write_text("new\n")
    (root / "link.py").symlink_to("a.py")
    inner = root / "inner"
    inner.mkdir()
    run(inner, "init", "-q")
    (inner / "x.py").write_text("x\n")
    run(inner, "add", ".")
    run(inner, "commit", "-q", "-m", "its own")
    found = worked_on(str(root))
    assert [one.path for one in found.files] == [".gitignore", "a.py", "deep/n.py", "é d.py"]
    assert (found.odd, found.whole) == (2, True)
    assert [one.path for one in changes(str(root)).files] == ["a.py"]


def test_more_new_files_than_are_listed(root: Path) -> None:
    for number in range(MOST_FILES + 1):
        (root / f"n{number:03}.txt").touch()
    found = worked_on(str(root))
    assert (len(found.files), found.whole) == (MOST_FILES, False)


def test_looking_for_new_files_runs_nothing(root: Path) -> None:
    ran, program = root.parent / "ran", root.parent / "monitor"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    program.chmod(0o755)
    run(root, "config", "core.fsmonitor", str(program))
    run(root, "config", "filter.odd.clean", str(program))
    (root / ".git" / "info" / "attributes").write_text("*.py filter=odd\n")
    (root / "new.py").write_text("new\n")
    assert [one.path for one in worked_on(str(root)).files] == ["new.py"]
    assert not ran.exists()


def test_what_is_worked_on_has_sentences_of_its_own(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = root.parent / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="no git repository with a commit: what changed is not"):
        worked_on(str(empty))
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match="`:ZekeAnalyze` alone looks at the file"):
        worked_on(str(root))


def test_no_commit_and_no_repository(root: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError, match="no git repository with a commit"):
        changes(str(empty))
    run(empty, "init", "-q")
    with pytest.raises(InputError, match="no git repository with a commit"):
        changes(str(empty))


def test_no_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match="not installed"):
        changes(str(root))


@pytest.mark.parametrize("key", ["clean", "process"])
@pytest.mark.parametrize("name", ["odd", "two words", "a.b"])
def test_no_filter_of_the_repository_is_run(root: Path, key: str, name: str) -> None:
    ran = root.parent / "ran"
    program = root.parent / "filter"
    program.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n")
    program.chmod(0o755)
    # The name has to fit into an attribute, so what has a space is only in the configuration.
    attribute = name if " " not in name else "odd"
    (root / ".git" / "info").mkdir(exist_ok=True)
    (root / ".git" / "info" / "attributes").write_text(f"*.py filter={attribute} diff=odd\n")
    run(root, "config", f"filter.{name}.{key}", str(program))
    run(root, "config", f"filter.{name}.required", "true")
    run(root, "config", "diff.odd.textconv", str(program))
    run(root, "config", "diff.odd.command", str(program))
    run(root, "config", "diff.external", str(program))
    run(root, "config", "core.fsmonitor", str(program))
    (root / "a.py").write_text("new\n")
    assert [one.path for one in changes(str(root)).files] == ["a.py"]
    assert not ran.exists()
    if " " not in name and key == "clean":
        # The trap is a good one: git itself falls into it.
        run(root, "-c", "core.fsmonitor=false", "diff", "--raw", "HEAD")
        assert ran.exists()


def test_a_filter_that_cannot_be_named_closes(root: Path) -> None:
    run(root, "config", "filter.a=b.clean", "true")
    with pytest.raises(InputError, match="cannot be switched off"):
        changes(str(root))
