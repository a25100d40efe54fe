"""LiteLLM's configuration, as its proxy reads it, and the sections that stacks around it add.

Format (https://docs.litellm.ai/docs/proxy/configs; ``model_list`` in ``litellm_models``)::

    model_groups:
      - group_name: production-chat
        models:
          - {model_name: gpt-4o, weight: 0.4}
    budgets: {max_budget: 1000.0, budget_duration: "30d", soft_budget_limit: 800.0}
    rate_limit: {rpm: 10000, tpm: 2000000, max_parallel_requests: 100}
    logs: {level: "DEBUG", log_raw_request_response: true}
    general_settings: {master_key: os.environ/LITELLM_MASTER_KEY}
    router_settings:
      model_group_alias: {gpt-4: gpt-4o}
      fallbacks: [{gpt-4o: [claude-3.5-sonnet]}]

Its providers are the only ones, beside the model on this machine. What has no effect here is read
over and noted; what would let in more people than LiteLLM does is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from zeke_bridge.config.document import Document, Place, nearest
from zeke_bridge.config.ghostllm.litellm_keys import idle
from zeke_bridge.config.ghostllm.litellm_models import Deployments
from zeke_bridge.config.ghostllm.roster import Roster
from zeke_bridge.config.ghostllm.routes import Group, reserved
from zeke_bridge.config.ghostllm.schema import (
    LOCAL,
    Caching,
    Costs,
    GhostConfig,
    Logs,
    Rates,
    Routes,
    Serving,
)
from zeke_bridge.config.ghostllm.serving import LEVELS, read_level, read_master_key
from zeke_bridge.config.section import Section

_GENERAL, _LITELLM, _ROUTER = "general_settings", "litellm_settings", "router_settings"
SECTIONS = (
    "model_list",
    "model_groups",
    "budgets",
    "rate_limit",
    _GENERAL,
    _LITELLM,
    _ROUTER,
    "environment_variables",
    *sorted(idle("sections")),
)
"""What only LiteLLM's files have at the top, beside ``logs``."""

