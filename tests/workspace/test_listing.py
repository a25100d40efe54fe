"""The names of a project's files, with and without git: none of a secret, and not without end."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from zeke_bridge.workspace import listing
from zeke_bridge.workspace.listing import list_files, may_be_named

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for name in ("src/a.py", "src/deep/b.py", "README.md", "made/out.log", "node_modules/x/y.js"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x\n")
    return folder


def secrets(root: Path) -> None:
    for name in (".env", "deploy/id_rsa", "k.pem", ".zeke-consents.json", ".aws/credentials"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("KEY\n")


def git(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)


@needs_git
def test_a_repository_is_asked(root: Path) -> None:
    git(root)
    secrets(root)
    (root / ".gitignore").write_text("made/\nnode_modules\n")
    found = list_files(str(root))
    assert found.whole
    assert found.paths == (".gitignore", "README.md", "src/a.py", "src/deep/b.py")


def test_elsewhere_it_is_walked(root: Path) -> None:
    secrets(root)
    (root / ".gitignore").write_text("*.log\n!keep.log\n")
    (root / "src" / ".ignore").write_text("/deep/\n")
    (root / "keep.log").write_text("x")
    (root / "link").symlink_to("/etc")
    os.mkfifo(root / "fifo")
    assert list_files(str(root)).paths == (
        ".gitignore",
        "README.md",
        "keep.log",
        "src/.ignore",
        "src/a.py",
    )


def test_an_ignore_file_that_is_none_is_none(root: Path) -> None:
    os.mkfifo(root / ".gitignore")
    (root / "src" / ".gitignore").write_bytes(b"\xff\xfe*.py\n")
    (root / "src" / "deep" / ".gitignore").symlink_to("/etc/passwd")
    assert "src/deep/b.py" in list_files(str(root)).paths
    assert list_files(str(root / "missing")).paths == ()


@pytest.mark.parametrize("repository", [pytest.param(True, marks=needs_git), False])
def test_there_is_an_end(root: Path, monkeypatch: pytest.MonkeyPatch, repository: bool) -> None:
    if repository:
        git(root)
    for number in range(30):
        (root / f"f{number:02}.txt").write_text("x")
    monkeypatch.setattr(listing, "MOST_FILES", 10)
    found = list_files(str(root))
    assert len(found.paths) == 10
    assert not found.whole
    monkeypatch.setattr(listing, "MOST_FILES", 1000)
    monkeypatch.setattr(listing, "MOST_BYTES", 50)
    found = list_files(str(root))
    assert sum(len(name) + 1 for name in found.paths) <= 50
    assert not found.whole
    monkeypatch.setattr(listing, "LIMIT_S", -1.0)
    assert repository or list_files(str(root)).paths == ()


@needs_git
def test_names_that_are_no_text_stay_away(root: Path) -> None:
    git(root)
    for name in (b"new\nline.py", b"bad\xff.py", "right\u202eleft.py".encode(), b"\x1b[31m.py"):
        with open(os.path.join(os.fsencode(root), name), "wb"):  # noqa: PTH118, PTH123 - bytes
            pass
    assert all(name.isprintable() for name in list_files(str(root)).paths)


@pytest.mark.parametrize(
    "name",
    [".env", "a/.ENV.local", "x.PEM", ".git/config", ".vscode/settings.json", "id_ed25519", "a\tb"],
)
def test_what_may_not_be_named(name: str) -> None:
    assert not may_be_named(name)
    assert may_be_named("src/environment.py")


@pytest.mark.parametrize("repository", [pytest.param(True, marks=needs_git), False])
@pytest.mark.parametrize("marker", [".git", ".zeke-consents.json"])
def test_a_project_inside_this_one_is_left_out(root: Path, repository: bool, marker: str) -> None:
    (root / "made" / "out.log").unlink()
    (root / "node_modules" / "x" / "y.js").unlink()
    if repository:
        git(root)
        # What git tracked before the inner project was one stays in its index.
        subprocess.run(["git", "add", "-A"], cwd=root, check=True)
    (root / "src" / "deep" / marker).write_text("gitdir: nowhere\n")
    assert list_files(str(root)).paths == ("README.md", "src/a.py")


@needs_git
def test_a_repository_inside_is_no_name(root: Path) -> None:
    git(root)
    git(root / "src" / "deep")
    assert [name for name in list_files(str(root)).paths if "deep" in name] == []
