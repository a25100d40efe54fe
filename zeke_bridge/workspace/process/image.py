"""The very file that was approved, held open to be executed by its handle.

Between the last look and the start another file can take its place under that name: a binary is
started from the handle, so that this changes nothing. A script cannot be: its interpreter opens it
again by its name, so for scripts the look just before is all there is. Nor is a file kept from
being written to while it is held.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from zeke_bridge.model.errors import ChangedError

_BINARY = b"\x7fELF"


@dataclass(slots=True)
class Image:
    """``handle`` is open on the program ``path``; -1 where the system has no such handles."""

    path: str
    handle: int = -1
    binary: bool = False

    def executable(self) -> str:
        """What to have the system execute.

        By our own entry in /proc: the child has closed its copy of the handle by then. What it is
        called there shows as its short name, as in ``ps -o comm``.
        """
        held = f"/proc/{os.getpid()}/fd/{self.handle}"
        return held if self.binary and os.path.lexists(held) else self.path

    def close(self) -> None:
        """Let go of it; calling twice is harmless."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


def open_image(path: str, mark: tuple[int, ...]) -> Image:
    """Open the program at ``path``, which ``mark`` (of ``find_program``) tells from others.

    Raises:
        ChangedError: it is another file, or another text.
        OSError: it cannot be opened.
    """
    flag = getattr(os, "O_PATH", 0)
    if not flag:
        return Image(path)
    image = Image(path, os.open(path, flag | os.O_CLOEXEC | os.O_NOFOLLOW))
    try:
        found = os.fstat(image.handle)
        now = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if now != mark:
            raise ChangedError("The program changed since you approved it.")
        image.binary = _is_binary(image.handle)
    except BaseException:
        image.close()
        raise
    return image


def _is_binary(handle: int) -> bool:
    try:
        opened = os.open(f"/proc/self/fd/{handle}", os.O_RDONLY | os.O_CLOEXEC)
    except PermissionError:
        # It may be run and not read: then it is no script, for those are read by others.
        return True
    except OSError:
        return False
    try:
        return os.read(opened, len(_BINARY)) == _BINARY
    finally:
        os.close(opened)
