"""The figures, from entries to ``GET /stats``."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.core.records.entries import NOON, entry
from zeke_bridge.config.ghostllm.schema import Costs
from zeke_bridge.core.records import tables
from zeke_bridge.core.records.database import opened
from zeke_bridge.core.records.entry import Entry
from zeke_bridge.core.records.report import Report, Scene, report, stats
from zeke_bridge.model.stats import (
    CacheStats,
    HourCost,
    ModelCost,
    ProviderCost,
    ProviderStats,
    Unpriced,
)

HOUR, DAY = 3600.0, 86400.0
Figures = Callable[..., Report]


@pytest.fixture(autouse=True)
def _utc(zone: Callable[[str], None]) -> None:
    zone("UTC")


@pytest.fixture
def database() -> Iterator[sqlite3.Connection]:
    database = opened(None)
    yield database
    database.close()


@pytest.fixture
def figures(database: sqlite3.Connection) -> Figures:
    def of(*entries: Entry, now: float = NOON) -> Report:
        tables.insert(database, entries)
        return report(database, now)

    return of


def test_an_empty_book_has_figures(figures: Figures) -> None:
    found = stats(figures(), Scene(), NOON)
    assert found.requests.total == 0
    assert found.average_response_s is None
    assert found.costs.projected_month == 0.0
    assert len(found.costs.by_day) == 31


def test_questions_are_counted_by_day(figures: Figures) -> None:
    found = figures(
        entry(),
        entry(status="overloaded"),
        entry(status="cancelled"),
        entry(time=NOON - DAY),
        entry(time=NOON - 300 * DAY),
    )
    assert found.requests.today == 3
    assert found.requests.errors_today == 1
    assert found.requests.total == 5


def test_costs_of_the_hour_the_day_the_week_and_the_month(figures: Figures) -> None:
    found = figures(
        entry(time=NOON, cost=1.0),
        entry(time=NOON - HOUR, cost=2.0),
        entry(time=NOON - 5 * DAY, cost=4.0),
        entry(time=NOON - 6 * DAY, cost=8.0),
        entry(time=NOON - 21 * DAY, cost=16.0),
        entry(time=NOON - 400 * DAY, cost=32.0),
    )
    assert (found.hour, found.today, found.week, found.month) == (1.0, 3.0, 7.0, 15.0)
    assert found.projected == pytest.approx(15.0 * 30 / 20.5)


def test_days_are_the_last_31_with_those_that_had_nothing(figures: Figures) -> None:
    days = figures(entry(cost=1.0), entry(time=NOON - 30 * DAY, cost=2.0)).days
    assert [day.day for day in days] == sorted(day.day for day in days)
    assert (days[-1].day, days[-1].cost, days[-1].requests) == ("2026-11-21", 1.0, 1)
    assert (days[0].day, days[0].cost) == ("2026-10-22", 2.0)
    assert sum(day.requests for day in days) == 2


def test_hours_are_the_last_24_with_those_that_had_nothing(figures: Figures) -> None:
    hours = figures(
        entry(time=NOON + 60, cost=1.0, seconds=2.0),
        entry(time=NOON + 120, cost=0.5, seconds=4.0),
        entry(time=NOON + 180, status="overloaded", cost=0.0, seconds=90.0),
        entry(time=NOON - 1, cost=2.0, seconds=1.0),
        entry(time=NOON - 23 * HOUR, cost=4.0, status="overloaded"),
        entry(time=NOON - 23 * HOUR - 1, cost=8.0),
        now=NOON + 1800,
    ).hours
    assert [hour.start for hour in hours] == [NOON - ago * HOUR for ago in range(24)][::-1]
    assert hours[-1] == HourCost(NOON, 1.5, 3, 3.0)
    assert hours[-2] == HourCost(NOON - HOUR, 2.0, 1, 1.0)
    assert hours[0] == HourCost(NOON - 23 * HOUR, 4.0, 1, None)
    assert sum(hour.requests for hour in hours[1:-2]) == 0


def test_hours_begin_when_the_clock_strikes_here(
    figures: Figures, zone: Callable[[str], None]
) -> None:
    zone("Asia/Kathmandu")  # UTC+5:45
    struck = datetime(2026, 11, 21, 11, 15, tzinfo=UTC).timestamp()
    hours = figures(entry(time=struck, cost=1.0), entry(time=struck - 1, cost=2.0)).hours
    assert [(hour.start, hour.cost) for hour in hours[-2:]] == [(struck - HOUR, 2.0), (struck, 1.0)]


def test_what_each_provider_cost_today_is_of_today(figures: Figures) -> None:
    found = stats(
        figures(entry(cost=3.0), entry(cost=2.0, time=NOON - DAY)), Scene(), NOON
    ).costs.by_provider
    assert [(row.cost, row.today) for row in found] == [(5.0, 3.0)]


def test_days_are_those_of_this_place(figures: Figures, zone: Callable[[str], None]) -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC).timestamp()
    zone("Europe/Berlin")
    assert figures(entry(time=late, cost=1.0)).today == 1.0
    zone("America/New_York")
    assert figures().today == 0.0


def test_a_place_whose_hours_begin_at_the_quarter(
    figures: Figures, zone: Callable[[str], None]
) -> None:
    zone("Asia/Kathmandu")  # UTC+5:45
    hour = datetime(2026, 11, 21, 11, 15, tzinfo=UTC).timestamp()
    found = figures(entry(time=hour, cost=1.0), entry(time=hour - 1, cost=2.0))
    assert found.hour == 1.0


def test_averages_are_of_answers_of_the_last_day(figures: Figures) -> None:
    found = figures(
        entry(seconds=1.0, first_token=0.2),
        entry(seconds=3.0, first_token=None),
        entry(seconds=0.0, cached=True, first_token=None),
        entry(seconds=99.0, status="timed_out"),
        entry(seconds=99.0, time=NOON - 2 * DAY),
    )
    assert found.response_s == pytest.approx(4.0 / 3)
    assert found.first_token_s == pytest.approx(0.2)


def test_what_the_cache_saved_this_month(figures: Figures) -> None:
    kept = entry(cached=True, cost=0.0, saved=1.5)
    assert figures(kept, kept, entry(time=NOON - 25 * DAY, saved=9.0)).saved == 3.0


def test_shares_of_providers_are_of_money_and_those_of_models_of_questions(
    figures: Figures,
) -> None:
    found = stats(
        figures(
            entry(cost=3.0),
            entry(provider="anthropic", model="claude", cost=1.0),
            entry(provider="anthropic", model="claude", cost=0.0, cached=True),
            entry(provider="local", model="tiny", cost=0.0),
            entry(provider="", model="", status="no_model", cost=0.0),
        ),
        Scene(local=frozenset({"local"})),
        NOON,
    )
    assert found.costs.by_provider == (
        ProviderCost("openai", 3.0, 0.75, 1, False, 3.0),
        ProviderCost("anthropic", 1.0, 0.25, 2, False, 1.0),
        ProviderCost("local", 0.0, 0.0, 1, True),
    )
    assert found.costs.by_model[0] == ModelCost("anthropic:claude", 1.0, 2, 0.5)
    assert {row.model for row in found.costs.by_model[1:]} == {"openai:gpt-6-luna", "local:tiny"}


def test_what_nobody_knows_the_price_of_is_counted(figures: Figures) -> None:
    unknown = {"model": "new", "cost": 0.0, "priced": False}
    found = stats(
        figures(
            entry(cost=1.0),
            entry(**unknown),
            entry(**unknown, time=NOON - HOUR),
            entry(**unknown, time=NOON - 3 * DAY),
            entry(**unknown, time=NOON - 9 * DAY, provider="far"),
            entry(**unknown, cached=True),
        ),
        Scene(),
        NOON,
    )
    assert found.costs.unpriced == Unpriced(1, 2, 3, 4)
    assert found.costs.month == 1.0
    assert found.cache.unpriced == 1
    assert found.costs.by_provider == (
        ProviderCost("openai", 1.0, 1.0, 5, False, 1.0, 3, 2),
        ProviderCost("far", requests=1, unpriced=1),
    )
    assert [(row.model, row.unpriced) for row in found.costs.by_model] == [
        ("openai:new", 3),
        ("openai:gpt-6-luna", 0),
        ("far:new", 1),
    ]
    assert [row.unpriced for row in found.costs.by_day[-4:]] == [1, 0, 0, 2]
    assert [row.unpriced for row in found.costs.by_hour[-2:]] == [1, 1]
    assert [row.priced for row in found.routes] == [False] * 5 + [True]


def test_uptime_is_the_share_of_calls_that_a_provider_answered(figures: Figures) -> None:
    found = stats(
        figures(
            entry(seconds=1.0, failed=("anthropic",)),
            entry(seconds=3.0),
            entry(seconds=9.0, cached=True),
            entry(status="overloaded", failed=("openai", "anthropic")),
            entry(status="unreachable", time=NOON - 2 * DAY),
            entry(status="context_too_long"),
            entry(status="bad_input"),
            entry(status="cancelled"),
        ),
        Scene(states={"anthropic": "left alone", "openai": "healthy", "local": "not installed"}),
        NOON,
    )
    assert found.providers == (
        ProviderStats("anthropic", "left alone", False, 0.0, None, 2),
        ProviderStats("openai", "healthy", False, pytest.approx(2 / 3), 2.0, 3),
        ProviderStats("local", "not installed", False, None, None, 0),
    )
    # Only failed over from: no question of its own this month.
    assert [row.provider for row in found.costs.by_provider] == ["openai"]


def test_routes_are_the_last_twenty(figures: Figures) -> None:
    entries = [entry(request_id=f"zk-{number}") for number in range(30)]
    routes = figures(*entries, entry(provider="", model="", status="no_model")).routes
    assert len(routes) == 20
    assert (routes[0].model, routes[0].status) == ("", "no_model")
    assert (routes[1].request_id, routes[1].model) == ("zk-29", "openai:gpt-6-luna")


def test_what_only_the_core_knows_is_added(figures: Figures) -> None:
    costs = Costs(hourly_limit=1.0, daily_limit=10.0, monthly_limit=100.0, warn=8.0)
    scene = Scene(CacheStats(True, 34, 66, 0.0, 12, 34567), costs, since=NOON - 60.0)
    found = stats(figures(entry(saved=2.8)), scene, NOON)
    assert found.cache == CacheStats(True, 34, 66, 0.34, 12, 34567, 2.8)
    assert (found.costs.hourly_limit, found.costs.daily_limit) == (1.0, 10.0)
    assert (found.costs.monthly_limit, found.costs.warn) == (100.0, 8.0)
    assert (found.uptime_s, found.since) == (60.0, NOON - 60.0)


def test_sums_are_those_of_the_entries(figures: Figures, database: sqlite3.Connection) -> None:
    entries = [
        entry(time=NOON - number * 1000, client=f"c{number % 3}", cost=number / 8)
        for number in range(200)
    ]
    figures(*entries[:77])
    figures(*entries[77:])
    for table in ("entries", "quarters"):
        total = database.execute(f"SELECT total(cost) FROM {table}").fetchone()[0]
        assert total == pytest.approx(sum(one.cost for one in entries))
    assert tables.total(database) == 200
