"""Small files of somebody else's, read without being led astray.

Follows no link at the file itself, waits for no pipe and reads no more than was asked for. Knows
nothing of what is in them.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

_SAFE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_plain(path: Path, most: int) -> str | None:
    """The text at ``path``; None when it is no plain file of UTF-8 of at most ``most`` bytes."""
    try:
        handle = os.open(path, _SAFE)
    except (OSError, ValueError):
        return None
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > most:
            return None
        return os.read(handle, most).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    finally:
        os.close(handle)
