"""What a routing core is told: its providers, routes, limits and caches, as values.

Where they were written does not matter here. Knows no file format, no key's value but those that a
file spells out through ``${VAR}``, and nothing of whether a provider can be reached.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zeke_bridge.config.catalog import Tiers

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Rates:
    """Token buckets: what fits into a minute, and how many calls may run at once. None: any."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    max_parallel: int | None = None


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One place that has models.

    ``dialect`` is how it is spoken to (``openai``, ``anthropic``, ``google``, ``ollama``, ``glm``,
    ``github``). ``backups`` are further base URLs of the same service. ``api_key_env`` names the
    variable that holds its key; empty means that it needs none. ``api_key`` is one that a file
    spelled out. ``models`` empty means that the server is asked. ``preferred`` is the user's choice
    for ``auto``; ``usual`` are good ones to look for when there is no such choice; ``tiers`` are
    those for a kind of work.
    """

    name: str
    base_url: str
    api_key_env: str = ""
    models: tuple[str, ...] = ()
    preferred: str = ""
    usual: tuple[str, ...] = ()
    dialect: str = "openai"
    backups: tuple[str, ...] = ()
    api_key: str = field(default="", repr=False)
    tiers: Tiers = field(default_factory=Tiers)
    rates: Rates = Rates()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every base URL, the first one first."""
        return (self.base_url, *self.backups)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What the user says of one model, ``provider:model``.

    ``defaults`` are request fields that count when the request does not have them (``temperature``,
    ``max_tokens`` …). Prices in US dollars a token (``cached_cost``: of a token that the provider
    read from its own cache), ``context`` in tokens; None: not said.
    """

    name: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    input_cost: float | None = None
    output_cost: float | None = None
    context: int | None = None
    cached_cost: float | None = None
    rates: Rates = Rates()


@dataclass(frozen=True, slots=True)
class Routes:
    """What the user wants of ``auto`` and of names of their own.

    ``rules`` maps a task class (see ``catalog().works``) to models, best first; ``fallback``
    come after them, whatever the task. ``aliases`` maps a name to the name it stands for, which is
    no alias itself; ``groups`` a name to models or other groups and their weights, where a weight
    of 0 means: only when those that have one failed. ``priority`` says that the order of providers
    was written by the user, and not only built in. A model is written ``provider:model`` here, with
    the provider's proper name, or without a provider.
    """

    rules: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fallback: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[tuple[str, float], ...]] = field(default_factory=dict)
    priority: bool = False

    def leaves(self, name: str) -> list[str]:
        """What ``name`` stands for at last: one name, or several where it leads to a group."""
        found: list[str] = []
        seen: set[str] = set()
        pending = [name]
        while pending:
            one = pending.pop(0)
            one = self.aliases.get(one, one)
            if one in seen:
                continue
            seen.add(one)
            members = [member for member, _ in self.groups.get(one, ())]
            pending += members
            found += [] if members else [one]
        return found


@dataclass(frozen=True, slots=True)
class Caching:
    """Answers that are kept: seconds, bytes, and other seconds by task class (0: not kept).

    ``similar`` turns on the tier that compares meanings, with the model ``embedder``.
    """

    enabled: bool = True
    ttl: float = 3600.0
    max_bytes: int = 100 * 1024 * 1024
    rules: Mapping[str, float] = field(default_factory=dict)
    similar: bool = False
    embedder: str = ""


@dataclass(frozen=True, slots=True)
class Costs:
    """US dollars: what blocks, and from where on to warn. None: no limit.

    ``warn`` is about the daily limit, else about the monthly one, else about the hourly one.
    """

    hourly_limit: float | None = None
    daily_limit: float | None = None
    monthly_limit: float | None = None
    warn: float | None = None


@dataclass(frozen=True, slots=True)
class Logs:
    """``requests`` keeps what was asked and answered, in ``directory``; redacted unless not."""

    level: str = "warning"
    requests: bool = False
    redact: bool = True
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """Where ``ghostllm serve`` listens, and the one key that the file itself names."""

    host: str = "127.0.0.1"
    port: int = 8080
    master_key: str = field(default="", repr=False)
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GhostConfig:
    """``order`` names every provider that can be tried, ``local`` among them, best first.

    ``local_preferred`` is the local model to take when several are installed. ``path`` is where
    all this is configured, for sentences that say so; ``sources`` are all files that were looked
    for, there or not. ``notes`` are sentences about what is right and yet worth a look: what has no
    effect here, or a key that others can read.
    """

    order: tuple[str, ...]
    providers: Mapping[str, ProviderConfig]
    local_preferred: str = ""
    path: Path = Path("config.toml")
    routes: Routes = Routes()
    models: Mapping[str, ModelConfig] = field(default_factory=dict)
    caching: Caching = Caching()
    costs: Costs = Costs()
    rates: Rates = Rates()
    logs: Logs = Logs()
    serving: Serving = Serving()
    sources: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
