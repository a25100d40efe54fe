"""Passing a streamed answer on to an editor without drowning it.

The first piece goes at once, because a person waits for it; later ones are gathered for about
20 ms, because an editor redraws for each. Knows nothing of where the pieces come from.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from zeke_bridge.broker.ports import EventSink
from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Answer, Delta, Piece

GATHER_S = 0.020


class DeltaRelay:
    """Sends ``task.delta`` events of one task, in order and losing nothing."""

    def __init__(self, sink: EventSink, task: str, *, gather: float = GATHER_S) -> None:
        self._sink = sink
        self._task = task
        self._gather = gather
        self._waiting: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, text: str) -> None:
        """Send ``text`` now or with what else comes within the gathering time."""
        self._waiting.append(text)
        if self._timer is None:
            self._send()
            self._timer = asyncio.get_running_loop().call_later(self._gather, self._due)

    def flush(self) -> None:
        """Send what is waiting and stop gathering."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._send()

    def _due(self) -> None:
        self._timer = None
        if self._waiting:
            self._send()
            self._timer = asyncio.get_running_loop().call_later(self._gather, self._due)

    def _send(self) -> None:
        if self._waiting:
            self._sink.send("task.delta", {"id": self._task, "text": "".join(self._waiting)})
            self._waiting.clear()


async def relay(pieces: AsyncGenerator[Piece, None], sink: EventSink, task: str) -> Answer:
    """Send every delta on and return the answer that ends the stream.

    Raises what the stream raises, after everything that came before it was sent; a stream that
    ends without an answer raises ``BadAnswerError``. Cancelling closes the stream.
    """
    out = DeltaRelay(sink, task)
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                match piece:
                    case Delta(text):
                        out.add(text)
                    case Answer():
                        return piece
    finally:
        out.flush()
    raise BadAnswerError("The answer broke off before its end: try again.")
