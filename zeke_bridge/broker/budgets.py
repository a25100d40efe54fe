"""Where the cost limits stand after a task that brought no receipt: the core is asked for it.

An answer that failed, or that nobody waited for to the end, may have cost as much as a good one.
Does not know when that is worth an alert.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.model.exchange import Budget

# A core notes what was broken off a moment later; and while somebody types, much is broken off.
LULL_S = 0.3


class Budgets:
    """Asks each core at most once in a lull, however many tasks have ended in it."""

    def __init__(self, told: Callable[[str, Budget], None], lull_s: float = LULL_S) -> None:
        """``told`` gets the name of a core and what it said of its limits."""
        self._told = told
        self._lull = lull_s
        self._waiting: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def look(self, core: str, client: Callable[[], ModelClient]) -> None:
        """Ask the core of this name soon, by the ``client`` that there is then."""
        if core not in self._waiting:
            self._waiting.add(core)
            task = asyncio.get_running_loop().create_task(self._look(core, client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Ask nobody any more."""
        for task in self._tasks:
            task.cancel()
        self._waiting.clear()

    async def _look(self, core: str, client: Callable[[], ModelClient]) -> None:
        await asyncio.sleep(self._lull)
        # What ends from now on may be in no answer yet.
        self._waiting.discard(core)
        # Who cannot say it now says it with the next receipt.
        with contextlib.suppress(ZekeError):
            if (budget := await client().budget()) is not None:
                self._told(core, budget)
