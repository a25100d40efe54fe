"""The provider ``local``: a model on this machine, in a child process behind a unix socket.

Speaks the same dialect as the others. The process itself is somebody else's (``LocalServer``).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

from zeke_bridge.core.providers.base import Body, Chunk, Endpoint, LocalServer
from zeke_bridge.core.providers.connection import Connection
from zeke_bridge.core.providers.http import Peer
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
        self._endpoint: Endpoint | None = None
        self._connection: Connection | None = None

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
        async with self._running(body) as (connection, key):
            return await connection.answer(body, key)

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        # llama.cpp notices that its client has left only when it writes, so it is made to write
        # while it reads the prompt.
        wanted = {**body, "return_progress": True}
        async with self._running(body) as (connection, key):
            events = connection.stream(wanted, key)
            async with contextlib.aclosing(events):
                async for came in events:
                    if chunks := [one for one in came if "prompt_progress" not in one.body]:
                        yield chunks

    def fills(self, model: str) -> bool:
        """Never, so far."""
        return False

    async def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """Refused; see ``fills``."""
        raise InputError("The local model cannot fill in the middle.")
        yield []

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """Refused: the local models here do not embed."""
        raise InputError("The local model makes no embeddings: name another provider's model.")

    async def probe(self) -> None:
        """Nothing: the process is started when it is needed."""

    async def aclose(self) -> None:
        """Close the connections and end the process."""
        if self._connection is not None:
            await self._connection.aclose()
        await self._server.stop()

    @contextlib.asynccontextmanager
    async def _running(self, body: Mapping[str, Any]) -> AsyncIterator[tuple[Connection, str]]:
        """A connection to a process that has the model, and its key; counted as in use."""
        with self._server.in_use():
            self._server.touch()
            try:
                async with asyncio.timeout(self._limits.starting):
                    endpoint = await self._server.ensure(str(body.get("model", "")))
            except TimeoutError as error:
                raise TimedOutError(
                    "The local model does not start: see `:ZekeLog`, and try a smaller one."
                ) from error
            connection = await self._connected(endpoint)
            yield connection, endpoint.api_key
            self._server.touch()

    async def _connected(self, endpoint: Endpoint) -> Connection:
        if self._connection is None or endpoint != self._endpoint:
            old, self._endpoint = self._connection, endpoint
            peer = Peer("The local model", "http://local/v1", endpoint.socket_path, _ended)
            self._connection = Connection(peer, self._limits)
            if old is not None:
                await old.aclose()
        return self._connection


def _ended(_cause: str) -> ProviderError:
    return ProviderError(
        "The local model's process ended before its answer did: run the command again, "
        "which starts it anew."
    )
