"""The five figures at the top: requests, response time, cost of the day and month, cache. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zeke_bridge.core.page import spelling
from zeke_bridge.core.page.notices import CRITICAL, HIGH
from zeke_bridge.model.stats import CacheStats, CostStats, RequestStats, Stats


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a limit is gone, in percent of its bar; ``tone`` is ``warn`` when it is near."""

    share: float
    said: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure with what explains it. ``alarm`` is a line that should not be overlooked."""

    name: str
    value: str
    lines: tuple[str, ...] = ()
    alarm: str = ""
    meter: Meter | None = None


def tiles(stats: Stats) -> tuple[Tile, ...]:
    """The tiles, left to right."""
    costs = stats.costs
    return (
        _requests(stats.requests),
        _time(stats),
        _today(costs),
        _month(costs),
        _cache(stats.cache),
    )


def _requests(requests: RequestStats) -> Tile:
    failed = requests.errors_today
    return Tile(
        "Requests today",
        spelling.count(requests.today),
        (f"{spelling.count(requests.total)} in all",),
        f"{spelling.count(failed)} failed" if failed else "",
    )


def _time(stats: Stats) -> Tile:
    first = stats.average_first_token_s
    lines = (f"first token after {spelling.pace(first)}",) if first is not None else ()
    return Tile(
        "Response time",
        spelling.pace(stats.average_response_s),
        (*lines, "mean of the last 24 hours"),
    )


def _today(costs: CostStats) -> Tile:
    unknown = costs.unpriced
    hour = f"{spelling.price(costs.hour, unknown.hour)} this hour"
    if costs.hourly_limit is not None:
        hour += f" of {spelling.price(costs.hourly_limit)}"
    return Tile(
        "Cost today",
        spelling.price(costs.today, unknown.today),
        (hour, f"{spelling.price(costs.week, unknown.week)} this week"),
        meter=_meter(costs.today, costs.daily_limit),
    )


def _month(costs: CostStats) -> Tile:
    unknown = costs.unpriced.month
    return Tile(
        "Cost this month",
        spelling.price(costs.month, unknown),
        (f"{spelling.price(costs.projected_month, unknown)} projected",),
        meter=_meter(costs.month, costs.monthly_limit),
    )


def _cache(cache: CacheStats) -> Tile:
    if not cache.enabled:
        return Tile("Cache", "off", ("every question is asked anew",))
    looked = cache.hits + cache.misses
    return Tile(
        "Cache hits",
        spelling.percent(cache.hit_rate if looked else None),
        (
            f"{spelling.count(cache.hits)} of {spelling.count(looked)} since the start"
            if looked
            else "nothing asked since the start",
            f"{spelling.price(cache.savings, cache.unpriced)} saved this month",
            f"{spelling.counted(cache.entries, 'answer')} kept, {spelling.size(cache.bytes)}",
        ),
    )


def _meter(spent: float, limit: float | None) -> Meter | None:
    if limit is None:
        return None
    share = spent / limit if limit > 0 else 1.0
    if not math.isfinite(share):
        return None
    tone = "bad" if share >= CRITICAL else "warn" if share >= HIGH else ""
    said = f"{spelling.percent(share)} of {spelling.price(limit)}"
    return Meter(min(100.0, max(0.0, share * 100)), said, tone)
