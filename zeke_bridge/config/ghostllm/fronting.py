"""The configuration of a core that does for one server what that server does not do itself."""

from __future__ import annotations

from dataclasses import fields, replace

from zeke_bridge.config.catalog import Tiers, catalog
from zeke_bridge.config.ghostllm.schema import GhostConfig, ProviderConfig


def fronting(config: GhostConfig, name: str, base_url: str, api_key_env: str) -> GhostConfig:
    """``config`` with the server at ``base_url`` as its only provider, called ``name``.

    What the user says of costs, prices, names and caching stays, and of a provider of that name the
    preferred model. ``api_key_env`` is the variable with the server's key; empty: it needs none.
    """
    same = config.providers.get(name)
    server = ProviderConfig(
        name,
        base_url,
        api_key_env,
        preferred=same.preferred if same else "",
        dialect="server",
        tiers=_all_tiers(),
    )
    # A person who names one server has said which providers come first.
    routes = replace(config.routes, priority=True)
    return replace(config, order=(name,), providers={name: server}, routes=routes)


def _all_tiers() -> Tiers:
    """The good models of every provider: such a server may have any of them."""
    known = [provider.tiers for provider in catalog().providers]
    return Tiers(
        *(
            tuple(dict.fromkeys(model for tiers in known for model in tiers.of(tier.name)))
            for tier in fields(Tiers)
        )
    )
