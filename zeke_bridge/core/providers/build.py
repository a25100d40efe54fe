"""From a provider's configuration to the provider: one class for each dialect.

Each is imported when it is first needed. Does not know ``local``, whose process is somebody else's.
"""

from __future__ import annotations

from dataclasses import replace

from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Provider
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import ConfigError

DIALECTS = ("openai", "anthropic", "google", "github", "glm", "ollama")


def build(config: ProviderConfig, keys: Keys, limits: Limits) -> Provider:
    """The provider of ``config``, with all its endpoints.

    Raises ``ConfigError`` for a dialect that nobody speaks.
    """
    if len(config.endpoints) == 1:
        return _single(config, keys, limits)
    from zeke_bridge.core.providers.pool import Pool

    each = [replace(config, base_url=url, backups=()) for url in config.endpoints]
    return Pool([_single(one, keys, limits) for one in each])


def _single(config: ProviderConfig, keys: Keys, limits: Limits) -> Provider:
    match config.dialect:
        case "openai":
            from zeke_bridge.core.providers.openai import OpenAIProvider

            return OpenAIProvider(config, keys, limits)
        case "anthropic":
            from zeke_bridge.core.providers.anthropic.provider import AnthropicProvider

            return AnthropicProvider(config, keys, limits)
        case "google":
            from zeke_bridge.core.providers.google.provider import GoogleProvider

            return GoogleProvider(config, keys, limits)
        case "github":
            from zeke_bridge.core.providers.copilot.provider import CopilotProvider

            return CopilotProvider(config, keys, limits)
        case "glm":
            from zeke_bridge.core.providers.glm import GlmProvider

            return GlmProvider(config, keys, limits)
        case "ollama":
            from zeke_bridge.core.providers.ollama import OllamaProvider

            return OllamaProvider(config, keys, limits)
        case "server":
            from zeke_bridge.core.providers.server import server

            return server(config, keys, limits)
    raise ConfigError(
        f"providers.{config.name}.dialect is {config.dialect!r}: use one of {', '.join(DIALECTS)}."
    )
