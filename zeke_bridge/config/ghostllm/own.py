"""The format of our own: ``config.toml`` with ``routing.toml`` and ``ghostllm.toml`` beside it.

Every section may stand in any of them; the three are one configuration.
"""

from __future__ import annotations

from dataclasses import replace

from zeke_bridge.config.document import Document
from zeke_bridge.config.ghostllm.caching import read_caching
from zeke_bridge.config.ghostllm.costs import read_costs
from zeke_bridge.config.ghostllm.models import read_models
from zeke_bridge.config.ghostllm.providers import read_providers, read_rates
from zeke_bridge.config.ghostllm.roster import Roster
from zeke_bridge.config.ghostllm.routes import read_order, read_routes
from zeke_bridge.config.ghostllm.schema import LOCAL, GhostConfig
from zeke_bridge.config.ghostllm.serving import read_logs, read_serving
from zeke_bridge.config.section import Section

SECTIONS = (
    "routing",
    "aliases",
    "groups",
    "models",
    "providers",
    "caching",
    "costs",
    "rates",
    "logs",
    "server",
)


def read_own(document: Document) -> GhostConfig:
    """What ``document`` says, over what is built in. Raises ``ConfigError``."""
    top = Section(document)
    top.only(SECTIONS)
    roster = Roster(document.environ)
    read_providers(top.section("providers"), roster)
    first = read_order(top.section("routing"), roster)
    local, models = read_models(top.section("models"), roster)
    routes = read_routes(top, roster)
    config = GhostConfig(
        order=(),
        providers={},
        local_preferred=local,
        path=document.path,
        routes=routes,
        models=models,
        caching=read_caching(top.section("caching"), roster, routes),
        costs=read_costs(top.section("costs")),
        rates=read_rates(top.section("rates")),
        logs=read_logs(top.section("logs")),
        serving=read_serving(top.section("server")),
    )
    # Last, because a route may name a provider that is only there when it is named.
    providers = roster.all()
    order = tuple(dict.fromkeys((*first, LOCAL, *providers)))
    return replace(config, order=order, providers=providers)
