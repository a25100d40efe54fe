"""Whether the repository that git would find at a project is the project's own.

A ``.git`` may be a file or a link that leads to the repository of another project, and a
repository may take its objects from another one. What git then says of names and commits is not
for whoever asked about this project. Runs no git; opens no file but small plain ones.
Formats: gitrepository-layout(5), git-worktree(1), git-config(1).
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from zeke_bridge.workspace.plain import read_plain

_MOST = 4096
_MOST_CONFIG = 256 * 1024
# ``objects`` has a directory for each first byte; a repository is packed long before this many.
_MOST_ENTRIES = 20_000
_SECTION = re.compile(r"\s*\[([^\]]*)\]\s*(.*)")
_WORKTREE = re.compile(r"\s*worktree\s*=\s*(.*?)\s*", re.IGNORECASE)


def is_own(root: str) -> bool:
    """Say whether git may be asked about the project at ``root``. Never raises.

    False without a ``.git``. One that is no directory of the project's has to lead to where git
    keeps a worktree or submodule that names ``root`` in turn.
    """
    try:
        home = Path(os.path.realpath(root))
        found = (home / ".git").lstat().st_mode
        if stat.S_ISDIR(found):
            git_dir = home / ".git"
            # Only what git keeps of a worktree has its repository elsewhere.
            return not os.path.lexists(git_dir / "commondir") and _is_alone(git_dir, git_dir)
        elsewhere = _elsewhere(home, found)
        common = _that_names(home, elsewhere) if elsewhere is not None else None
        return elsewhere is not None and common is not None and _is_alone(elsewhere, common)
    except (OSError, ValueError):
        return False


def _elsewhere(home: Path, mode: int) -> Path | None:
    """Where a ``.git`` that is no directory leads to."""
    marker = home / ".git"
    if stat.S_ISREG(mode):
        pointer = read_plain(marker, _MOST) or ""
        if not pointer.startswith("gitdir: "):
            return None
        led = Path(os.path.realpath(home / pointer.removeprefix("gitdir: ").rstrip("\r\n")))
    else:
        led = Path(os.path.realpath(marker))
    return led if led.is_dir() else None


def _that_names(home: Path, git_dir: Path) -> Path | None:
    """Where the objects of ``git_dir`` are, if that belongs to the project at ``home``."""
    if not os.path.lexists(git_dir / "commondir"):
        return git_dir if _worktree(git_dir) == home else None
    shared = (read_plain(git_dir / "commondir", _MOST) or "").rstrip("\r\n")
    back = (read_plain(git_dir / "gitdir", _MOST) or "").rstrip("\r\n")
    if not shared or not back:
        return None
    # Anybody can write a ``commondir``; only who owns the repository can be inside of it.
    common = Path(os.path.realpath(git_dir / shared))
    marker = git_dir / back
    named = marker.name == ".git" and Path(os.path.realpath(marker.parent)) == home
    return common if named and git_dir.parent == common / "worktrees" else None


def _worktree(git_dir: Path) -> Path | None:
    """``core.worktree`` of the repository; None without one, or when it is hard to read."""
    section, found = "", ""
    for line in (read_plain(git_dir / "config", _MOST_CONFIG) or "").splitlines():
        heading = _SECTION.fullmatch(line)
        if heading is not None:
            section, line = heading[1].strip().lower(), heading[2]  # noqa: PLW2901 - its rest
        value = _WORKTREE.fullmatch(line)
        if section == "core" and value is not None:
            found = value[1]
    text = found[1:-1] if len(found) > 1 and found[0] == found[-1] == '"' else found
    if not text or any(char in text for char in '"\\#;'):
        return None
    return Path(os.path.realpath(git_dir / text))


def _is_alone(git_dir: Path, common: Path) -> bool:
    """Whether the index and all objects are the repository's, and none is borrowed."""
    objects = common / "objects"
    links = [git_dir / "index", objects, objects / "info", objects / "pack"]
    if any(path.is_symlink() for path in links):
        return False
    if os.path.lexists(objects / "info" / "alternates"):
        return False
    return not any(_has_link(folder) for folder in (objects, objects / "pack"))


def _has_link(folder: Path) -> bool:
    """Whether an entry of ``folder`` is a link, or there are too many to know."""
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return False
    with entries:
        for number, entry in enumerate(entries):
            if entry.is_symlink() or number >= _MOST_ENTRIES:
                return True
    return False
