"""The clients of routing cores, one for each address."""

from __future__ import annotations

import os

from zeke_bridge.app.embedded import EmbeddedClient, EmbeddedCore
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.broker.collector import Collector
from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.config.paths import ghostllm_keys
from zeke_bridge.config.settings import Settings

_Address = tuple[str, str, float]


class Cores:
    """The clients of routing cores, one for each address; the embedded core is made when asked.

    ``api_keys`` of the editors' settings are merged: they are all of one user.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._embedded = EmbeddedCore(runtime)
        self._clients: dict[_Address, ModelClient] = {}
        self._collectors: dict[tuple[_Address, float], Collector] = {}

    async def warm(self) -> None:
        """Load what the first question will need, while nobody waits for it."""
        await self._embedded.load()

    def client(self, settings: Settings) -> ModelClient:
        """The client of the core that ``settings`` name."""
        self._embedded.keys.update(settings.api_keys)
        address = _address(settings)
        if address not in self._clients:
            self._clients[address] = self._new(settings)
        return self._clients[address]

    def collector(self, settings: Settings) -> Collector:
        """Where analyses for that core are gathered."""
        client = self.client(settings)
        place = (_address(settings), settings.batch_window)
        if place not in self._collectors:
            self._collectors[place] = Collector(client, settings.batch_window)
        return self._collectors[place]

    def store_key(self, provider: str, key: str) -> str:
        """Keep a key in the core's own file; returns its path."""
        from zeke_bridge.core.keys import KeyFile

        file = KeyFile(ghostllm_keys())
        file.set(provider, key)
        return str(file.path)

    async def aclose(self) -> None:
        """Free every connection and end the embedded core."""
        for client in self._clients.values():
            await client.aclose()
        await self._embedded.aclose()

    def _new(self, settings: Settings) -> ModelClient:
        if settings.base_url is None:
            return EmbeddedClient(self._embedded)
        from zeke_bridge.client.core import CoreClient
        from zeke_bridge.client.limits import Limits

        key = os.environ.get(settings.api_key_env, "") if settings.api_key_env else ""
        return CoreClient(settings.base_url, key=key, limits=Limits(silence=settings.timeout))


def _address(settings: Settings) -> _Address:
    """What makes a client another one; all that embeds the core shares one."""
    if settings.base_url is None:
        return "", "", 0.0
    return settings.base_url, settings.api_key_env, settings.timeout
