"""What a program prints, told while it prints it: seldom enough, and little enough, to be shown.

Keeps the end of what came since it was told last, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from zeke_bridge.workspace.process.output import Tail

EVERY_S = 0.1
MOST_BYTES = 4096


class Live:
    """Calls ``told`` at most every 100 ms with the last 4 KB of what is new; not escaped."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self._loop = asyncio.get_running_loop()
        self._tail = Tail(MOST_BYTES)
        self._timer: asyncio.TimerHandle | None = None
        self._last = self._loop.time() - EVERY_S

    def add(self, data: bytes) -> None:
        """Take what was printed."""
        self._tail.add(data)
        if self._timer is None:
            self._timer = self._loop.call_at(self._last + EVERY_S, self._tell)

    def end(self) -> None:
        """Tell the rest at once; there is no more."""
        self._tell(final=True)

    def _tell(self, *, final: bool = False) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._last = self._loop.time()
        text = self._tail.take(final=final)
        if text:
            self._told(text)
