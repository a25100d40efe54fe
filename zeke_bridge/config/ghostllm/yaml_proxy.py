"""A YAML file with ``llmproxy:``, the configuration of the proxy mode.

Format::

    llmproxy:
      listen_addr: ":8080"
      log_level: "info"
      providers:
        anthropic:
          api_key: "${ANTHROPIC_API_KEY}"
          models:
            - name: "claude-sonnet-5"
              alias: "default"          # what `auto` prefers
      rate_limits:
        requests_per_minute: 100
        tokens_per_minute: 100000
      cost_budget:
        hourly_limit: 10.0
        daily_limit: 100.0

Its providers are the only ones, beside the model on this machine.
"""

from __future__ import annotations

from dataclasses import replace

from zeke_bridge.config.document import Document, nearest
from zeke_bridge.config.ghostllm.costs import limits
from zeke_bridge.config.ghostllm.providers import named, read_rates, read_url, with_key
from zeke_bridge.config.ghostllm.roster import DIALECTS, Roster
from zeke_bridge.config.ghostllm.routes import reserved
from zeke_bridge.config.ghostllm.schema import LOCAL, Costs, GhostConfig, Logs, Routes
from zeke_bridge.config.ghostllm.serving import read_level, read_listen, read_master_key
from zeke_bridge.config.section import Section

SECTION = "llmproxy"
_KEYS = ("listen_addr", "log_level", "master_key", "providers", "rate_limits", "cost_budget")
_PROVIDER = ("api_key", "api_key_env", "base_url", "dialect", "models", "rate_limits")
_DEFAULT = "default"
_BUDGET = {
    "hourly": "hourly_limit",
    "daily": "daily_limit",
    "monthly": "monthly_limit",
    "warn": "warn_threshold",
}


def read_proxy(document: Document) -> GhostConfig:
    """What ``document`` says. Raises ``ConfigError``."""
    Section(document).only((SECTION,))
    top = Section(document).section(SECTION)
    top.only(_KEYS)
    roster = Roster(document.environ, listed=False)
    aliases: dict[str, str] = {}
    for written in top.section("providers"):
        _provider(top.section("providers").section(written), written, roster, aliases)
    first = aliases.get(_DEFAULT, "").partition(":")[0]
    order = tuple(name for name in dict.fromkeys((first, *roster.written, LOCAL)) if name)
    return GhostConfig(
        order,
        roster.all(),
        path=document.path,
        routes=Routes(aliases=aliases, priority=True),
        costs=_costs(top.section("cost_budget")),
        rates=read_rates(top.section("rate_limits")),
        logs=Logs(level=read_level(top, "log_level")),
        serving=replace(read_listen(top, "listen_addr"), master_key=read_master_key(top)),
    )


def _provider(section: Section, written: str, roster: Roster, aliases: dict[str, str]) -> None:
    section.only(_PROVIDER)
    base = named(section, written, roster)
    dialect = section.text("dialect", base.dialect)
    if dialect not in DIALECTS:
        raise section.wrong("dialect", f"is not known{nearest(dialect, DIALECTS)}")
    url = read_url(section, "base_url", dialect) or base.base_url
    if not url:
        raise section.wrong(None, "needs a base_url.")
    base = with_key(section, replace(base, base_url=url, dialect=dialect))
    own: dict[str, str] = {}
    models = tuple(_model(section, number, item, own) for number, item in section.items("models"))
    for alias, model in own.items():
        if alias in aliases:
            where = (*section.where, "models")
            raise section.document.wrong(where, f"use the alias {alias}, which is taken already.")
        aliases[alias] = f"{base.name}:{model}"
    preferred = own.get(_DEFAULT, "")
    rates = read_rates(section.section("rate_limits"))
    models = tuple(dict.fromkeys(models))
    roster.put(replace(base, models=models, preferred=preferred, rates=rates))


def _model(section: Section, number: int, item: str | Section, own: dict[str, str]) -> str:
    """The id of one model; its alias goes into ``own``."""
    if isinstance(item, str):
        if not item:
            raise section.document.wrong((*section.where, "models", number), "is empty.")
        return item
    item.only(("name", "alias"))
    name, alias = item.text("name"), item.text("alias")
    if not name:
        raise item.wrong(None, "needs a name.")
    if alias and (reserved(alias) or alias in own):
        raise item.wrong("alias", "means something already: choose another name.")
    if alias:
        own[alias] = name
    return name


def _costs(section: Section) -> Costs:
    section.only(_BUDGET.values())
    return limits(section, **_BUDGET)
