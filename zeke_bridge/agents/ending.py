"""How a program behind an agent ended, as a sentence: once, whoever wants to know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from zeke_bridge.agents.child import Child
from zeke_bridge.model.ended import Ended
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.warden.escape import shorten_lines

log = logging.getLogger(__name__)

_WAIT_S = 2.0
"""Between the end of its output and that of the program."""
_CLOSE_S = 10.0
_LINES, _WIDTH = 6, 200


class Ending:
    """Of one program; ``title`` is what a person knows it by.

    ``gone`` is told the sentence when it ends by itself, and not when we close it;
    ``let_go`` is called in both cases.
    """

    def __init__(
        self,
        child: Child,
        title: str,
        gone: Callable[[str], None],
        let_go: Callable[[], Awaitable[None]],
    ) -> None:
        self._child = child
        self._title = title
        self._gone = gone
        self._let_go = let_go
        self._task: asyncio.Task[str] | None = None
        self.wanted = False
        """We close it."""

    def begin(self, reason: str = "") -> asyncio.Task[str]:
        """See it to its end, for ``reason`` when it is sent away; the result is the sentence."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._end(reason))
        return self._task

    async def sentence(self) -> str:
        """What became of it."""
        return await asyncio.shield(self.begin())

    async def _end(self, reason: str) -> str:
        ended: Ended | None = None
        try:
            if not reason and not self.wanted:
                async with asyncio.timeout(_WAIT_S):
                    ended = await self._child.wait()
        except TimeoutError:
            reason = "It closed its output."
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._child.aclose()
        except (TimeoutError, OSError, ZekeError):
            log.warning("A program did not end, and will with the broker")
        try:
            await self._let_go()
        except Exception:
            log.exception("What a program had was not all let go of")
        said = self._said(ended, reason)
        if not self.wanted:
            self._gone(said)
        return said

    def _said(self, ended: Ended | None, reason: str) -> str:
        if self.wanted:
            return f"{self._title} has been closed."
        how = reason or "It ended by itself."
        if ended is not None and ended.signal:
            how = f"It was ended by {ended.signal}."
        elif ended is not None and ended.code:
            how = f"It failed with exit code {ended.code}."
        lines = [line for line in self._child.errors().splitlines() if line.strip()]
        last = " | ".join(shorten_lines(lines[-_LINES:], _LINES, _WIDTH))
        return f"{self._title} is gone. {how}" + (f" Its last words: {last}" if last else "")
