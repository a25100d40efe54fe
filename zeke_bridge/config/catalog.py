"""The providers that are built in, and which models suit which work: ``catalog.toml``, as values.

The one place where names of models stand. Knows no user's configuration.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
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


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """One built-in provider; ``names`` are other names that people call it by.

    ``listed`` says that it is there without being configured, once it has a key.
    """

    name: str
    dialect: str
    base_url: str
    api_key_env: str
    names: tuple[str, ...]
    listed: bool
    tiers: Tiers


@dataclass(frozen=True, slots=True)
class Work:
    """One task class: the tier it wants and the providers that are good at it, best first."""

    tier: str
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that is built in. ``known`` maps a name, or another name, to its provider."""

    providers: tuple[KnownProvider, ...]
    works: Mapping[str, Work]
    names: Mapping[str, str]

    def provider(self, name: str) -> KnownProvider | None:
        """The provider called ``name``."""
        wanted = self.names.get(name, name)
        return next((one for one in self.providers if one.name == wanted), None)


@cache
def catalog() -> Catalog:
    """What ``catalog.toml`` says."""
    text = files("zeke_bridge.config").joinpath("catalog.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    providers = tuple(_provider(name, row) for name, row in table["providers"].items())
    works = {name: Work(row["tier"], tuple(row["order"])) for name, row in table["works"].items()}
    names = {other: one.name for one in providers for other in (one.name, *one.names)}
    return Catalog(providers, works, names)


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
    )
