"""What an agent has under way with us: its effects, and whether it may begin more of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from zeke_bridge.agents.acp.sdk import RequestError
from zeke_bridge.model.errors import ZekeError

T = TypeVar("T")
REFUSED = -32001
"""GhostWarden or the person said no. ACP has no code for it; -32000 and -32002 are taken."""
_STOPPED = "The person has stopped this turn."


class StoppedError(ZekeError):
    """The person has stopped the turn that the effect belongs to."""


class Work:
    """Between a stop and the next turn nothing is begun."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()
        self.stopped = False
        self.turn = False
        """A turn is on: what the agent does was asked for."""

    async def do(self, effect: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Have the effect, unless the person stops it. Raises ``StoppedError``."""
        if self.stopped:
            raise StoppedError(_STOPPED)
        task = asyncio.get_running_loop().create_task(effect())
        self._tasks.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            mine = asyncio.current_task()
            if mine is None or mine.cancelling():
                raise
            raise StoppedError(_STOPPED) from None
        finally:
            self._tasks.discard(task)

    def begin(self) -> None:
        """A turn begins."""
        self.turn, self.stopped = True, False

    def end(self) -> None:
        """The turn is over."""
        self.turn = False

    def stop(self) -> None:
        """Withdraw what waits or runs, and begin nothing more."""
        self.turn, self.stopped = False, True
        for task in tuple(self._tasks):
            task.cancel()


def refused(error: ZekeError) -> RequestError:
    """What an agent is told of an error of ours: the sentence is meant for its model."""
    return RequestError(REFUSED, error.message)
