"""Time limits, very many at once, of which hardly any is ever reached: one timer for all of them.

A timer of its own for each would cost more than much of what it guards. Does not know what is
limited.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from weakref import WeakKeyDictionary

_GRAIN = 0.02


class Alarm:
    """Calls back at the times that were set, on the clock of its event loop.

    It may do so ``_GRAIN`` seconds late, so that it seldom goes through what is set, however much
    that is. When nothing is set any more the timer ends at the next time it goes off.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._set: dict[object, tuple[float, Callable[[], None]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._next = 0.0

    def set(self, who: object, when: float, ring: Callable[[], None]) -> None:
        """Call ``ring`` at ``when``, unless ``who`` is dropped or set anew before that."""
        self._set[who] = (when, ring)
        if self._timer is None or when < self._next:
            self._wind(when)

    def drop(self, who: object) -> None:
        """Do not call for ``who``."""
        self._set.pop(who, None)

    def _wind(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._next = when
        self._timer = self._loop.call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = self._loop.time()
        for who, (when, ring) in tuple(self._set.items()):
            if when <= now and self._set.pop(who, None) is not None:
                ring()
        # What rang may have set something.
        if self._set:
            soonest = min(when for when, _ in self._set.values())
            self._wind(max(soonest, now + _GRAIN))


class Patience:
    """Limits one wait after another of one task, as ``asyncio.timeout`` does. Not to be nested.

    ``with patience.until(when):`` raises ``TimeoutError`` when the loop's clock reaches ``when``
    inside.
    """

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._alarm = alarm(self.loop)
        self._task: asyncio.Task[Any] | None = None
        self._when = 0.0
        self._before = 0
        self._rang = False

    def until(self, when: float) -> Self:
        """The limit of the next wait."""
        self._when = when
        return self

    def within(self, seconds: float) -> Self:
        """The same, from now on."""
        self._when = self.loop.time() + seconds
        return self

    def __enter__(self) -> None:
        self._task = task = asyncio.current_task(self.loop)
        self._before = task.cancelling() if task is not None else 0
        self._alarm.set(self, self._when, self._ring)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._alarm.drop(self)
        task, self._task = self._task, None
        if not self._rang or task is None:
            return
        self._rang = False
        # As ``asyncio.timeout``: a cancellation of somebody else's stays one.
        if task.uncancel() <= self._before and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error

    def _ring(self) -> None:
        if self._task is not None:
            self._rang = True
            self._task.cancel()


_alarms: WeakKeyDictionary[asyncio.AbstractEventLoop, Alarm] = WeakKeyDictionary()


def alarm(loop: asyncio.AbstractEventLoop) -> Alarm:
    """The one alarm of ``loop``."""
    found = _alarms.get(loop)
    if found is None:
        found = _alarms[loop] = Alarm(loop)
    return found
