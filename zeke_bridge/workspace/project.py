"""Which project a file belongs to, and whether that project may keep approvals.

Knows the file system and git's layout, nothing of what is remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from zeke_bridge.model.target import Places

_MAX_POINTER = 4096


def find_root(path: str, cwd: str = "") -> str:
    """Return the git root above ``path`` (a file or a directory), else ``cwd``, else itself.

    Absolute and canonical. ``path`` may be empty (then ``cwd`` counts) or not exist yet.
    """
    asked = Path(path or cwd or "/")
    start = Path(os.path.realpath(asked))
    folder = start if start.is_dir() else start.parent
    for above in (folder, *folder.parents):
        marker = above / ".git"
        if marker.is_dir() or marker.is_file():
            return str(above)
    fallback = Path(os.path.realpath(cwd)) if cwd else folder
    return str(fallback)


def project_id(root: str) -> str:
    """Return a name for the project that does not give its path away."""
    real = os.path.realpath(root)
    return hashlib.sha256(b"zeke-project\0" + os.fsencode(real)).hexdigest()[:32]


def consents_forbidden(root: str, home: str = "") -> str:
    """Say in one sentence why ``root`` may keep no approvals, or return ``""``.

    ``home`` is the person's home directory; the system's answer when empty.
    """
    later = "approvals there hold for the session only."
    real = os.path.realpath(root)
    if real == "/":
        return f"The root of the file system is no project; {later}"
    if real == os.path.realpath(home or Path.home()):
        return f"Your home directory is no project; {later}"
    try:
        found = Path(real).stat()
    except OSError as error:
        return f"The project directory cannot be looked at ({error.strerror}); {later}"
    if found.st_uid != os.getuid():
        return f"The project directory belongs to somebody else; {later}"
    if found.st_mode & stat.S_IWOTH:
        return f"Everybody can write to the project directory; {later}"
    return ""


def project_places(root: str, base: Places, runtimepath: Sequence[str] = ()) -> Places:
    """Add to ``base`` where git keeps this project, and whether Neovim loads code from it."""
    real = os.path.realpath(root)
    loaded = real in {os.path.realpath(entry) for entry in runtimepath if entry}
    return replace(base, git_dirs=_git_dirs(Path(real)), on_runtimepath=loaded)


def _git_dirs(root: Path) -> tuple[str, ...]:
    """Follow the ``gitdir:`` file of a worktree or submodule, and its ``commondir``.

    Format: gitrepository-layout(5).
    """
    marker = root / ".git"
    if not marker.is_file():
        return ()
    pointer = _first_line(marker)
    if not pointer.startswith("gitdir: "):
        return ()
    git_dir = Path(os.path.realpath(root / pointer.removeprefix("gitdir: ")))
    common = _first_line(git_dir / "commondir")
    if not common:
        return (str(git_dir),)
    return str(git_dir), os.path.realpath(git_dir / common)


def _first_line(path: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if stat.S_ISREG(path.stat().st_mode):
            with path.open("rb") as file:
                return file.read(_MAX_POINTER).decode().split("\n", 1)[0].strip()
    return ""
