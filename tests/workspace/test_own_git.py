"""Whose repository a ``.git`` leads to: only the project's own is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from zeke_bridge.workspace.history import branch, history
from zeke_bridge.workspace.listing import list_files
from zeke_bridge.workspace.own_git import is_own

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def run(folder: Path, *arguments: str) -> None:
    own = [
        "-c",
        "user.name=n",
        "-c",
        "user.email=n@example.com",
        "-c",
        "protocol.file.allow=always",
    ]
    subprocess.run(
        ["git", *own, *arguments], cwd=folder, check=True, capture_output=True, timeout=20
    )


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    folder = tmp_path / "victim"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "merger")
    (folder / "merger.py").write_text("x\n")
    run(folder, "add", "-A")
    run(folder, "commit", "-qm", "Buy the rival")
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "a.py").write_text("x\n")
    return folder


def file_to(root: Path, victim: Path) -> None:
    (root / ".git").write_text(f"gitdir: {victim}/.git\n")


def link_to(root: Path, victim: Path) -> None:
    (root / ".git").symlink_to(victim / ".git")


def file_to_worktree(root: Path, victim: Path) -> None:
    run(victim, "worktree", "add", "-q", str(victim.parent / "tree"))
    (root / ".git").write_text(f"gitdir: {victim}/.git/worktrees/tree\n")


def forged_worktree(root: Path, victim: Path) -> None:
    """A directory of the project's own says that it is a worktree of the other repository."""
    forged = root / "fake" / "worktrees" / "x"
    forged.mkdir(parents=True)
    (forged / "commondir").write_text(f"{victim}/.git\n")
    (forged / "gitdir").write_text(f"{root}/.git\n")
    (forged / "HEAD").write_text("ref: refs/heads/merger\n")
    shutil.copy(victim / ".git" / "index", forged / "index")
    (root / ".git").write_text("gitdir: fake/worktrees/x\n")


def forged_common(root: Path, victim: Path) -> None:
    run(root, "init", "-q")
    (root / ".git" / "commondir").write_text(f"{victim}/.git\n")
    (root / ".git" / "HEAD").write_text("ref: refs/heads/merger\n")


def borrowed(root: Path, victim: Path) -> None:
    run(root, "init", "-q")
    shutil.rmtree(root / ".git" / "refs")
    (root / ".git" / "refs").symlink_to(victim / ".git" / "refs")
    (root / ".git" / "HEAD").write_text("ref: refs/heads/merger\n")
    (root / ".git" / "objects" / "info" / "alternates").write_text(f"{victim}/.git/objects\n")


def linked_objects(root: Path, victim: Path) -> None:
    borrowed(root, victim)
    shutil.rmtree(root / ".git" / "objects")
    (root / ".git" / "objects").symlink_to(victim / ".git" / "objects")


def linked_parts(root: Path, victim: Path) -> None:
    borrowed(root, victim)
    objects = root / ".git" / "objects"
    (objects / "info" / "alternates").unlink()
    for part in (victim / ".git" / "objects").iterdir():
        if len(part.name) == 2:
            (objects / part.name).symlink_to(part)


def linked_index(root: Path, victim: Path) -> None:
    run(root, "init", "-q")
    (root / ".git" / "index").symlink_to(victim / ".git" / "index")


FORGED = (
    file_to,
    link_to,
    file_to_worktree,
    forged_worktree,
    forged_common,
    borrowed,
    linked_objects,
    linked_parts,
    linked_index,
)


@pytest.mark.parametrize("forge", FORGED)
def test_another_repository_says_nothing(
    root: Path, victim: Path, forge: Callable[[Path, Path], None]
) -> None:
    forge(root, victim)
    assert not is_own(str(root))
    assert history(str(root)) == ()
    assert branch(str(root)) == ""
    found = list_files(str(root)).paths
    assert "a.py" in found
    assert "merger.py" not in found


def test_a_worktree_is_its_own(victim: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    run(victim, "worktree", "add", "-q", "-b", "side", str(tree))
    assert branch(str(tree)) == "side"
    assert len(history(str(tree))) == 1
    tree.rename(tmp_path / "moved")
    assert not is_own(str(tmp_path / "moved"))


def test_a_submodule_is_its_own(victim: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    run(outer, "init", "-q")
    run(outer, "submodule", "--quiet", "add", str(victim), "sub")
    assert len(history(str(outer / "sub"))) == 1
    assert list_files(str(outer)).paths == ()


def test_elsewhere_only_with_a_word_of_the_repository(root: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    run(root, "init", "-q", f"--separate-git-dir={away}")
    assert not is_own(str(root))
    run(root, "config", "core.worktree", str(root))
    assert is_own(str(root))
    (root / ".git").unlink()
    (root / ".git").symlink_to(away)
    assert is_own(str(root))
    with (away / "config").open("a") as config:
        config.write(f'[core "x"]\n\tworktree = /\n[core] WorkTree = "{root}" # this\n')
    assert not is_own(str(root))
    with (away / "config").open("a") as config:
        config.write(f'[Core] WorkTree = "{root}"\n')
    assert is_own(str(root))


def test_what_is_no_repository(root: Path, tmp_path: Path) -> None:
    assert not is_own(str(root))
    assert not is_own(str(root / "missing"))
    assert not is_own(f"{root}\0")
    os.mkfifo(root / ".git")
    assert not is_own(str(root))
    for text in ("", "gitdir: \n", "gitdir: nowhere\n", "gitdir: a.py\n", "x" * 10_000):
        (root / ".git").unlink()
        (root / ".git").write_text(text)
        assert not is_own(str(root))
