"""Give entries of directories other names, without ever replacing what is not known.

Linux has ``renameat2``, which swaps two names or moves one in a single step. It is missing on
other systems, on some network file systems, and where a sandbox forbids it; then the answer is
False, and nothing was done. Knows nothing of contents.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Callable

from zeke_bridge.model.errors import ChangedError
from zeke_bridge.workspace.files.libc import call

# linux/fs.h
_NO_REPLACE = 1
_EXCHANGE = 2
# What is said where the call or its flags are not known; a sandbox says EPERM.
_NOT_THERE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
# Answers of file systems that have no hard links.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)

Check = Callable[[int, str], None]
"""(directory, name): raises when the entry is not what it has to be."""


def spare_name() -> str:
    """Return a name that nobody has and nobody can guess.

    What a killed process leaves under such a name is whole, and stays: to remove it would be
    to delete a file of a project without a permit.
    """
    return f".zeke-{secrets.token_hex(8)}.tmp"


def exchange(parent: int, one: str, other: str) -> bool:
    """Swap two names of the directory ``parent``; False where the system cannot."""
    return _rename2(parent, one, parent, other, _EXCHANGE)


def move(source: int, name: str, goal: int, new: str) -> bool:
    """Move an entry to a name that is free; False where the system cannot.

    Raises:
        FileExistsError: the name is taken.
    """
    return _rename2(source, name, goal, new, _NO_REPLACE)


def link(source: int, name: str, goal: int, new: str) -> bool:
    """Give an entry a second name, if that is free; False where there are no hard links.

    Raises:
        FileExistsError: the name is taken.
    """
    try:
        os.link(name, new, src_dir_fd=source, dst_dir_fd=goal, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_LINKS:
            return False
        raise
    return True


def remove(parent: int, leaf: str, check: Check) -> None:
    """Remove the entry ``leaf`` if ``check`` has nothing against it.

    The entry is taken out of reach first; ``check`` gets the name it then has, and raises to
    have it put back.

    Raises:
        ChangedError: there is none, or it had to be put back and its name is taken; what
            ``check`` raises.
    """
    spare = spare_name()
    try:
        if not move(parent, leaf, parent, spare):
            os.rename(leaf, spare, src_dir_fd=parent, dst_dir_fd=parent)
    except FileNotFoundError:
        raise ChangedError("The file was removed since you approved this.") from None
    try:
        check(parent, spare)
        os.unlink(spare, dir_fd=parent)
    except BaseException:
        put_back(parent, spare, parent, leaf)
        raise


def put_back(source: int, name: str, goal: int, leaf: str) -> None:
    """Undo a move. What cannot get its old name back keeps the one it has.

    Raises:
        ChangedError: it could not, and this is where it is now.
    """
    with contextlib.suppress(OSError):
        if move(source, name, goal, leaf):
            return
        if link(source, name, goal, leaf):
            os.unlink(name, dir_fd=source)
            return
    raise ChangedError(f"The file changed since you approved this; it is kept as {name!r}.")


def _rename2(source: int, name: str, goal: int, new: str, flags: int) -> bool:
    try:
        call("renameat2", source, os.fsencode(name), goal, os.fsencode(new), flags)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return False
        raise
    return True
