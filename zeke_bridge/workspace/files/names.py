"""The name an entry really has, where a directory does not tell some names apart.

Mostly on macOS, Windows shares and FAT, but any directory of Linux can be such a one: ``A.PY``
opens ``a.py`` there. Allow is judged on the one name that the directory itself has.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import unicodedata
from collections.abc import Sequence

from zeke_bridge.warden.spelling import fold
from zeke_bridge.workspace.files.beneath import listed


def twins(name: str) -> tuple[str, ...]:
    """Return other spellings of ``name``, of which one leads to the same where names are loose."""
    found = {name.swapcase()}
    if not name.isascii():
        found |= {unicodedata.normalize(form, name) for form in ("NFC", "NFD")}
    return tuple(found - {name})


def is_strict(root: int, names: Sequence[str]) -> bool:
    """Say whether every one of ``names``, one below the other, is told from its twins.

    False also where a twin is an entry of its own; then a closer look is worth it.
    """
    above = ""
    for name in names:
        for twin in twins(name):
            if os.access(above + twin, os.F_OK, dir_fd=root):
                return False
        above += name + "/"
    return True


def real_name(directory: int, name: str, status: os.stat_result) -> str:
    """Return the name that ``directory`` lists for the entry which ``name`` led to.

    Raises:
        OSError: it cannot be listed, or lists no such entry.
    """
    # Asking costs less than a refused look; but it follows links.
    maybe = [
        twin
        for twin in twins(name)
        if stat.S_ISLNK(status.st_mode) or os.access(twin, os.F_OK, dir_fd=directory)
    ]
    if not any(_is(directory, twin, status) for twin in maybe):
        return name
    entries = listed(directory)
    if name in entries:
        return name
    plain = fold(name)
    for entry in sorted(entries):
        if fold(entry) == plain and _is(directory, entry, status):
            return entry
    raise OSError(errno.ENOENT, "its directory does not list it")


def _is(directory: int, name: str, status: os.stat_result) -> bool:
    with contextlib.suppress(OSError, ValueError):
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        return os.path.samestat(found, status)
    return False
