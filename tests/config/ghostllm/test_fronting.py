"""A core for one server: nobody else to ask, and all else as the user configured it."""

from __future__ import annotations

from zeke_bridge.config.ghostllm import Costs, GhostConfig, ProviderConfig, Routes
from zeke_bridge.config.ghostllm.fronting import fronting

URL = "http://127.0.0.1:4000/v1"
OWN = GhostConfig(
    ("local", "openai", "litellm"),
    {
        "openai": ProviderConfig("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
        "litellm": ProviderConfig(
            "litellm", "https://office.example/v1", "OFFICE_KEY", preferred="gpt-4o", api_key="sk-x"
        ),
    },
    routes=Routes(aliases={"mine": "gpt-4o"}, fallback=("openai:gpt-4o",)),
    costs=Costs(daily_limit=5.0),
)


def test_there_is_one_provider() -> None:
    made = fronting(OWN, "server", URL, "PEER_KEY")
    assert made.order == ("server",)
    [provider] = made.providers.values()
    assert (provider.base_url, provider.api_key_env) == (URL, "PEER_KEY")
    assert provider.endpoints == (URL,)
    assert "gpt-6-luna" in provider.tiers.fast
    assert made.costs == OWN.costs
    assert made.routes.aliases == {"mine": "gpt-4o"}


def test_of_one_with_the_same_name_only_the_preferred_model_counts() -> None:
    provider = fronting(OWN, "litellm", URL, "").providers["litellm"]
    assert provider.preferred == "gpt-4o"
    assert (provider.base_url, provider.api_key_env, provider.api_key) == (URL, "", "")
