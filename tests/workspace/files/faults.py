"""Count the system calls of an effect; at a chosen one be killed, or be told that it failed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from zeke_bridge.workspace.files import beneath, moves

# Calls that change something, and calls that only look.
CHANGING = ("write", "fsync", "fchmod", "fchown", "link", "rename", "unlink", "mkdir", "rmdir")
LOOKING = ("open", "stat", "fstat", "read", "readlink", "lseek", "access", "dup", "close")
MODULES = (beneath, moves)

Fault = Callable[[str], None]


@contextmanager
def faults(fault: Fault, names: tuple[str, ...] = CHANGING + LOOKING) -> Iterator[None]:
    """Call ``fault`` with the name of every system call before it is made.

    ``rename2`` and ``openat2`` are those through the C library. A write is made in two halves,
    so that there is something between them.
    """
    real = {name: getattr(os, name) for name in names}
    calls = {module: module.call for module in MODULES}
    halving = "write" in names

    def wrap(name: str) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **more: Any) -> Any:
            fault(name)
            if name == "write" and halving and len(arguments[1]) > 1:
                return real[name](arguments[0], arguments[1][: len(arguments[1]) // 2])
            return real[name](*arguments, **more)

        return wrapped

    def call(name: str, *arguments: object) -> int:
        fault("rename2" if name == "renameat2" else "openat2")
        return calls[moves](name, *arguments)

    try:
        for name in names:
            setattr(os, name, wrap(name))
        for module in MODULES:
            module.call = call  # type: ignore[attr-defined]
        yield
    finally:
        for name, function in real.items():
            setattr(os, name, function)
        for module, function in calls.items():
            module.call = function  # type: ignore[attr-defined]


class KillAt:
    """Kill this process at its ``number``-th call; counts them."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, name: str) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


class Count:
    """Only remember the names."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)


class FailAt:
    """Fail at the ``number``-th call, and at every later one when ``for_good``."""

    def __init__(self, number: int, error: int, *, for_good: bool = False) -> None:
        self._left = number
        self._error = error
        self._for_good = for_good
        self.failed = ""

    def __call__(self, name: str) -> None:
        if self._left == 0 or (self._left < 0 and self._for_good):
            self.failed = self.failed or name
            self._left = -1
            raise OSError(self._error, os.strerror(self._error))
        self._left -= 1
