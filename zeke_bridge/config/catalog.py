"""The providers that are built in, and which models suit which work: ``catalog.toml``, as values.

The one place where names of models stand. Knows no user's configuration.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Tiers:
    """Models of one provider by the work they suit, each best first; empty when there is none."""

    fast: tuple[str, ...] = ()
    balanced: tuple[str, ...] = ()
    smart: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    embed: tuple[str, ...] = ()

    def of(self, tier: str) -> tuple[str, ...]:
        """The models of ``tier``, one of this class's fields."""
        models: tuple[str, ...] = getattr(self, tier)
        return models

    def __contains__(self, model: object) -> bool:
        return any(model in self.of(tier) for tier in self.__slots__)


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """One built-in provider; ``names`` are other names that people call it by.

    ``listed`` says that it is there without being configured, once it has a key. ``key_page`` is
    where a person gets a key, ``start`` the command that starts one on their own machine.
    """

    name: str
    dialect: str
    base_url: str
    api_key_env: str
    names: tuple[str, ...]
    listed: bool
    tiers: Tiers
    key_page: str = ""
    start: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """One task class: the tier it wants and the providers that are good at it, best first.

    ``by_price`` says that this machine comes first and then the cheapest, whoever is good at it.
    """

    tier: str
    order: tuple[str, ...]
    by_price: bool = False


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that is built in.

    ``names`` maps a name, or another name, to its provider; ``words`` does so for task classes.
    ``lacking`` maps a provider to patterns of models by what they cannot take.
    """

    providers: tuple[KnownProvider, ...]
    works: Mapping[str, Work]
    names: Mapping[str, str]
    words: Mapping[str, str]
    lacking: Mapping[str, Mapping[str, tuple[str, ...]]]

    def provider(self, name: str) -> KnownProvider | None:
        """The provider called ``name``."""
        wanted = self.names.get(name, name)
        return next((one for one in self.providers if one.name == wanted), None)

    def task(self, word: str) -> str | None:
        """The task class that ``word`` means (``cost-sensitive``, ``quick_tasks`` …), if any."""
        return self.words.get(word.lower().replace("-", "_"))


@cache
def catalog() -> Catalog:
    """What ``catalog.toml`` says."""
    text = files("zeke_bridge.config").joinpath("catalog.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    providers = tuple(_provider(name, row) for name, row in table["providers"].items())
    works = {
        name: Work(row["tier"], tuple(row["order"]), row.get("by_price", False))
        for name, row in table["works"].items()
    }
    names = {other: one.name for one in providers for other in (one.name, *one.names)}
    words = {
        word: name for name, row in table["works"].items() for word in (name, *row.get("names", ()))
    }
    lacking = {
        provider: {ability: tuple(patterns) for ability, patterns in row.items()}
        for provider, row in table["lacks"].items()
    }
    return Catalog(providers, works, names, words, lacking)


# Bounded, because names of models come from outside.
@lru_cache(maxsize=1024)
def lacks(provider: str, model: str) -> frozenset[str]:
    """What ``model`` is known not to take: some of ``images``, ``tools``, ``json``."""
    row = catalog().lacking.get(provider, {})
    name = model.lower()
    return frozenset(
        ability
        for ability, patterns in row.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    )


def _provider(name: str, row: Mapping[str, Any]) -> KnownProvider:
    tiers = {tier: tuple(models) for tier, models in row.get("tiers", {}).items()}
    return KnownProvider(
        name,
        row.get("dialect", "openai"),
        row.get("base_url", ""),
        row.get("api_key_env", ""),
        tuple(row.get("names", ())),
        row.get("listed", True),
        Tiers(**tiers),
        row.get("key_page", ""),
        row.get("start", ""),
    )
