"""What an entry holds now: open it as the very thing that was approved, compare it, read it.

Never follows a link and never waits for a FIFO. Knows nothing of permits.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from zeke_bridge.model.errors import ChangedError, InputError
from zeke_bridge.model.target import Target

_CHUNK = 1024 * 1024
_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_REPLACED = "The file was replaced since you approved it."
_REMOVED = "The file was removed since you approved this."


@contextmanager
def opened(parent: int, leaf: str, target: Target) -> Iterator[int]:
    """Open the regular file that ``target`` names.

    Raises:
        ChangedError: there is another thing, or nothing.
        OSError: it may not be read.
    """
    try:
        handle = os.open(leaf, _OPEN, dir_fd=parent)
    except FileNotFoundError:
        raise ChangedError(_REMOVED) from None
    except OSError as error:
        # A link, a socket, a FIFO's other end.
        if error.errno in (errno.ELOOP, errno.ENXIO, errno.EMLINK):
            raise ChangedError(_REPLACED) from error
        raise
    try:
        found = os.fstat(handle)
        if not _is_the_one(found, target) or not stat.S_ISREG(found.st_mode):
            raise ChangedError(_REPLACED)
        yield handle
    finally:
        os.close(handle)


def read_all(handle: int, limit: int) -> bytes:
    """Return the whole content. Raises ``InputError`` over ``limit`` bytes."""
    parts: list[bytes] = []
    left = limit + 1
    while left > 0 and (part := os.read(handle, min(left, _CHUNK))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise InputError(f"The file is over {_size(limit)}; that is too much.")
    return b"".join(parts)


def _size(count: int) -> str:
    for unit, name in ((2**20, "MiB"), (2**10, "KiB")):
        if count >= unit:
            return f"{count // unit} {name}"
    return f"{count} bytes"


def text_digest(handle: int) -> str:
    """SHA-256 (hex) of the whole content, from its beginning."""
    os.lseek(handle, 0, os.SEEK_SET)
    digest = hashlib.sha256()
    while part := os.read(handle, _CHUNK):
        digest.update(part)
    return digest.hexdigest()


def entry_digest(parent: int, leaf: str, target: Target) -> str:
    """SHA-256 (hex) of what a file holds, or of where a link says it leads.

    Raises:
        ChangedError: there is another thing than ``target``, or nothing.
    """
    if target.kind != "link":
        with opened(parent, leaf, target) as handle:
            return text_digest(handle)
    check_entry(parent, leaf, target)
    try:
        text = os.readlink(leaf, dir_fd=parent)
    except OSError as error:
        raise ChangedError(_REPLACED) from error
    return hashlib.sha256(os.fsencode(text)).hexdigest()


def check_entry(parent: int, leaf: str, target: Target) -> None:
    """Raise ``ChangedError`` unless the entry itself is what ``target`` names."""
    try:
        found = os.stat(leaf, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        raise ChangedError(_REMOVED) from None
    fits = stat.S_ISLNK if target.kind == "link" else stat.S_ISREG
    if not _is_the_one(found, target) or not fits(found.st_mode):
        raise ChangedError(_REPLACED)


def check_text(handle: int, expected: str) -> None:
    """Raise ``ChangedError`` unless the open file holds what has the digest ``expected``."""
    if text_digest(handle) != expected:
        raise ChangedError("The file's text changed since you approved this.")


def check_same(parent: int, leaf: str, file: os.stat_result) -> None:
    """Raise ``ChangedError`` unless the entry is the very ``file``.

    Its status is to be asked anew: on an overlay a file gets another number when it is changed.
    """
    try:
        found = os.stat(leaf, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        raise ChangedError(_REMOVED) from None
    if not os.path.samestat(found, file):
        raise ChangedError(_REPLACED)


def _is_the_one(found: os.stat_result, target: Target) -> bool:
    return (found.st_dev, found.st_ino) == (target.device, target.inode)
