"""A provider behind a ``base_url``: OpenAI itself, or whatever speaks like it.

Groq, xAI, vLLM, OpenRouter, LiteLLM and ``custom`` are this one; what they do in their own way is
in ``habits``.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.connection import Connection
from zeke_bridge.core.providers.habits import habits
from zeke_bridge.core.providers.http import Peer
from zeke_bridge.core.providers.known import Known
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.standing import Standing


class OpenAIProvider(Known):
    """Implements ``Provider`` for one entry of the configuration.

    ``peer`` and ``standing`` are for who has sentences of its own.
    """

    def __init__(
        self,
        config: ProviderConfig,
        keys: Keys,
        limits: Limits,
        peer: Peer | None = None,
        standing: Standing | None = None,
    ) -> None:
        super().__init__(standing or Standing(config, keys))
        self._habits = habits(config.name, config.base_url)
        peer = peer or Peer(config.name, config.base_url)
        self._connection = Connection(peer, limits, self._habits.headers)

    async def answer(self, body: Mapping[str, Any]) -> Body:
        """One whole answer."""
        with self._standing.watched():
            return await self._connection.answer(self._habits.shaped(body), self._key())

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        with self._standing.watched():
            events = self._connection.stream(self._habits.shaped(body), self._key())
            async with contextlib.aclosing(events):
                async for chunks in events:
                    yield chunks

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """The vectors of the body's ``input``."""
        with self._standing.watched():
            return await self._connection.embed(body, self._key())

    async def probe(self) -> None:
        """List the models, or whatever else shows that the key is right."""
        if self._habits.probe == "/models":
            await self._list()
            return
        with self._standing.watched():
            await self._connection.get(self._habits.probe, self._key())

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._connection.aclose()

    def _key(self) -> str:
        """What is sent as the bearer token."""
        return self._standing.key()

    async def _list(self) -> tuple[str, ...]:
        with self._standing.watched():
            return self._standing.learn(await self._connection.describe(self._key()))
