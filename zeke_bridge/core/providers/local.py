"""The provider ``local``: a model on this machine, in a child process behind a unix socket.

Speaks the same dialect as the others. The process itself is somebody else's (``LocalServer``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.core.providers import progress
from zeke_bridge.core.providers.base import Body, Chunk, Endpoint, LocalServer
from zeke_bridge.core.providers.connection import Connection
from zeke_bridge.core.providers.http import Peer
from zeke_bridge.core.providers.infill import CannotFillError, Infill, may_fill
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.model.errors import InputError, ProviderError, TimedOutError

NAME = "local"
_REMEDY = "run `zeke model install`"


class LocalProvider:
    """Implements ``Provider`` over a ``LocalServer``."""

    name = NAME

    def __init__(self, server: LocalServer, limits: Limits, preferred: str = "") -> None:
        self._server = server
        self._limits = limits
        self._preferred = preferred
        self._lines: _Lines | None = None
        self._unable: set[str] = set()

    def prefer(self, model: str) -> None:
        """Take ``model`` from now on when none is named."""
        self._preferred = model

    def offer(self) -> Offer:
        """What is installed."""
        models = tuple(self._server.installed())
        return Offer(
            provider=NAME,
            local=True,
            obstacle="" if models else "not installed",
            remedy=_REMEDY,
            models=models,
            complete=True,
            preferred=self._preferred,
        )

    def state(self) -> str:
        """``healthy`` when a model is installed: it is started when it is needed."""
        return "healthy" if self._server.installed() else "not installed"

    async def models(self) -> tuple[str, ...]:
        """The installed models."""
        return tuple(self._server.installed())

    async def answer(self, body: Mapping[str, Any]) -> Body:
        """One whole answer."""
        async with self._running(body) as lines:
            return await lines.chat.answer(body, lines.key)

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        async with self._running(body) as lines:
            events = lines.chat.stream(progress.wanted(body), lines.key)
            async with contextlib.aclosing(events):
                async for came in events:
                    if chunks := progress.without(came):
                        yield chunks

    def fills(self, model: str) -> bool:
        """Whether it is of a family that does, and has not shown that it does not."""
        return may_fill(model) and model not in self._unable

    async def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """What stands between ``prompt`` and ``suffix``."""
        async with self._running(body) as lines:
            try:
                async with contextlib.aclosing(lines.infill.stream(body, lines.key)) as pieces:
                    async for chunks in pieces:
                        yield chunks
            except CannotFillError:
                self._unable.add(str(body.get("model", "")))
                raise

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """Refused: the local models here do not embed."""
        raise InputError("The local model makes no embeddings: name another provider's model.")

    async def probe(self) -> None:
        """Nothing: the process is started when it is needed."""

    async def aclose(self) -> None:
        """Close the connections and end the process."""
        if self._lines is not None:
            await self._lines.aclose()
        await self._server.stop()

    @contextlib.asynccontextmanager
    async def _running(self, body: Mapping[str, Any]) -> AsyncIterator[_Lines]:
        """The way to a process that has the model; counted as in use."""
        with self._server.in_use():
            self._server.touch()
            try:
                async with asyncio.timeout(self._limits.starting):
                    endpoint = await self._server.ensure(str(body.get("model", "")))
            except TimeoutError as error:
                raise TimedOutError(
                    "The local model does not start: see `:ZekeLog`, and try a smaller one."
                ) from error
            yield await self._connected(endpoint)
            self._server.touch()

    async def _connected(self, endpoint: Endpoint) -> _Lines:
        old = self._lines
        if old is None or endpoint != old.endpoint:
            self._lines = _Lines.to(endpoint, self._limits)
            if old is not None:
                await old.aclose()
            return self._lines
        return old


@dataclass(frozen=True, slots=True)
class _Lines:
    """The connections to one process: for what all speak, and for what llama.cpp alone does."""

    endpoint: Endpoint
    chat: Connection
    infill: Infill

    @classmethod
    def to(cls, endpoint: Endpoint, limits: Limits) -> _Lines:
        who, path = "The local model", endpoint.socket_path
        chat = Connection(Peer(who, "http://local/v1", path, _ended), limits)
        return cls(endpoint, chat, Infill(Peer(who, "http://local", path, _ended), limits))

    @property
    def key(self) -> str:
        return self.endpoint.api_key

    async def aclose(self) -> None:
        await self.chat.aclose()
        await self.infill.aclose()


def _ended(_cause: str) -> ProviderError:
    return ProviderError(
        "The local model's process ended before its answer did: run the command again, "
        "which starts it anew."
    )
