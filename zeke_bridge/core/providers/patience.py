"""One timer for many waits in a row: what ``asyncio.timeout`` does, for a call that waits often.

Does not know what is waited for.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Patience:
    """Limits each wait of one task; not to be nested, and to be closed at the end.

    ``with patience.until(when):`` raises ``TimeoutError`` when the loop's clock reaches ``when``
    inside. The timer is left running between two waits: where it goes off too early, it is set
    anew, and where nothing is waited for it does nothing.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        self._when = 0.0
        self._before = 0
        self._fired = False

    def until(self, when: float) -> Self:
        """The limit of the next wait."""
        self._when = when
        return self

    def close(self) -> None:
        """Free the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __enter__(self) -> None:
        self._task = task = asyncio.current_task(self._loop)
        self._fired, self._before = False, task.cancelling() if task is not None else 0
        timer, when = self._timer, self._when
        if timer is None or when < timer.when():
            self._set(when)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, self._task = self._task, None
        if not self._fired or task is None:
            return
        # As ``asyncio.timeout``: a cancellation of somebody else's stays one.
        if task.uncancel() <= self._before and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error

    def _set(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._loop.time() < self._when:
            self._set(self._when)
            return
        self._fired = True
        self._task.cancel()
