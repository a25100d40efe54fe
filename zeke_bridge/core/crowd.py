"""How many connections there may be at once, and one line in the log when there are too many.

A server that takes more than it has files for can open none to a provider either, and asyncio then
logs every connection that it could not take. Does not know what a connection is for.
"""

from __future__ import annotations

import asyncio
import logging
import resource
from collections.abc import Callable
from typing import Any

_log = logging.getLogger(__name__)

Handler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]

_MOST, _LEAST = 4096, 8
# For what is open besides connections.
_SPARE = 16
_MINUTE = 60.0
# What asyncio says (``BaseSelectorEventLoop._accept_connection``).
_NO_FILE = "socket.accept() out of system resource"


def room() -> int:
    """How many connections this process can have when each needs another one to a provider."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY:
        return _MOST
    return max(_LEAST, min(_MOST, files // 2 - _SPARE))


class Crowd:
    """``most`` connections at once, by default as many as there is room for."""

    def __init__(self, most: int | None = None) -> None:
        self._most = room() if most is None else most
        self._told: dict[str, float] = {}

    def over(self, count: int, now: float) -> bool:
        """Whether ``count`` connections are too many."""
        if count <= self._most:
            return False
        self._tell(f"There are {self._most} connections: what comes now is refused.", now)
        return True

    def watch(self, loop: asyncio.AbstractEventLoop) -> Callable[[], None]:
        """Say once a minute that there are no more files; call what is returned to stop."""
        before = loop.get_exception_handler()

        def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
            if context.get("message") == _NO_FILE:
                self._tell(
                    "A connection has to wait, because there are too many open files: "
                    "allow more with `ulimit -n`.",
                    loop.time(),
                )
            elif before is not None:
                before(loop, context)
            else:
                loop.default_exception_handler(context)

        def stop() -> None:
            if loop.get_exception_handler() is handle:
                loop.set_exception_handler(before)

        loop.set_exception_handler(handle)
        return stop

    def _tell(self, sentence: str, now: float) -> None:
        last = self._told.get(sentence)
        if last is None or now - last >= _MINUTE:
            self._told[sentence] = now
            _log.warning("%s", sentence)
