"""Where Zeke keeps its state, privately, and how a file there is replaced and locked.

Knows nothing of what is in the files.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import secrets
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from zeke_bridge.model.errors import StoreError

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_PAUSE_S = 0.002
_TICK_NS = 50_000_000

Stamp = tuple[int, int, int, int]
"""Inode, size, and the times (ns) of the last change of content and of the file."""


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


@dataclass(frozen=True, slots=True)
class Look:
    """What is at a path: ``content`` (None: no file, or none that was read) and ``problem``.

    ``problem`` is a sentence that says why the file is not to be believed, or empty. Content
    beside a problem is there for what binds even so; of an over-long file it is the beginning.
    """

    content: bytes | None = None
    problem: str = ""


def look(path: Path, limit: int, *, shared_reading: bool) -> Look:
    """Look at the file at ``path`` without following a link or waiting for a FIFO.

    It has to be regular, the user's, not writable by others, and at most ``limit`` bytes long;
    ``shared_reading`` lets others read it, as a file of a repository may be. Never raises.
    """
    try:
        handle = os.open(path, _READ)
    except FileNotFoundError:
        return Look()
    except OSError as error:
        link = error.errno == errno.ELOOP
        reason = "it is a link; put the file itself there" if link else error.strerror
        return Look(problem=f"{path} cannot be read: {reason}.")
    try:
        found = os.fstat(handle)
        problem = unfit(found, 0o022 if shared_reading else 0o077)
        regular = stat.S_ISREG(found.st_mode)
        content = _read(handle, limit + 1) if regular else None
    except OSError as error:
        return Look(problem=f"{path} cannot be read: {error.strerror}.")
    finally:
        os.close(handle)
    if content is not None and len(content) > limit:
        problem, content = f"it is over {limit} bytes", content[:limit]
    return Look(content, problem and f"{path} is not used: {problem}.")


def read_private(path: Path, limit: int, *, shared_reading: bool) -> bytes | None:
    """Return the content of ``path``, or None when there is no such file; see ``look``.

    Raises:
        StoreError: it is not to be believed, or cannot be read.
    """
    found = look(path, limit, shared_reading=shared_reading)
    if found.problem:
        raise StoreError(found.problem)
    return found.content


def stamp(path: Path | str) -> Stamp | None:
    """Return what changes whenever the file at ``path`` does; None when it cannot be seen."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def is_settled(found: Stamp | None) -> bool:
    """Say whether a later change of the file would show in its stamp.

    Time stamps are as coarse as the system's tick: of two changes within one, the second may
    leave the stamp as it is (git calls such an entry racily clean).
    """
    return found is None or abs(time.time_ns() - found[3]) > _TICK_NS


def replace_file(path: Path, content: bytes, seen: Callable[[], bool] = lambda: True) -> None:
    """Put ``content`` at ``path`` (0600) so that a kill leaves the old file or the new one.

    ``seen`` is asked at the last moment whether the file is still the one that was looked at.

    Raises:
        OSError: as the system says, ``ESTALE`` when ``seen`` says no. The old file is as it was,
            unless nothing but the last step failed, which makes the new name last.
    """
    temporary = path.with_name(f"{path.name}.tmp-{secrets.token_hex(8)}")
    handle = os.open(temporary, _NEW, 0o600)
    try:
        try:
            _write(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        if not seen():
            raise OSError(errno.ESTALE, "something else changed it at the same time")
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """Make the names in ``path`` last, where the file system can be asked for it."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def sweep(path: Path) -> None:
    """Remove what killed writers of ``path`` left beside it; to be called under its lock."""
    left = re.compile(re.escape(path.name) + r"\.tmp-[0-9a-f]{16}")
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for entry in entries:
            if left.fullmatch(entry.name):
                with contextlib.suppress(OSError):
                    Path(entry.path).unlink()


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


@contextmanager
def locked_in_turn(path: Path, limit_s: float) -> Iterator[None]:
    """Hold ``path`` as ``locked`` does, but so that who has just had it overtakes nobody.

    Who waits for it next holds a second lock, which everybody else waits for.

    Raises:
        StoreError: see ``locked``.
    """
    with contextlib.ExitStack() as held:
        with locked(path.with_suffix(".turn"), limit_s):
            held.enter_context(locked(path, limit_s))
        yield


def lock_name(root: str) -> str:
    """Return the name of the lock for the project at ``root``: by what it is, not by its path.

    Raises:
        StoreError: there is no such directory.
    """
    try:
        found = Path(root).stat()
    except OSError as error:
        raise StoreError(f"The project directory cannot be used: {error.strerror}.") from error
    text = f"{found.st_dev}:{found.st_ino}"
    return f"project-{hashlib.sha256(text.encode()).hexdigest()[:32]}.lock"


def _wait_for_lock(handle: int, path: Path, limit_s: float) -> None:
    # flock(2) has no time limit of its own, and a stopped process may hold it for ever.
    end = time.monotonic() + limit_s
    pause: threading.Event | None = None
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Nearly always it is free, and then nothing is made to wait with.
            pause = pause or threading.Event()
            if time.monotonic() >= end:
                raise StoreError(f"Another process holds {path}; try again.") from None
            pause.wait(_PAUSE_S)
        else:
            return


def unfit(found: os.stat_result, forbidden: int) -> str:
    """Say why a file of these rights is not used, else ``""``; ``forbidden`` are mode bits."""
    if not stat.S_ISREG(found.st_mode):
        return "it is not a regular file"
    if found.st_uid != os.getuid():
        return "it belongs to somebody else"
    if found.st_mode & forbidden == 0:
        return ""
    if forbidden == 0o022:
        return "others may change it; run `chmod go-w` on it"
    return "others have access to it; run `chmod 600` on it"


def _read(handle: int, limit: int) -> bytes:
    content = b""
    while len(content) < limit:
        piece = os.read(handle, limit - len(content))
        if not piece:
            break
        content += piece
    return content


def _write(handle: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(handle, rest) :]
