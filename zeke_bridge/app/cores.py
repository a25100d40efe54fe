"""The clients of routing cores, one for each address."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from zeke_bridge.app import embedded
from zeke_bridge.app.embedded import EmbeddedCore
from zeke_bridge.app.late import LateClient
from zeke_bridge.bridge.runtime import Runtime
from zeke_bridge.broker.collector import Collector
from zeke_bridge.broker.ports import ModelClient
from zeke_bridge.config.settings import Settings

if TYPE_CHECKING:
    from zeke_bridge.core.assemble import Core

_Address = tuple[str, str, float]


class Cores:
    """The clients of routing cores, one for each address; the embedded core is made when asked.

    ``api_keys`` of the editors' settings are merged: they are all of one user.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._keys: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._embedded = EmbeddedCore(runtime.core_socket, self._own)
        self._clients: dict[_Address, ModelClient] = {}
        self._collectors: dict[tuple[_Address, float], Collector] = {}

    async def warm(self) -> None:
        """Load what the first question will need, while nobody waits for it."""
        await embedded.load()

    def client(self, settings: Settings) -> ModelClient:
        """The client of the core that ``settings`` name."""
        self._keys.update(settings.api_keys)
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

    async def aclose(self) -> None:
        """Free every connection and end the embedded cores."""
        for client in self._clients.values():
            await client.aclose()
        await self._embedded.aclose()

    def _new(self, settings: Settings) -> ModelClient:
        if settings.base_url is None:
            return LateClient(self._embedded)
        from zeke_bridge.app.remote import Remote

        return LateClient(Remote(settings, self._embedded, self._socket))

    def _own(self) -> Core:
        from zeke_bridge.app.assembly import own_core

        return own_core(self._runtime, self._keys)

    def _socket(self) -> Path:
        return self._runtime.core_socket.with_name(f"core-{next(self._numbers)}.sock")


def _address(settings: Settings) -> _Address:
    """What makes a client another one; all that embeds the core shares one."""
    if settings.base_url is None:
        return "", "", 0.0
    return settings.base_url, settings.api_key_env, settings.timeout
