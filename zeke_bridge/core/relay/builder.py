"""The providers of a configuration, made once and taken over when the configuration changes."""

from __future__ import annotations

from dataclasses import dataclass

from zeke_bridge.config.ghostllm import LOCAL, ON_REQUEST, GhostConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import LocalServer, Provider
from zeke_bridge.core.providers.build import build
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.local import LocalProvider
from zeke_bridge.core.relay.setup import Setup


@dataclass(frozen=True, slots=True)
class Builder:
    """``local`` runs the model on this machine; None where there is none."""

    keys: Keys
    limits: Limits
    local: LocalServer | None = None

    def setup(self, config: GhostConfig, before: Setup | None = None) -> Setup:
        """What ``config`` gives; providers that it does not change are those of ``before``."""
        providers = [
            provider
            for name in config.order
            if (provider := self._provider(name, config, before)) is not None
        ]
        absent = {
            name: f"add [providers.{name}] to {config.path}"
            for name in ON_REQUEST
            if name not in config.providers
        }
        if self.local is None:
            absent[LOCAL] = "install zeke-bridge with its extra [local]"
        return Setup(config, providers, absent, self.keys, self.limits)

    def _provider(self, name: str, config: GhostConfig, before: Setup | None) -> Provider | None:
        old = before.providers.get(name) if before is not None else None
        if name == LOCAL:
            if self.local is None:
                return None
            # Closing it would end the model's process: it is handed on as it is.
            if isinstance(old, LocalProvider):
                old.prefer(config.local_preferred)
                return old
            return LocalProvider(self.local, self.limits, config.local_preferred)
        same = before is not None and before.config.providers.get(name) == config.providers[name]
        if old is not None and same:
            return old
        return build(config.providers[name], self.keys, self.limits)
