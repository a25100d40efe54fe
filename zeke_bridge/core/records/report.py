"""The figures of ``GET /stats``: what the usage book says, and what only the running core knows.

Does not know files, threads or HTTP.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from zeke_bridge.config.ghostllm.schema import Costs
from zeke_bridge.core.records import calendar, tables
from zeke_bridge.core.records.tables import Quarter, Served, Share
from zeke_bridge.model.stats import (
    CacheStats,
    CostStats,
    DayCost,
    HourCost,
    ModelCost,
    ProviderCost,
    ProviderStats,
    RequestStats,
    RouteTaken,
    Stats,
    Unpriced,
)

DAYS = 31
HOURS = 24
ROUTES = 20
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Report:
    """What the book says; money in US dollars.

    ``days`` are the last 31 and ``hours`` the last 24, oldest first. ``providers`` and ``models``
    are of this month, ``spent_today`` is by provider; ``served`` and the averages are of the last
    24 hours.
    """

    requests: RequestStats
    hour: float
    today: float
    week: float
    month: float
    projected: float
    unpriced: Unpriced
    saved: float
    unpriced_saved: int
    response_s: float | None
    first_token_s: float | None
    providers: tuple[Share, ...]
    models: tuple[Share, ...]
    days: tuple[DayCost, ...]
    hours: tuple[HourCost, ...]
    spent_today: Mapping[str, Share]
    served: Mapping[str, Served]
    routes: tuple[RouteTaken, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """What only the running core knows.

    ``states`` has a word or two about each provider, in order; ``local`` names those on this
    machine. ``since`` is when the core began.
    """

    cache: CacheStats = field(default_factory=CacheStats)
    costs: Costs = field(default_factory=Costs)
    states: Mapping[str, str] = field(default_factory=dict)
    local: frozenset[str] = frozenset()
    since: float = 0.0


def report(database: sqlite3.Connection, now: float) -> Report:
    """What the tables of ``database`` say at ``now``. Raises ``sqlite3.Error``."""
    today = calendar.today(now)
    days = _Days(database, today)
    month = calendar.month_start(today)
    spent = days.since(month)
    began = calendar.day_start(month)
    response, first = tables.averages(database, now - calendar.DAY)
    hour, week = days.hour(calendar.hour_start(now)), days.since(calendar.week_start(today))
    day = days.of(today)
    return Report(
        RequestStats(day.requests, tables.total(database), day.errors),
        hour.cost,
        day.cost,
        week.cost,
        spent.cost,
        calendar.projected(spent.cost, now),
        Unpriced(hour.unpriced, day.unpriced, week.unpriced, spent.unpriced),
        *tables.saved(database, began),
        response,
        first,
        tuple(tables.by_provider(database, began)),
        tuple(tables.by_model(database, began)),
        days.rows(),
        days.hours(now),
        _spent(database, calendar.day_start(today)),
        tables.served(database, now - calendar.DAY),
        tuple(tables.routes(tables.newest(database, ROUTES))),
    )


def stats(report: Report, scene: Scene, now: float) -> Stats:
    """``report`` and ``scene`` together."""
    cache, costs = scene.cache, scene.costs
    return Stats(
        report.requests,
        report.response_s,
        report.first_token_s,
        CacheStats(
            cache.enabled,
            cache.hits,
            cache.misses,
            _share(cache.hits, cache.hits + cache.misses),
            cache.entries,
            cache.bytes,
            report.saved,
            report.unpriced_saved,
        ),
        CostStats(
            report.hour,
            report.today,
            report.week,
            report.month,
            report.projected,
            costs.hourly_limit,
            costs.daily_limit,
            costs.monthly_limit,
            costs.warn,
            _providers(report, scene),
            _models(report),
            report.days,
            report.hours,
            report.unpriced,
        ),
        _health(report, scene),
        report.routes,
        max(0.0, now - scene.since),
        scene.since,
    )


@dataclass(frozen=True, slots=True)
class _Sum:
    """Questions, errors, and what they cost but for the ``unpriced`` ones."""

    requests: int = 0
    errors: int = 0
    cost: float = 0.0
    unpriced: int = 0

    @classmethod
    def of(cls, rows: Iterable[Quarter | _Sum]) -> _Sum:
        """All of ``rows`` together."""
        cost, counts = 0.0, [0, 0, 0]
        for row in rows:
            cost += row.cost
            for at, count in enumerate((row.requests, row.errors, row.unpriced)):
                counts[at] += count
        return cls(counts[0], counts[1], cost, counts[2])


class _Days:
    """The last days, out of quarters of hours: what happened on each."""

    def __init__(self, database: sqlite3.Connection, today: date) -> None:
        self._days = [date.fromordinal(today.toordinal() - ago) for ago in range(DAYS)][::-1]
        self._quarters = tables.by_quarter(database, calendar.day_start(self._days[0]))
        of_day: dict[date, list[Quarter]] = {day: [] for day in self._days}
        for one in self._quarters:
            of_day.get(datetime.fromtimestamp(one.start).date(), []).append(one)
        self._sums = {day: _Sum.of(rows) for day, rows in of_day.items()}

    def of(self, day: date) -> _Sum:
        """What happened on ``day``."""
        return self._sums[day]

    def since(self, first: date) -> _Sum:
        """What happened from the day ``first`` on."""
        return _Sum.of(self._sums[day] for day in self._days if day >= first)

    def hour(self, begin: float) -> _Sum:
        """What happened from the moment ``begin`` on."""
        return _Sum.of(one for one in self._quarters if one.start >= begin)

    def rows(self) -> tuple[DayCost, ...]:
        """All of them."""
        return tuple(
            DayCost(day.isoformat(), one.cost, one.requests, one.unpriced)
            for day, one in self._sums.items()
        )

    def hours(self, now: float) -> tuple[HourCost, ...]:
        """The last of them until ``now``; each begins when the clock strikes."""
        last = calendar.hour_start(now)
        return tuple(self._hour(last - ago * _HOUR) for ago in reversed(range(HOURS)))

    def _hour(self, begin: float) -> HourCost:
        rows = [one for one in self._quarters if begin <= one.start < begin + _HOUR]
        done, whole = sum(one.done for one in rows), _Sum.of(rows)
        return HourCost(
            begin,
            whole.cost,
            whole.requests,
            sum(one.seconds for one in rows) / done if done else None,
            whole.unpriced,
        )


def _providers(report: Report, scene: Scene) -> tuple[ProviderCost, ...]:
    whole, today = sum(row.cost for row in report.providers), report.spent_today
    return tuple(
        ProviderCost(
            row.name,
            row.cost,
            _share(row.cost, whole),
            row.requests,
            row.name in scene.local,
            today[row.name].cost if row.name in today else 0.0,
            row.unpriced,
            today[row.name].unpriced if row.name in today else 0,
        )
        for row in report.providers
    )


def _models(report: Report) -> tuple[ModelCost, ...]:
    whole = sum(row.requests for row in report.models)
    return tuple(
        ModelCost(row.name, row.cost, row.requests, _share(row.requests, whole), row.unpriced)
        for row in report.models
    )


def _health(report: Report, scene: Scene) -> tuple[ProviderStats, ...]:
    """Every provider that is there, in order; one that is gone has no health."""
    rows = []
    for name, state in scene.states.items():
        row = report.served.get(name, Served())
        calls = row.answered + row.failed
        rows.append(
            ProviderStats(
                name,
                state,
                name in scene.local,
                row.answered / calls if calls else None,
                row.seconds / row.answered if row.answered else None,
                calls,
            )
        )
    return tuple(rows)


def _spent(database: sqlite3.Connection, since: float) -> dict[str, Share]:
    return {row.name: row for row in tables.by_provider(database, since)}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
