"""What git makes of a project's consent file, asked of git itself.

A repository can name programs in its own configuration (file watchers, hooks, filters, transports
of missing objects). None of them is run: everything that executes is switched off on the command
line and in the environment, which count before the repository's files, and the two questions put
are ones that only read. Knows nothing of what is in the consent file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from zeke_bridge.model.errors import StoreError
from zeke_bridge.warden.lists import CONSENT_FILE

Tracking = Literal["none", "tracked", "ignored", "untracked"]

LIMIT_S = 3.0
_LINE = f"/{CONSENT_FILE}".encode()
_MAX_EXCLUDE = 1024 * 1024
_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.untrackedCache=false",
    "core.pager=cat",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
)
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    # A partial clone fetches what is missing, by whatever transport it names.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    "LC_ALL": "C",
}
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def tracking(root: str) -> Tracking:
    """Say what git does with the consent file of the project at ``root``, there or not.

    ``none``: no repository, no git, or git gave no answer in ``LIMIT_S``. Never raises; takes
    some milliseconds, so it belongs into a thread.
    """
    listed = _git(root, "ls-files", "-z", "--cached", "--", CONSENT_FILE)
    if listed is None or listed.returncode != 0:
        return "none"
    if listed.stdout:
        return "tracked"
    ignored = _git(root, "check-ignore", "--quiet", "--no-index", "--", CONSENT_FILE)
    if ignored is None or ignored.returncode not in (0, 1):
        return "none"
    return "untracked" if ignored.returncode else "ignored"


def exclude(root: str) -> None:
    """Append ``/.zeke-consents.json`` to the repository's ``info/exclude``, unless it is there.

    What git tracks already stays tracked (``git rm --cached`` ends that). In a worktree it is the
    file of the common directory, as gitrepository-layout(5) has it.

    Raises:
        StoreError: no repository, no git, or the file cannot be changed; then it is as it was.
    """
    asked = _git(root, "rev-parse", "--git-path", "info/exclude")
    if asked is None:
        raise StoreError("Git is not installed or did not answer; nothing was excluded.")
    if asked.returncode != 0 or not asked.stdout.strip():
        raise StoreError("This project is no git repository, so nothing can be excluded.")
    path = Path(root, os.fsdecode(asked.stdout.removesuffix(b"\n")))
    try:
        with _opened(path) as handle:
            _append(handle)
    except OSError as error:
        raise StoreError(f"{path} cannot be changed: {error.strerror}.") from error


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open the exclude file, made when missing, following no link at it or its directory."""
    with contextlib.suppress(FileExistsError):
        path.parent.mkdir()
    folder = os.open(path.parent, _DIRECTORY)
    try:
        handle = os.open(path.name, _APPEND, 0o644, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        yield handle
    finally:
        os.close(handle)


def _append(handle: int) -> None:
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_uid != os.getuid():
        raise StoreError("The info/exclude of this repository is not a file of its own.")
    if found.st_size > _MAX_EXCLUDE:
        raise StoreError("The info/exclude of this repository is over 1 MiB; add the line there.")
    content = os.pread(handle, _MAX_EXCLUDE, 0)
    if _LINE in content.splitlines():
        return
    line = (b"" if not content or content.endswith(b"\n") else b"\n") + _LINE + b"\n"
    if os.write(handle, line) != len(line):
        os.ftruncate(handle, found.st_size)
        raise StoreError("The disk is full; nothing was excluded.")


def _git(root: str, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in ``root``; None when there is none, or no answer in time."""
    path = _clean_path(root)
    program = shutil.which("git", path=path)
    if program is None:
        return None
    settings = (part for setting in _CONFIG for part in ("-c", setting))
    try:
        return subprocess.run(
            [program, "--no-pager", *settings, *arguments],
            cwd=root,
            env=_environment(root, path),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _environment(root: str, path: str) -> dict[str, str]:
    """Return what git gets: the person's own configuration counts, nothing else does."""
    own = {name: os.environ[name] for name in ("HOME", "XDG_CONFIG_HOME") if name in os.environ}
    # The repository is the one whose root this is, not one above, and its files are here.
    place = {"GIT_CEILING_DIRECTORIES": str(Path(root).parent), "GIT_WORK_TREE": root}
    return {**_ENVIRONMENT, **own, **place, "PATH": path}


def _clean_path(root: str) -> str:
    """Return ``$PATH`` without relative directories and those of the project."""
    below = os.path.realpath(root)
    return os.pathsep.join(_outside(os.environ.get("PATH", os.defpath).split(os.pathsep), below))


def _outside(directories: Sequence[str], below: str) -> Iterator[str]:
    for directory in directories:
        real = Path(os.path.realpath(directory))
        if Path(directory).is_absolute() and not real.is_relative_to(below):
            yield directory
