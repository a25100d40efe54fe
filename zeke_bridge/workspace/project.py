"""Which project a file belongs to, and whether that project may keep approvals.

Knows the file system and git's layout, nothing of what is remembered.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from zeke_bridge.model.target import Places
from zeke_bridge.warden.lists import CONSENT_FILE

_MAX_POINTER = 4096


def find_root(path: str, cwd: str = "") -> str:
    """Return the git root above ``path`` (a file or a directory), else ``cwd``, else itself.

    Absolute and canonical. ``path`` may be empty (then ``cwd`` counts) or not exist yet.
    """
    return _root_above(_folder(path or cwd), cwd)


def bound_by(paths: Iterable[str], cwd: str = "") -> frozenset[str]:
    """Return whose consent files have a say over any of ``paths`` (an empty one is ``cwd``).

    The root of each, and every directory above that holds one, whether or not it is the root of a
    project: what restricts counts wherever it was written.
    """
    found, passed = set[str](), set[str]()
    for folder in (_folder(path or cwd) for path in paths):
        found.add(_root_above(folder, cwd))
        above = folder
        # Most of several are of one project, and what is above it is looked at once.
        while above not in passed:
            passed.add(above)
            if os.path.lexists(f"{above.rstrip('/')}/{CONSENT_FILE}"):
                found.add(above)
            above = _above(above)
    return frozenset(found)


def below(root: str, path: str) -> str:
    """Return ``path`` from ``root``, both followed through links; empty when it leads elsewhere."""
    here, there = os.path.realpath(root), os.path.realpath(path)
    prefix = f"{here.rstrip('/')}/"
    return there.removeprefix(prefix) if there.startswith(prefix) else ""


def is_project(path: str) -> bool:
    """Say whether the directory at ``path`` is a project of its own, with rules of its own."""
    return any(os.path.lexists(f"{path}/{marker}") for marker in (".git", CONSENT_FILE))


def belongs(root: str, path: str) -> bool:
    """Say whether ``path`` (from ``root``) is a file of that project, and of none inside it.

    By where it really leads, which may be through links.
    """
    here = os.path.realpath(root)
    inner = below(here, f"{here}/{path}")
    above = inner
    while above:
        if is_project(f"{here}/{above}"):
            return False
        above = above.rpartition("/")[0]
    return bool(inner)


def project_id(root: str) -> str:
    """Return a name for the project that does not give its path away."""
    real = os.path.realpath(root)
    return hashlib.sha256(b"zeke-project\0" + os.fsencode(real)).hexdigest()[:32]


def consents_forbidden(root: str, home: str = "") -> str:
    """Say in one sentence why ``root`` may keep no approvals, or return ``""``.

    ``home`` is the person's home directory; the system's answer when empty.
    """
    later = "approvals there hold for the session only."
    try:
        found = os.stat(root)  # noqa: PTH116 - each decision comes here; a Path costs more
    except OSError as error:
        return f"The project directory cannot be looked at ({error.strerror}); {later}"
    identity = (found.st_dev, found.st_ino)
    if identity == _top():
        return f"The root of the file system is no project; {later}"
    if identity == _identity(home or _home()):
        return f"Your home directory is no project; {later}"
    if found.st_uid != os.getuid():
        return f"The project directory belongs to somebody else; {later}"
    if found.st_mode & stat.S_IWOTH:
        return f"Everybody can write to the project directory; {later}"
    return ""


def project_places(root: str, base: Places, runtimepath: Sequence[str] = ()) -> Places:
    """Add to ``base`` where git keeps this project, and what else ``root`` is."""
    here = _identity(root)
    loaded = here is not None and here in map(_identity, runtimepath)
    return Places(
        never=base.never,
        unreadable=base.unreadable,
        git_dirs=_git_dirs(root),
        on_runtimepath=loaded,
        is_no_project=here in (_top(), _identity(_home())),
    )


def _folder(path: str) -> str:
    """The directory at or above ``path``, canonical."""
    start = os.path.realpath(path or "/")
    return start if stat.S_ISDIR(_mode(start)) else _above(start)


def _root_above(folder: str, cwd: str) -> str:
    above = folder
    while True:
        marker = _mode(f"{above}/.git")
        if stat.S_ISDIR(marker) or stat.S_ISREG(marker):
            return above
        if above == "/":
            return os.path.realpath(cwd) if cwd else folder
        above = _above(above)


@cache
def _top() -> tuple[int, int] | None:
    """Which directory ``/`` is; it stays that as long as a process lives."""
    return _identity("/")


@cache
def _home() -> str:
    return str(Path.home())


def _above(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _mode(path: str) -> int:
    """The kind of what is at ``path``; 0 when it cannot be looked at."""
    try:
        return os.stat(path).st_mode  # noqa: PTH116 - as above
    except OSError:
        return 0


def _identity(path: str) -> tuple[int, int] | None:
    """Which directory ``path`` is, by whatever name; None when it cannot be looked at."""
    try:
        found = os.stat(path)  # noqa: PTH116 - as above; a runtimepath has thirty entries
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _git_dirs(root: str) -> tuple[str, ...]:
    """Follow the ``gitdir:`` file of a worktree or submodule, and its ``commondir``.

    Format: gitrepository-layout(5).
    """
    # Nearly always a directory, and each decision comes here.
    if not stat.S_ISREG(_mode(f"{root.rstrip('/')}/.git")):
        return ()
    pointer = _first_line(Path(root, ".git"))
    if not pointer.startswith("gitdir: "):
        return ()
    git_dir = Path(os.path.realpath(Path(root, pointer.removeprefix("gitdir: "))))
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
