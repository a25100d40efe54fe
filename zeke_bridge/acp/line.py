"""The line to the client: strict messages, and knowledge of when an answer is on its way.

A client learns the id of a new session by the answer to its request, so nothing may be said of the
session before that is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from zeke_bridge.agents.acp.pipe import Pipe
from zeke_bridge.agents.acp.wire import Id


@dataclass(frozen=True, slots=True)
class Streams:
    """Standard input and output."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Line(Pipe):
    """``opened`` is called with the id of a session once the client has been told it."""

    def __init__(
        self,
        streams: Streams,
        ended: Callable[[str], object],
        opened: Callable[[str], Awaitable[None]],
    ) -> None:
        # A client is a program: the answer tells it.
        super().__init__(streams, ended, lambda _: None)
        self._opened = opened
        self._number: ContextVar[list[Id] | None] = ContextVar("number", default=None)

    async def send(self, message: dict[str, Any]) -> None:
        """Write one message. Raises ``ConnectionError`` for a request that cannot be sent."""
        noted = self._number.get()
        if noted is not None and "method" in message and "id" in message:
            noted.append(message["id"])
        await super().send(message)
        result = message.get("result")
        if isinstance(result, dict) and isinstance(result.get("sessionId"), str):
            await self._opened(result["sessionId"])

    @contextmanager
    def numbered(self) -> Iterator[list[Id]]:
        """The ids of the requests that are sent within; the SDK does not tell them."""
        numbers: list[Id] = []
        token = self._number.set(numbers)
        try:
            yield numbers
        finally:
            self._number.reset(token)
