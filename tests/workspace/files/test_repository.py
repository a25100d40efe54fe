"""Where git keeps what it runs, in repositories that the real git made."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from zeke_bridge.model.action import Action, Op
from zeke_bridge.workspace.files import Resolver

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=30,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The repository itself, one linked, one elsewhere, one bare, and a worktree, all in one."""
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    for name in ("linked", "apart", "src"):
        (root / name).mkdir()
    git(root / "linked", "init", "-q")
    (root / "linked" / ".git").rename(root / "linked" / "data")
    (root / "linked" / ".git").symlink_to("data")
    git(root / "apart", "init", "-q", f"--separate-git-dir={root / 'store'}")
    git(root, "init", "-q", "--bare", "bare")
    git(root, "worktree", "add", "-q", "tree")
    return root


@pytest.mark.parametrize("kernel", [True, False], ids=["openat2", "stepwise"])
@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("linked/data/hooks/pre-commit", True),
        ("linked/data/config", True),
        ("store/hooks/new/deep", True),
        ("bare/config", True),
        ("./bare/../bare/hooks/update", True),
        ("linked/.git/config", True),
        (".git/worktrees/tree/config.worktree", True),
        ("tree/a.py", False),
        ("src/a.py", False),
        ("linked/a.py", False),
        ("store", False),
    ],
)
def test_what_git_runs_is_known(project: Path, path: str, found: bool, kernel: bool) -> None:
    facts = Resolver(kernel=kernel).look(Action(Op.WRITE, str(project), path=path))
    assert facts.target is not None
    assert facts.target.in_repository is found


def test_both_ends_of_a_rename(project: Path) -> None:
    (project / "src" / "a").write_text("a")
    action = Action(Op.RENAME, str(project), path="src/a", to="bare/hooks/update")
    facts = Resolver().look(action)
    assert facts.target is not None
    assert facts.to is not None
    assert (facts.target.in_repository, facts.to.in_repository) == (False, True)
