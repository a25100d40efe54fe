"""Putting a core together from its configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.api.app import Api
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.limits.limiter import Limiter
from zeke_bridge.core.metrics import Metrics
from zeke_bridge.core.providers.base import LocalServer
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.records.book import UsageBook
from zeke_bridge.core.relay.builder import Builder
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.relay.reload import Reload
from zeke_bridge.core.relay.state import State
from zeke_bridge.core.system_keyring import SystemKeyring


@dataclass(frozen=True, slots=True)
class Core:
    """A core: its ASGI app, and the providers behind it."""

    app: ASGIApp
    relay: Relay
    reload: Reload | None = None

    async def aclose(self) -> None:
        """Close all connections and files, and end the local model's process."""
        if self.reload is not None:
            await self.reload.aclose()
        await self.relay.aclose()


def build_core(
    config: GhostConfig,
    keys: KeyFile,
    local_server: LocalServer | None = None,
    extra_keys: Mapping[str, str] = {},
    limits: Limits | None = None,
    *,
    usage: Path | None = None,
    ring: SystemKeyring | None = None,
    load: Callable[[], GhostConfig] | None = None,
) -> Core:
    """A core with the providers of ``config``, in its order.

    ``extra_keys`` (provider to key) are looked at after the environment and before ``keys``.
    ``ring`` is looked at before ``keys``. ``usage`` is the file that the usage is written to (None:
    it is forgotten with the core); ``load`` reads the configuration again when its files change.
    Call it inside the event loop that will serve ``app``.
    """
    limits = limits or Limits()
    finder = Keys(keys, extra_keys, ring=ring)
    builder = Builder(finder, limits, local_server)
    state = State(UsageBook(usage), Limiter(), Metrics())
    relay = Relay(builder.setup(config), state)
    reload = Reload(relay, builder, load) if load is not None else None
    return Core(Api(relay, finder, limits, reload).app, relay, reload)
