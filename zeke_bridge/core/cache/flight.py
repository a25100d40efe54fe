"""Work on its way that several may wait for: equal questions at one time are answered once.

The work runs by itself, so that whoever began it may leave while others go on; with the last of
them it ends. Use it inside one event loop. Does not know what is asked, nor keep what has ended:
work that wants its result kept does so before it ends, so that there is no moment between.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import TracebackType
from typing import Generic, TypeVar

from zeke_bridge.model.errors import UnreachableError

T = TypeVar("T")

AHEAD = 256
"""How many items the work may be ahead of its fastest reader."""
# How long to wait for work that nobody wants any more to give back what it holds.
_FAREWELL = 1.0


class Flights(Generic[T]):
    """The work on its way, by key."""

    def __init__(self, ahead: int = AHEAD) -> None:
        self._ahead = ahead
        self._flying: dict[str, _Flight[T]] = {}

    def __len__(self) -> int:
        """How much work is on its way."""
        return len(self._flying)

    def __contains__(self, key: object) -> bool:
        """Whether ``join`` would find work under ``key``."""
        return key in self._flying

    async def join(
        self, key: str, start: Callable[[], AsyncGenerator[T, None]]
    ) -> AsyncGenerator[T, None]:
        """Every item of the work under ``key``, from its beginning; close the generator to leave.

        ``start`` is called at once when there is no such work, and never otherwise. Items are
        shared: do not change them. What the work raises, everybody gets after the items that came
        before. When all have left, the work's generator is closed before the last one is gone.
        """
        flight = self._flying.get(key)
        if flight is None:
            flight = self._flying[key] = _Flight(start(), self._ahead)
            flight.begin(lambda gone: self._forget(key, gone))
        flight.readers += 1
        position = 0
        try:
            while (item := await flight.next(position)) is not None:
                position += 1
                yield item[0]
        finally:
            flight.readers -= 1
            if not flight.readers:
                # Forgotten first: whoever comes now begins anew.
                self._forget(key, flight)
                await flight.stop()

    async def once(self, key: str, work: Callable[[], Awaitable[T]]) -> T:
        """The result of ``work``, shared with everybody who waits for ``key``."""

        async def whole() -> AsyncGenerator[T, None]:
            yield await work()

        async with contextlib.aclosing(self.join(key, whole)) as results:
            return await anext(results)

    def _forget(self, key: str, flight: _Flight[T]) -> None:
        if self._flying.get(key) is flight:
            del self._flying[key]


class _Flight(Generic[T]):
    """One piece of work: what has come of it, and who reads."""

    def __init__(self, events: AsyncGenerator[T, None], ahead: int) -> None:
        self.readers = 0
        self._events = events
        self._ahead = ahead
        self._items: list[T] = []
        self._furthest = 0
        self._ended = False
        self._error: Exception | None = None
        self._trace: TracebackType | None = None
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    def begin(self, landed: Callable[[_Flight[T]], None]) -> None:
        """Start the work; ``landed`` is called when it has ended in any way."""
        self._task = asyncio.create_task(self._run(landed))

    async def next(self, position: int) -> tuple[T] | None:
        """The item at ``position``, waiting for it; None when there is none and none will come."""
        if position > self._furthest:
            self._furthest = position
            self._room.set()
        while position >= len(self._items):
            if self._ended:
                if self._error is not None:
                    # With its own trace each time: several readers raise the one error.
                    raise self._error.with_traceback(self._trace)
                return None
            self._news.clear()
            await self._news.wait()
        return (self._items[position],)

    async def stop(self) -> None:
        """Close the work's generator, if it is still open."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_FAREWELL)

    async def _run(self, landed: Callable[[_Flight[T]], None]) -> None:
        try:
            async with contextlib.aclosing(self._events):
                async for item in self._events:
                    self._items.append(item)
                    self._news.set()
                    while len(self._items) - self._furthest >= self._ahead:
                        self._room.clear()
                        await self._room.wait()
        except Exception as error:
            self._error, self._trace = error, error.__traceback__
        except BaseException:
            self._error = UnreachableError("The call was broken off: try again.")
            raise
        finally:
            self._ended = True
            landed(self)
            self._news.set()
