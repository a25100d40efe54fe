"""What counts as an effect on the machine, heard of through Python's own audit events.

Each is written down with who did it, unless it is Zeke's own housekeeping (``places.py``). The names
and arguments of the events are those of "Audit events table" in Python's documentation.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

from zeke_denied.doer import product_chain
from zeke_denied.notes import is_busy, note
from zeke_denied.places import Where, is_own, leads_to_own, resolved

Found = Iterator[tuple[str, str]]
"""Effect and target."""
_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_opening = threading.local()


def watch() -> None:
    """Write down every effect of the product in this process from now on."""
    _know_directories()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        look = _LOOKS.get(event)
        if look is None or is_busy():
            return
        for effect, target in look(*arguments):
            _tell(effect, target)

    sys.addaudithook(hear)


def renamed(source: int, name: bytes, goal: int, new: bytes) -> None:
    """Write down what is renamed past Python."""
    for effect, target in _rename(name, new, source, goal):
        _tell(effect, target)


def _tell(effect: str, target: str) -> None:
    if chain := product_chain():
        note(effect, target, chain)


def _know_directories() -> None:
    """``os.open`` tells the audit hook a name, and not the directory that it is relative to."""
    real = os.open

    @functools.wraps(real)
    def opened(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        _opening.directory = dir_fd
        try:
            return real(path, flags, mode, dir_fd=dir_fd)
        finally:
            _opening.directory = None

    os.open = opened
    os.supports_dir_fd.add(opened)


def _changed(effect: str, path: Any, where: Where = None) -> Found:
    target = resolved(path, where)
    if not target or is_own(target) or (effect == "create" and leads_to_own(target)):
        return
    yield effect, target


def _open(path: Any, mode: Any, flags: Any) -> Found:
    if isinstance(flags, int) and flags & _CHANGES:
        yield from _changed("write", path, getattr(_opening, "directory", None))


def _rename(old: Any, new: Any, source: Where, goal: Where) -> Found:
    yield from _changed("rename", old, source)
    yield from _changed("rename", new, goal)


def _link(_old: Any, new: Any, _source: Where, goal: Where) -> Found:
    yield from _changed("link", new, goal)


def _symlink(_old: Any, new: Any, where: Where) -> Found:
    yield from _changed("link", new, where)


def _at(effect: str) -> Callable[..., Found]:
    """For events of a path, whatever else, and at last a directory."""

    def look(path: Any, *rest: Any) -> Found:
        where = rest[-1] if rest and effect != "truncate" else None
        yield from _changed(effect, path, where)

    return look


def _program(program: Any, argv: Any = (), *_: Any) -> Found:
    words = [argv] if isinstance(argv, (str, bytes)) else list(argv or ())
    yield "program", " ".join(_word(one) for one in (program, *words))


def _word(one: Any) -> str:
    return os.fsdecode(one) if isinstance(one, bytes) else str(one)


def _connect(_socket: Any, address: Any) -> Found:
    if isinstance(address, tuple):
        if not str(address[0]).startswith(("127.", "::1", "localhost")):
            yield "connection", str(address)
    elif isinstance(address, (str, bytes)) and not is_own(path := os.fsdecode(address)):
        yield "connection", path


_LOOKS: dict[str, Callable[..., Found]] = {
    "open": _open,
    "os.rename": _rename,
    "os.link": _link,
    "os.symlink": _symlink,
    "os.remove": _at("remove"),
    "os.rmdir": _at("remove"),
    "os.mkdir": _at("create"),
    "os.chmod": _at("chmod"),
    "os.chown": _at("chmod"),
    "os.truncate": _at("truncate"),
    "subprocess.Popen": _program,
    "os.exec": _program,
    "os.posix_spawn": _program,
    "os.system": _program,
    "pty.spawn": _program,
    "socket.connect": _connect,
}
