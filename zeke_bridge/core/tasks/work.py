"""A task on its way, and what has come of its answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import NamedTuple

from zeke_bridge.core.access.clients import ANYONE, Client
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.relay.call import Call
from zeke_bridge.model.exchange import Analysis, Answer, Delta, Receipt, Usage
from zeke_bridge.wire.openai import delta_text, finish_reason, usage_of

End = Answer | Analysis


class Terms(NamedTuple):
    """Who asks, whether a kept answer will do and how old it may be, and whether this is kept."""

    client: Client = ANYONE
    lookup: bool = True
    keep: bool = True
    max_age: float | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """``pieces`` are deltas and then exactly one end; they raise a ``CoreError``.

    Closing them cancels the call.
    """

    call: Call
    pieces: AsyncGenerator[Delta | End, None]


class Heard:
    """What has come of one answer so far."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._texts: list[str] = []
        self.usage: Usage | None = None
        self.reason = ""

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._texts)

    def receipt(self) -> Receipt:
        """What the answer carries."""
        return self._call.receipt(self.usage)

    async def listen(self) -> AsyncGenerator[str, None]:
        """The texts as they come."""
        async with contextlib.aclosing(self._call.stream()) as events:
            async for chunks in events:
                if text := "".join([self._take(chunk.body) for chunk in chunks]):
                    self._texts.append(text)
                    yield text

    async def all(self) -> str:
        """The whole text, when it is there."""
        async with contextlib.aclosing(self.listen()) as texts:
            async for _ in texts:
                pass
        return self.text

    def _take(self, chunk: Body) -> str:
        self.usage = usage_of(chunk) or self.usage
        self.reason = finish_reason(chunk) or self.reason
        return delta_text(chunk)
