"""The broker's ``ModelClient`` over a core that is found, or started, with the first question.

Does not know where the core is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from zeke_bridge.model.errors import ZekeError
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    Audience,
    Budget,
    ChatAsk,
    CodeAsk,
    CompleteAsk,
    ContextAsk,
    CoreHealth,
    ModelInfo,
    Piece,
    TerminalAsk,
)

if TYPE_CHECKING:
    from zeke_bridge.client.core import CoreClient
    from zeke_bridge.model.stats import Stats


class Source(Protocol):
    """Where a core comes from."""

    async def client(self, audience: Audience | None = None, *, anew: bool = False) -> CoreClient:
        """A client of the core for what ``audience`` asks. Raises a ``ZekeError``.

        ``anew``: whether it is there has to be known, and not only remembered.
        """
        ...

    def where(self) -> str:
        """What and where the core is, in words for a person."""
        ...

    def doubt(self) -> None:
        """Hear that the core's client failed: it may be another core now."""
        ...

    async def aclose(self) -> None:
        """Free what was made."""
        ...


class LateClient:
    """Implements ``ModelClient``."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._asked = False

    def chat(self, ask: ChatAsk) -> AsyncGenerator[Piece, None]:
        """See ``ModelClient``."""
        return self._pieces(ask.audience, lambda client: client.chat(ask))

    def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        """See ``ModelClient``."""
        return self._pieces(ask.audience, lambda client: client.code(ask))

    def complete(self, ask: CompleteAsk) -> AsyncGenerator[Piece, None]:
        """See ``ModelClient``."""
        return self._pieces(ask.audience, lambda client: client.complete(ask))

    def context(self, ask: ContextAsk) -> AsyncGenerator[Piece, None]:
        """See ``ModelClient``."""
        return self._pieces(ask.audience, lambda client: client.context(ask))

    def terminal(self, ask: TerminalAsk) -> AsyncGenerator[Piece, None]:
        """See ``ModelClient``."""
        return self._pieces(ask.audience, lambda client: client.terminal(ask))

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        """See ``ModelClient``."""
        with self._watched():
            client = await self._source.client(ask.audience)
            self._asked = True
            return await client.analyze(ask)

    async def models(self) -> list[ModelInfo]:
        """See ``ModelClient``."""
        with self._watched():
            return await (await self._source.client()).models()

    async def health(self) -> CoreHealth:
        """See ``ModelClient``."""
        with self._watched():
            health = await (await self._source.client(anew=True)).health()
            return replace(health, where=self._source.where())

    async def keys(self) -> dict[str, str]:
        """See ``ModelClient``."""
        with self._watched():
            return await (await self._source.client()).keys()

    async def budget(self) -> Budget | None:
        """See ``ModelClient``. Starts no core, and one that has no such answer is not doubted."""
        return await (await self._source.client()).budget() if self._asked else None

    async def stats(self) -> Stats:
        """See ``ModelClient``."""
        with self._watched():
            return await (await self._source.client()).stats()

    async def aclose(self) -> None:
        """See ``ModelClient``."""
        await self._source.aclose()

    async def _pieces(
        self, audience: Audience, asked: Callable[[CoreClient], AsyncGenerator[Piece, None]]
    ) -> AsyncGenerator[Piece, None]:
        with self._watched():
            client = await self._source.client(audience)
            self._asked = True
            async with aclosing(asked(client)) as pieces:
                async for piece in pieces:
                    yield piece

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            yield
        except ZekeError:
            self._source.doubt()
            raise
