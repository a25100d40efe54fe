"""Open directories without ever following a link: the system calls under path resolution.

Linux has ``openat2``, which refuses links, magic links, mounts and ``..`` beyond the start in
one call; elsewhere the same is done one component at a time. Knows nothing of projects.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence

from zeke_bridge.workspace.files.libc import call

# openat2(2): number 437 on every architecture; struct open_how and the RESOLVE_ flags are those
# of linux/openat2.h.
_SYS_OPENAT2 = 437
_NO_XDEV = 0x01
_NO_MAGICLINKS = 0x02
_NO_SYMLINKS = 0x04
_BENEATH = 0x08

# O_PATH neither reads nor needs the right to; where it is missing, reading has to do.
DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class _OpenHow(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


_HOW = _OpenHow(
    flags=DIRECTORY, mode=0, resolve=_BENEATH | _NO_MAGICLINKS | _NO_SYMLINKS | _NO_XDEV
)


def open_beneath(start: int, path: str) -> int:
    """Open the directory ``path`` below the open directory ``start``; no link, no mount.

    Raises:
        OSError: ``ELOOP`` for a link, ``EXDEV`` for a mount or a way out, ``ENOSYS`` where
            there is no ``openat2``; else as ``open``.
    """
    name = ctypes.c_char_p(os.fsencode(path))
    return call("syscall", _SYS_OPENAT2, start, name, ctypes.byref(_HOW), ctypes.sizeof(_HOW))


def open_stepwise(start: int, names: Sequence[str]) -> int:
    """Do what ``open_beneath`` does, one component of ``names`` at a time.

    Mounts are crossed: portable systems cannot refuse them; the caller compares devices.

    Raises:
        OSError: ``ELOOP`` or ``ENOTDIR`` for a link; else as ``open``.
    """
    current = os.dup(start)
    try:
        for name in names:
            following = os.open(name, DIRECTORY, dir_fd=current)
            os.close(current)
            current = following
    except BaseException:
        os.close(current)
        raise
    return current


def listed(directory: int) -> list[str]:
    """Return the names in an open directory. Raises ``OSError`` when it may not be read."""
    handle = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=directory)
    try:
        return os.listdir(handle)  # noqa: PTH208 - a Path has no handle
    finally:
        os.close(handle)
