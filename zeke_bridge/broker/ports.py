"""What the use cases need from the outside, as Protocols.

The composition root (``zeke_bridge.app``) hands in what implements them; the broker itself opens
no socket, no file and reads no clock.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    ChatAsk,
    CodeAsk,
    CoreHealth,
    ModelInfo,
    Piece,
)


class ModelClient(Protocol):
    """A routing core. Every method raises a ``CoreError`` (see ``model.errors``).

    Closing a generator early (``aclose``) cancels the work at the provider.
    """

    def chat(self, ask: ChatAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``."""
        ...

    def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``."""
        ...

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        """One upstream call for all items of ``ask``."""
        ...

    async def models(self) -> list[ModelInfo]:
        """What can be asked now."""
        ...

    async def health(self) -> CoreHealth:
        """The state of the core and its providers."""
        ...

    async def aclose(self) -> None:
        """Free the connections."""
        ...


class EventSink(Protocol):
    """Where events for one editor go. Never blocks and never raises: a gone editor loses them."""

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        """``name`` as in ``task.delta``; ``payload`` is plain data (msgpack types)."""
        ...


class Clock(Protocol):
    """Time, so that tests own it."""

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        ...
