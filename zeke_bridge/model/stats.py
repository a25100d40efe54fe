"""The figures of one core, as ``GET /stats`` gives them: values only.

Money is in US dollars without what nobody knows the price of, which ``unpriced`` counts: so many
questions may have cost more. Times are in seconds (since the epoch where it is a moment); days,
weeks and months are those of the core's local calendar.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RequestStats:
    """How many questions; ``total`` is of as long as records are kept."""

    today: int = 0
    total: int = 0
    errors_today: int = 0


@dataclass(frozen=True, slots=True)
class CacheStats:
    """Kept answers. Hits and misses since the core began, ``savings`` in this month."""

    enabled: bool = True
    hits: int = 0
    misses: int = 0
    hit_rate: float = 0.0
    entries: int = 0
    bytes: int = 0
    savings: float = 0.0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class ProviderCost:
    """One provider in this month; ``share`` of what was spent, ``today`` what of it today."""

    provider: str
    cost: float = 0.0
    share: float = 0.0
    requests: int = 0
    local: bool = False
    today: float = 0.0
    unpriced: int = 0
    unpriced_today: int = 0


@dataclass(frozen=True, slots=True)
class ModelCost:
    """One model (``provider:model``) in this month; ``share`` of the questions."""

    model: str
    cost: float = 0.0
    requests: int = 0
    share: float = 0.0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class DayCost:
    """One day, ``YYYY-MM-DD``."""

    day: str
    cost: float = 0.0
    requests: int = 0
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class HourCost:
    """One hour that began at ``start``; ``average_s`` is how long its answers took, if any did."""

    start: float
    cost: float = 0.0
    requests: int = 0
    average_s: float | None = None
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Unpriced:
    """How many questions have cost nobody knows what."""

    hour: int = 0
    today: int = 0
    week: int = 0
    month: int = 0


@dataclass(frozen=True, slots=True)
class CostStats:
    """What was spent, what may be, and on what.

    ``by_day`` has the last 31 days and ``by_hour`` the last 24 hours, oldest first, those with
    nothing among them, and the one that goes on at the end.
    """

    hour: float = 0.0
    today: float = 0.0
    week: float = 0.0
    month: float = 0.0
    projected_month: float = 0.0
    hourly_limit: float | None = None
    daily_limit: float | None = None
    monthly_limit: float | None = None
    warn: float | None = None
    by_provider: tuple[ProviderCost, ...] = ()
    by_model: tuple[ModelCost, ...] = ()
    by_day: tuple[DayCost, ...] = ()
    by_hour: tuple[HourCost, ...] = ()
    unpriced: Unpriced = field(default_factory=Unpriced)


@dataclass(frozen=True, slots=True)
class ProviderStats:
    """One provider in the last 24 hours.

    ``uptime`` is the share of calls that it answered, ``average_s`` how long those took; None when
    there were none. ``state`` is a word or two about now.
    """

    provider: str
    state: str = ""
    local: bool = False
    uptime: float | None = None
    average_s: float | None = None
    requests: int = 0


@dataclass(frozen=True, slots=True)
class RouteTaken:
    """One question, where it went and what became of it; ``priced``: what it cost is known."""

    time: float
    request_id: str
    task: str
    model: str
    reason: str
    status: str
    seconds: float
    cost: float
    cached: bool
    priced: bool = True


@dataclass(frozen=True, slots=True)
class Stats:
    """All of it. Averages are of answers in the last 24 hours, None without any.

    ``routes`` has the newest questions, newest first. ``since`` is when the core began.
    """

    requests: RequestStats = field(default_factory=RequestStats)
    average_response_s: float | None = None
    average_first_token_s: float | None = None
    cache: CacheStats = field(default_factory=CacheStats)
    costs: CostStats = field(default_factory=CostStats)
    providers: tuple[ProviderStats, ...] = ()
    routes: tuple[RouteTaken, ...] = ()
    uptime_s: float = 0.0
    since: float = 0.0
