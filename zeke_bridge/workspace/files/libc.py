"""System calls of Linux that Python has no names for, through the C library.

Nothing here knows what the calls are for. Where there is no such function the answer is
``ENOSYS``, as an old kernel would say.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys

_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def call(name: str, *arguments: object) -> int:
    """Call the function ``name`` of the C library and return its answer.

    Raises:
        OSError: it answered with less than zero; ``ENOSYS`` where there is none of that name.
    """
    function = getattr(_LIBC, name, None)
    if function is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    answer: int = function(*arguments)
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
