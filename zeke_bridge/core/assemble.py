"""Putting a core together from its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp

from zeke_bridge.config.ghostllm import LOCAL, ON_REQUEST, GhostConfig
from zeke_bridge.core.api.app import Api
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.base import LocalServer, Provider
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.local import LocalProvider
from zeke_bridge.core.providers.openai import OpenAIProvider
from zeke_bridge.core.relay import Relay


@dataclass(frozen=True, slots=True)
class Core:
    """A core: its ASGI app, and the providers behind it."""

    app: ASGIApp
    relay: Relay

    async def aclose(self) -> None:
        """Close all connections and end the local model's process."""
        await self.relay.aclose()


def build_core(
    config: GhostConfig,
    keys: KeyFile,
    local_server: LocalServer | None = None,
    extra_keys: Mapping[str, str] = {},
    limits: Limits | None = None,
) -> Core:
    """A core with the providers of ``config``, in its order.

    ``extra_keys`` (provider to key) are looked at after the environment and before ``keys``. Call
    it inside the event loop that will serve ``app``.
    """
    limits = limits or Limits()
    finder = Keys(keys, extra_keys)
    providers: list[Provider] = []
    for name in config.order:
        if name != LOCAL:
            providers.append(OpenAIProvider(config.providers[name], finder, limits))
        elif local_server is not None:
            providers.append(LocalProvider(local_server, limits, config.local_preferred))
    absent = {
        name: f"add [providers.{name}] to {config.path}"
        for name in ON_REQUEST
        if name not in config.providers
    }
    if local_server is None:
        absent[LOCAL] = "install zeke-bridge with its extra [local]"
    relay = Relay(providers, absent)
    return Core(Api(relay, limits).app, relay)
