"""A provider behind a ``base_url``: OpenAI itself, or whatever speaks like it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Body, Chunk
from zeke_bridge.core.providers.connection import Connection
from zeke_bridge.core.providers.http import Peer
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.routing.choose import NO_KEY
from zeke_bridge.core.routing.offer import Offer
from zeke_bridge.model.errors import (
    ConfigError,
    CoreError,
    InputError,
    TimedOutError,
    UnreachableError,
)

_LIST_LASTS = 300.0


class OpenAIProvider:
    """Implements ``Provider`` for one entry of the configuration."""

    def __init__(self, config: ProviderConfig, keys: Keys, limits: Limits) -> None:
        self.name = config.name
        self._config = config
        self._keys = keys
        self._connection = Connection(Peer(config.name, config.base_url), limits)
        self._list: tuple[str, ...] = config.models
        self._listed_at: float | None = None
        self._trouble = ""

    def offer(self) -> Offer:
        """What there is now, without a call."""
        config = self._config
        obstacle, remedy = self._obstacle()
        return Offer(
            provider=self.name,
            obstacle=obstacle,
            remedy=remedy,
            models=self._known(),
            complete=bool(config.models),
            preferred=config.preferred,
            usual=config.usual,
        )

    def state(self) -> str:
        """``healthy``, or what stands in the way as far as is known without a call."""
        return self._obstacle()[0] or self._trouble or "healthy"

    async def models(self) -> tuple[str, ...]:
        """The configured models, else those the server lists, remembered for five minutes."""
        known = self._known()
        if known is None:
            with self._watched():
                known = await self._connection.models(self._keys.find(self._config))
            self._list, self._listed_at = known, time.monotonic()
        return known

    async def answer(self, body: Mapping[str, Any]) -> Body:
        """One whole answer."""
        with self._watched():
            return await self._connection.answer(body, self._keys.find(self._config))

    async def stream(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """The events of a streamed answer."""
        with self._watched():
            events = self._connection.stream(body, self._keys.find(self._config))
            async with contextlib.aclosing(events):
                async for chunks in events:
                    yield chunks

    def fills(self, model: str) -> bool:
        """Never: most servers of this dialect have no fill in the middle."""
        return False

    async def fill(self, body: Mapping[str, Any]) -> AsyncGenerator[list[Chunk], None]:
        """Refused; see ``fills``."""
        raise InputError(f"{self.name} cannot fill in the middle.")
        yield []

    async def embed(self, body: Mapping[str, Any]) -> Body:
        """The vectors of the body's ``input``."""
        with self._watched():
            return await self._connection.embed(body, self._keys.find(self._config))

    async def probe(self) -> None:
        """List the models."""
        with self._watched():
            await self._connection.models(self._keys.find(self._config))

    async def aclose(self) -> None:
        """Close the connections that are kept."""
        await self._connection.aclose()

    def _known(self) -> tuple[str, ...] | None:
        if self._config.models:
            return self._list
        if self._listed_at is None or time.monotonic() - self._listed_at > _LIST_LASTS:
            return None
        return self._list

    def _obstacle(self) -> tuple[str, str]:
        variable = self._config.api_key_env
        if not variable:
            return "", ""
        try:
            key = self._keys.find(self._config)
        except ConfigError as error:
            return "key not readable", error.message.rstrip(".")
        if key:
            return "", ""
        return NO_KEY, f"set it with `:ZekeAuth`, or put it into ${variable}"

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        """Remember for ``state`` whether the server could be reached."""
        try:
            yield
        except (UnreachableError, TimedOutError):
            self._trouble = "unreachable"
            raise
        except CoreError:
            self._trouble = ""
            raise
        self._trouble = ""
