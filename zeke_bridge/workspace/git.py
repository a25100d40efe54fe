"""What git makes of a project's consent file, asked of git itself.

The questions put are ones that only read. Knows nothing of what is in the consent file.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from zeke_bridge.model.errors import StoreError
from zeke_bridge.warden.lists import CONSENT_FILE
from zeke_bridge.workspace.quiet_git import ask

Tracking = Literal["none", "tracked", "ignored", "untracked"]

_LINE = f"/{CONSENT_FILE}".encode()
_MAX_EXCLUDE = 1024 * 1024
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def tracking(root: str) -> Tracking:
    """Say what git does with the consent file of the project at ``root``, there or not.

    ``none``: no repository, no git, or git gave no answer in time. Never raises; takes
    some milliseconds, so it belongs into a thread.
    """
    listed = ask(root, "ls-files", "-z", "--cached", "--", CONSENT_FILE)
    if listed is None or listed.status != 0:
        return "none"
    if listed.output:
        return "tracked"
    ignored = ask(root, "check-ignore", "--quiet", "--no-index", "--", CONSENT_FILE)
    if ignored is None or ignored.status not in (0, 1):
        return "none"
    return "untracked" if ignored.status else "ignored"


def exclude(root: str) -> None:
    """Append ``/.zeke-consents.json`` to the repository's ``info/exclude``, unless it is there.

    What git tracks already stays tracked (``git rm --cached`` ends that). In a worktree it is the
    file of the common directory, as gitrepository-layout(5) has it.

    Raises:
        StoreError: no repository, no git, or the file cannot be changed; then it is as it was.
    """
    asked = ask(root, "rev-parse", "--git-path", "info/exclude")
    if asked is None:
        raise StoreError("Git is not installed or did not answer; nothing was excluded.")
    if asked.status != 0 or not asked.output.strip():
        raise StoreError("This project is no git repository, so nothing can be excluded.")
    path = Path(root, os.fsdecode(asked.output.removesuffix(b"\n")))
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
