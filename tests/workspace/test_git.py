"""What git does with the consent file, asked so that no repository gets anything executed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zeke_bridge.model.errors import StoreError
from zeke_bridge.workspace import git, quiet_git
from zeke_bridge.workspace.git import exclude, tracking
from zeke_bridge.workspace.history import branch, history
from zeke_bridge.workspace.listing import list_files

NAME = ".zeke-consents.json"
LINE = f"/{NAME}\n"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(autouse=True)
def _own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


def run(folder: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.com", *arguments],
        cwd=folder, capture_output=True, text=True, check=check, timeout=20,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    run(folder, "init", "-q")
    (folder / "a.py").write_text("a\n")
    run(folder, "add", "-A")
    run(folder, "commit", "-qm", "first")
    return folder


def test_no_repository(tmp_path: Path) -> None:
    assert tracking(str(tmp_path)) == "none"
    assert tracking(str(tmp_path / "missing")) == "none"
    with pytest.raises(StoreError, match="no git repository"):
        exclude(str(tmp_path))
    with pytest.raises(StoreError):
        exclude(str(tmp_path / "missing"))


def test_no_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root.parent))
    assert tracking(str(root)) == "none"
    with pytest.raises(StoreError, match="not installed"):
        exclude(str(root))


def test_the_repository_is_this_one_and_not_one_above(root: Path) -> None:
    below = root / "below"
    below.mkdir()
    assert tracking(str(below)) == "none"


@pytest.mark.parametrize("there", [True, False])
def test_untracked_then_excluded(root: Path, there: bool) -> None:
    if there:
        (root / NAME).write_text("{}")
    assert tracking(str(root)) == "untracked"
    exclude(str(root))
    assert tracking(str(root)) == "ignored"


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_tracked(root: Path, version: str) -> None:
    (root / NAME).write_text("{}")
    run(root, "add", NAME)
    if version == "3":
        # A path that is to be added later makes git write an index of version 3.
        (root / "later").touch()
        run(root, "add", "--intent-to-add", "later")
    else:
        run(root, "update-index", "--index-version", version)
    assert (root / ".git" / "index").read_bytes()[7] == int(version)
    assert tracking(str(root)) == "tracked"
    (root / NAME).unlink()
    assert tracking(str(root)) == "tracked"
    exclude(str(root))
    assert tracking(str(root)) == "tracked"


@pytest.mark.parametrize(
    ("place", "text", "found"),
    [
        (".gitignore", "*.json\n", "ignored"),
        (".gitignore", "*.json\n!/.zeke*\n", "untracked"),
        (".git/info/exclude", NAME, "ignored"),
        ("../home/.config/git/ignore", NAME, "ignored"),
    ],
)
def test_every_place_of_ignoring(root: Path, place: str, text: str, found: str) -> None:
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).write_text(text)
    assert tracking(str(root)) == found


def test_a_name_of_another_directory_is_not_it(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub" / NAME).touch()
    run(root, "add", "-A")
    assert tracking(str(root)) == "untracked"


def test_excluding_keeps_every_byte_and_says_it_once(root: Path) -> None:
    path = root / ".git" / "info" / "exclude"
    path.write_bytes(b"# caf\xe9\r\n\xff*.o")
    path.chmod(0o640)
    for _ in range(2):
        exclude(str(root))
        assert path.read_bytes() == b"# caf\xe9\r\n\xff*.o\n" + LINE.encode()
    assert path.stat().st_mode & 0o777 == 0o640


def test_excluding_makes_what_is_missing(root: Path) -> None:
    shutil.rmtree(root / ".git" / "info", ignore_errors=True)
    exclude(str(root))
    assert (root / ".git" / "info" / "exclude").read_text() == LINE


def test_a_worktree(root: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    run(root, "worktree", "add", "-q", str(tree))
    assert tracking(str(tree)) == "untracked"
    exclude(str(tree))
    assert (tracking(str(tree)), tracking(str(root))) == ("ignored", "ignored")
    assert (root / ".git" / "info" / "exclude").read_text().endswith(LINE)


def test_a_submodule(root: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    shutil.copytree(root, inner)
    run(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    exclude(str(root / "sub"))
    assert tracking(str(root / "sub")) == "ignored"
    assert tracking(str(root)) == "untracked"


def _link_file(info: Path, elsewhere: Path) -> None:
    (info / "exclude").unlink(missing_ok=True)
    (info / "exclude").symlink_to(elsewhere / "exclude")


def _link_folder(info: Path, elsewhere: Path) -> None:
    shutil.rmtree(info)
    info.symlink_to(elsewhere)


def _hard_link(info: Path, elsewhere: Path) -> None:
    (info / "exclude").unlink(missing_ok=True)
    (info / "exclude").hardlink_to(elsewhere / "exclude")


def _fifo(info: Path, elsewhere: Path) -> None:
    (info / "exclude").unlink(missing_ok=True)
    os.mkfifo(info / "exclude")


def _large(info: Path, elsewhere: Path) -> None:
    (info / "exclude").write_bytes(b"x\n" * 600_000)


def _folder(info: Path, elsewhere: Path) -> None:
    (info / "exclude").unlink(missing_ok=True)
    (info / "exclude").mkdir()


@pytest.mark.parametrize("spoil", [_link_file, _link_folder, _hard_link, _fifo, _large, _folder])
def test_an_exclude_file_that_is_none(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path, Path], None]
) -> None:
    # git itself waits for the FIFO when it looks for what is ignored.
    monkeypatch.setattr(quiet_git, "LIMIT_S", 0.5)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "exclude").write_text("mine\n")
    info = root / ".git" / "info"
    info.mkdir(exist_ok=True)
    spoil(info, elsewhere)
    with pytest.raises(StoreError) as caught:
        exclude(str(root))
    assert caught.value.message.endswith(".")
    assert (elsewhere / "exclude").read_text() == "mine\n"
    if spoil is _fifo:
        assert tracking(str(root)) == "none"


def test_an_exclude_file_that_may_not_be_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int, line: bytes) -> int:
        raise OSError(28, "No space left on device")

    path = root / ".git" / "info" / "exclude"
    before = path.read_bytes() if path.exists() else b""
    monkeypatch.setattr(git.os, "write", full)
    with pytest.raises(StoreError, match="No space left"):
        exclude(str(root))
    assert path.read_bytes() == before


@pytest.fixture
def trap(root: Path, tmp_path: Path) -> Iterator[Path]:
    """A repository whose every door leads to a program that leaves a mark; the mark."""
    mark = tmp_path / "mark"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\necho $0 >> {mark}\n")
    program.chmod(0o755)
    (root / "sub").mkdir()
    (root / "sub" / "f").touch()
    (root / ".gitattributes").write_text("* filter=f diff=d\n")
    run(root, "add", "-A")
    run(root, "commit", "-qm", "second")
    run(root, "sparse-checkout", "init", "--cone", "--sparse-index", check=False)
    missing = run(root, "rev-parse", "HEAD:sub").strip()
    (root / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.promisor": "true",
        "remote.origin.url": f"ext::{program}",
        "remote.origin.uploadpack": str(program),
        "protocol.allow": "always",
        "protocol.ext.allow": "always",
        "core.fsmonitor": str(program),
        "core.hooksPath": str(root / "hooks"),
        "core.untrackedCache": "true",
        "core.sshCommand": str(program),
        "core.gitProxy": str(program),
        "core.pager": str(program),
        "core.editor": str(program),
        "core.askPass": str(program),
        "core.alternateRefsCommand": str(program),
        "pager.ls-files": str(program),
        "alias.ls-files": f"!{program}",
        "alias.check-ignore": f"!{program}",
        "alias.rev-parse": f"!{program}",
        "credential.helper": f"!{program}",
        "filter.f.clean": str(program),
        "filter.f.smudge": str(program),
        "filter.f.process": str(program),
        "diff.d.command": str(program),
        "diff.d.textconv": str(program),
        "diff.external": str(program),
        "gpg.program": str(program),
        "log.showSignature": "true",
        "alias.log": f"!{program}",
        "index.sparse": "true",
    }.items():
        run(root, "config", name, value)
    for folder in (root / "hooks", root / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for hook in ("post-index-change", "fsmonitor-watchman", "post-checkout", "query-watchman"):
            shutil.copy(program, folder / hook)
    for name in ("git", "git-ls-files", "git-check-ignore", "sh", "cat"):
        shutil.copy(program, root / name)
    return mark


def test_a_hostile_repository_gets_nothing_executed(
    root: Path, trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    for name in ("GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_PAGER", "GIT_EDITOR"):
        monkeypatch.setenv(name, str(trap.with_name("program")))
    monkeypatch.setenv("GIT_EXEC_PATH", str(root))
    monkeypatch.setenv("PATH", f".:{root}:{root}/hooks::{os.environ['PATH']}")
    tracking(str(root))
    exclude(str(root))
    tracking(str(root))
    list_files(str(root))
    assert history(str(root))
    assert branch(str(root))
    assert not trap.exists(), trap.read_text()
    assert (root / ".git" / "info" / "exclude").read_text().endswith(LINE)


@pytest.mark.parametrize("plain", [["ls-files"], ["status"]])
def test_the_trap_catches_a_plain_git(root: Path, trap: Path, plain: list[str]) -> None:
    run(root, *plain, check=False)
    assert trap.exists()


def test_a_repository_that_calls_another_place_its_files(root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    run(root, "config", "core.worktree", str(tmp_path / "other"))
    assert tracking(str(root)) == "untracked"