_MASTER = "LITELLM_MASTER_KEY"
_LEVEL = "LITELLM_LOG_LEVEL"
_BUDGET = ("max_budget", "budget_duration", "soft_budget_limit")
_PARALLEL = ("global_max_parallel_requests", "max_parallel_requests")
_FALLBACKS, _DEFAULTS, _ANY = "fallbacks", "default_fallbacks", "*"
_DURATION = re.compile(r"([0-9]{1,6})(s|m|h|d|mo)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "mo": 30 * 86400}


def read_litellm(document: Document) -> GhostConfig:
    """What ``document`` says. Raises ``ConfigError``."""
    document = replace(document, variables=_variables(document))
    top = Section(document)
    top.only((*SECTIONS, "logs"))
    _check(top)
    roster = Roster(document.environ, listed=False)
    deployments = Deployments(roster)
    deployments.read(top)
    names = _Names(top, deployments)
    routes = names.routes()
    return GhostConfig(
        (*roster.written, LOCAL),
        roster.all(),
        path=document.path,
        routes=routes,
        models=deployments.models,
        caching=_caching(top.section(_LITELLM)),
        costs=_costs(top),
        rates=_rates(top),
        logs=_logs(top.section("logs")),
        serving=Serving(master_key=_master_key(top.section(_GENERAL))),
    )


class _Names:
    """The names that clients ask for: entries of ``model_list``, groups, aliases, fallbacks."""

    def __init__(self, top: Section, deployments: Deployments) -> None:
        self._top = top
        self._there = deployments
        self._groups: dict[str, Group] = {}
        self._fallback: tuple[str, ...] = ()

    def routes(self) -> Routes:
        """Every name as an alias of one model, or as a group of several."""
        for name in self._there.names:
            self._add((), name, self._there.group(name))
        for group in self._top.sections("model_groups"):
            self._group(group)
        for section in (self._top.section(_ROUTER), self._top.section(_LITELLM)):
            self._aliases(section)
        for section in (self._top.section(_ROUTER), self._top.section(_LITELLM)):
            self._fallbacks(section)
        aliases = {name: one[0][0] for name, one in self._groups.items() if len(one) == 1}
        groups = {name: many for name, many in self._groups.items() if len(many) > 1}
        return Routes(fallback=self._fallback, aliases=aliases, groups=groups, priority=True)

    def _add(self, where: Place, name: str, models: Group) -> None:
        if reserved(name):
            where = where or ("model_list",)
            raise self._top.document.wrong(
                where, f"has the name {name}, which means something here: choose another."
            )
        self._groups[name] = models

    def _find(self, where: Place, name: str) -> Group:
        """The models behind ``name``, an alias or a group among them."""
        if found := self._groups.get(name) or self._there.group(name):
            return found
        hint = nearest(name, self._groups)
        raise self._top.document.wrong(where, f"names {name[:80]!r}, which is not there{hint}")

    def _group(self, section: Section) -> None:
        section.only(("group_name", "models"))
        name = section.text("group_name")
        if not name:
            raise section.wrong(None, "needs a group_name.")
        found: dict[str, float] = {}
        for member in section.sections("models"):
            member.only(("model_name", "weight"))
            weight = member.number("weight")
            models = self._find((*member.where, "model_name"), member.text("model_name"))
            whole = sum(one for _, one in models) or 1.0
            for model, part in models:
                share = (1.0 if weight is None else weight) * part / whole
                found[model] = found.get(model, 0.0) + share
        if not any(found.values()):
            raise section.wrong("models", "needs a model with a weight of more than 0.")
        self._add((*section.where, "group_name"), name, tuple(found.items()))

    def _aliases(self, section: Section) -> None:
        aliases = section.section("model_group_alias")
        for name in aliases:
            if aliases.is_table(name):
                target = aliases.section(name)
                target.only(("model", "hidden"))
                models = self._find((*target.where, "model"), target.text("model"))
            else:
                models = self._find((*aliases.where, name), aliases.text(name))
            self._add((*aliases.where, name), name, models)

    def _fallbacks(self, section: Section) -> None:
        """Those of one name join its models with the weight 0, which means: after the others."""
        for number, text in enumerate(section.texts(_DEFAULTS)):
            self._fall_back((*section.where, _DEFAULTS, number), text)
        for table in section.sections(_FALLBACKS):
            for name in table:
                texts = table.texts(name)
                for number, text in enumerate(texts):
                    where = (*table.where, name, number)
                    if name == _ANY:
                        self._fall_back(where, text)
                        continue
                    models = dict(self._find((*table.where, name), name))
                    for model, _ in self._find(where, text):
                        models.setdefault(model, 0.0)
                    self._groups[name] = tuple(models.items())

    def _fall_back(self, where: Place, name: str) -> None:
        found = (model for model, _ in self._find(where, name))
        self._fallback = tuple(dict.fromkeys((*self._fallback, *found)))


def _variables(document: Document) -> dict[str, str]:
    section = Section(document).section("environment_variables")
    return {name: section.text(name) for name in section if name in section}


def _check(top: Section) -> None:
    """Note what has no effect; raise about what is not known, or may not be left out."""
    for key in top:
        if key in idle("sections"):
            top.note(key, "has no effect here.")
    general = top.section(_GENERAL)
    for key in general:
        if key in idle("refused"):
            raise general.wrong(key, "is not supported, and without it the core would be open.")
    own = ("cache", "cache_params", "model_group_alias", _FALLBACKS, _DEFAULTS, *_BUDGET)
    _only(general, ("master_key", *_PARALLEL), idle("general"))
    _only(top.section(_LITELLM), (*own, *_PARALLEL), idle("litellm"))
    router = ("model_group_alias", _FALLBACKS, _DEFAULTS)
    _only(top.section(_ROUTER), router, idle("router"))
    cache = top.section(_LITELLM).section("cache_params")
    _only(cache, ("ttl",), idle("cache"))


def _only(section: Section, keys: Iterable[str], unused: frozenset[str]) -> None:
    section.only((*keys, *unused))
    for key in section:
        if key in unused:
            section.note(key, "has no effect here.")


def _costs(top: Section) -> Costs:
    section = top.section("budgets")
    section.only(_BUDGET)
    section = section or top.section(_LITELLM)
    limit, warn = section.number("max_budget"), section.number("soft_budget_limit")
    if limit is None:
        return Costs(warn=warn)
    if warn is not None and warn > limit:
        raise section.wrong("soft_budget_limit", "is over max_budget, which comes first.")
    days = _seconds(section, "budget_duration") / 86400
    if days == 1 / 24:
        return Costs(hourly_limit=limit, warn=warn)
    if days == 1:
        return Costs(daily_limit=limit, warn=warn)
    if 28 <= days <= 31:
        return Costs(monthly_limit=limit, warn=warn)
    raise section.wrong("budget_duration", "must be 1h, 1d or 30d.")


def _seconds(section: Section, key: str) -> int:
    text = section.text(key, "30d")
    found = _DURATION.fullmatch(text)
    if not found:
        raise section.wrong(key, "must be a number and s, m, h or d, such as 30d.")
    return int(found[1]) * _SECONDS[found[2]]


def _rates(top: Section) -> Rates:
    section = top.section("rate_limit")
    section.only(("rpm", "tpm", "max_parallel_requests"))
    parallel = section.whole("max_parallel_requests")
    if parallel is None:
        parallel = next(iter(_parallel(top)), None)
    return Rates(section.number("rpm", above=True), section.number("tpm", above=True), parallel)


def _parallel(top: Section) -> Iterator[int]:
    for section in (top.section(_GENERAL), top.section(_LITELLM)):
        for key in _PARALLEL:
            if value := section.whole(key, 0):
                yield value


def _caching(section: Section) -> Caching:
    usual = Caching()
    ttl = section.section("cache_params").number("ttl", most=366 * 86400)
    return replace(
        usual, enabled=section.flag("cache", usual.enabled), ttl=usual.ttl if ttl is None else ttl
    )


def _logs(section: Section) -> Logs:
    section.only(("level", "log_raw_request_response"))
    said = section.document.environ.get(_LEVEL, "").lower()
    level = said if said in LEVELS and "level" not in section else read_level(section, "level")
    return Logs(level=level, requests=section.flag("log_raw_request_response", False))


def _master_key(section: Section) -> str:
    if "master_key" in section:
        return read_master_key(section)
    return section.document.environ.get(_MASTER, "").strip()
