"""Where Zeke keeps its state, privately, and how a file there is replaced and locked.

Knows nothing of what is in the files.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from zeke_bridge.model.errors import StoreError

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_PAUSE_S = 0.01


def state_dir() -> Path:
    """Return the state directory: ``$ZEKE_STATE_DIR``, else the user's; nothing is made."""
    chosen = os.environ.get("ZEKE_STATE_DIR")
    return Path(chosen) if chosen else Path(platformdirs.user_state_dir("zeke"))


def private_dir(path: Path) -> Path:
    """Make ``path`` (0700) when it is missing, and return it.

    Raises:
        StoreError: it cannot be made, is a link, is not the user's, or is open to others.
    """
    try:
        try:
            found = path.lstat()
        except FileNotFoundError:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = path.lstat()
    except OSError as error:
        raise StoreError(f"The directory {path} cannot be used: {error.strerror}.") from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise StoreError(f"{path} has to be a directory of your own, not a link.")
    if found.st_mode & 0o077:
        raise StoreError(f"{path} is open to others; run `chmod 700` on it.")
    return path


def read_private(path: Path, limit: int, *, shared_reading: bool) -> bytes | None:
    """Return the content of ``path``, or None when there is no such file.

    ``shared_reading`` lets others read it, as a file of a repository may be.

    Raises:
        StoreError: a link, not regular, not the user's, writable by others (or readable, where
            that is not allowed), over ``limit`` bytes, or unreadable. Never waits for a FIFO.
    """
    try:
        handle = os.open(path, _READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else error.strerror
        raise StoreError(f"{path} cannot be read: {reason}.") from error
    try:
        problem = _unfit(os.fstat(handle), 0o022 if shared_reading else 0o077)
        if problem:
            raise StoreError(f"{path} is not used: {problem}.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror}.") from error
    finally:
        os.close(handle)
    if len(content) > limit:
        raise StoreError(f"{path} is not used: it is over {limit} bytes.")
    return content


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` (0600) so that a kill leaves the old file or the new one.

    Raises:
        OSError: as the system says; the old file is as it was.
    """
    temporary = path.with_name(f"{path.name}.tmp-{secrets.token_hex(8)}")
    handle = os.open(temporary, _NEW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Make the names in ``path`` last."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(path: Path) -> None:
    """Remove what killed writers of ``path`` left beside it; to be called under its lock."""
    with contextlib.suppress(OSError):
        for left in path.parent.glob(f"{path.name}.tmp-*"):
            left.unlink(missing_ok=True)


@contextmanager
def locked(path: Path, limit_s: float = 5.0) -> Iterator[None]:
    """Hold the lock file ``path`` against other threads and processes.

    Raises:
        StoreError: somebody else held it for ``limit_s``, or it cannot be made.
    """
    try:
        handle = os.open(path, _LOCK, 0o600)
    except OSError as error:
        raise StoreError(f"The lock {path} cannot be made: {error.strerror}.") from error
    try:
        _wait_for_lock(handle, path, limit_s)
        yield
    finally:
        os.close(handle)


def lock_name(root: str) -> str:
    """Return the name of the lock for the project at ``root``: by what it is, not by its path."""
    found = Path(root).stat()
    text = f"{found.st_dev}:{found.st_ino}"
    return f"project-{hashlib.sha256(text.encode()).hexdigest()[:32]}.lock"


def _wait_for_lock(handle: int, path: Path, limit_s: float) -> None:
    # flock(2) has no time limit of its own, and a stopped process may hold it for ever.
    end = time.monotonic() + limit_s
    pause = threading.Event()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise StoreError(f"Another process holds {path}; try again.") from None
            pause.wait(_PAUSE_S)
        else:
            return


def _unfit(found: os.stat_result, forbidden: int) -> str:
    if not stat.S_ISREG(found.st_mode):
        return "it is not a regular file"
    if found.st_uid != os.getuid():
        return "it belongs to somebody else"
    if found.st_mode & forbidden:
        return "others may change it" if forbidden == 0o022 else "others have access to it"
    return ""
