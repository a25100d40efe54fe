from __future__ import annotations

from collections.abc import Callable

import pytest

from zeke_bridge.config.catalog import catalog
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.build import DIALECTS, build
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import ConfigError

pytestmark = pytest.mark.anyio

URL = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("dialect", "kind"),
    [
        ("openai", "OpenAIProvider"),
        ("anthropic", "AnthropicProvider"),
        ("google", "GoogleProvider"),
        ("github", "CopilotProvider"),
        ("glm", "GlmProvider"),
        ("ollama", "OllamaProvider"),
    ],
)
async def test_each_dialect_has_its_provider(
    keys: Callable[..., Keys], limits: Limits, dialect: str, kind: str
) -> None:
    provider = build(ProviderConfig("far", URL, dialect=dialect), keys(), limits)
    assert type(provider).__name__ == kind
    assert provider.name == "far"
    await provider.aclose()


async def test_several_endpoints_are_one_provider(
    keys: Callable[..., Keys], limits: Limits
) -> None:
    config = ProviderConfig("far", URL, backups=("http://127.0.0.1:9/v2",))
    provider = build(config, keys(), limits)
    assert (type(provider).__name__, provider.name) == ("Pool", "far")
    await provider.aclose()


def test_an_unknown_dialect(keys: Callable[..., Keys], limits: Limits) -> None:
    with pytest.raises(ConfigError, match=r"providers\.far\.dialect is 'klingon'"):
        build(ProviderConfig("far", URL, dialect="klingon"), keys(), limits)


def test_every_dialect_of_the_catalog_is_spoken() -> None:
    assert {one.dialect for one in catalog().providers} <= set(DIALECTS)
