"""The figures of a core as words, in the order in which the page shows them. Pure.

All that comes from outside (names, reasons, states) is made visible and cut to length here; the
template makes it HTML. Does not know HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from zeke_bridge.core.page import spelling
from zeke_bridge.core.page.chart import Chart, Point, bars
from zeke_bridge.core.page.notices import Notice, notices
from zeke_bridge.core.page.tiles import Tile, tiles
from zeke_bridge.core.records.entry import CANCELLED, OK
from zeke_bridge.core.routing.offer import NO_KEY
from zeke_bridge.model.stats import (
    CostStats,
    ModelCost,
    ProviderStats,
    RouteTaken,
    Stats,
)
from zeke_bridge.warden.escape import shorten

_NAME, _REASON = 80, 400
_MODELS = 12
_UNSET = frozenset({NO_KEY, "not installed"})
_SAID = {OK: "answered", CANCELLED: "left early"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its words. ``rows`` has the same figures, as ``columns`` names them."""

    key: str
    title: str
    about: str
    note: str
    chart: Chart
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Health:
    """One provider. ``tone`` is ``good``, ``warn`` or ``bad``."""

    name: str
    tone: str
    state: str
    local: bool
    answered: str
    average: str
    requests: str


@dataclass(frozen=True, slots=True)
class Part:
    """One provider or model in a whole; ``share`` in percent, for the bar and in words."""

    name: str
    local: bool
    cost: str
    requests: str
    share: float
    said: str


@dataclass(frozen=True, slots=True)
class Taken:
    """One question and where it went. ``tone`` is ``good``, ``quiet`` or ``bad``."""

    when: str
    iso: str
    task: str
    model: str
    reason: str
    tone: str
    status: str
    seconds: str
    cost: str


@dataclass(frozen=True, slots=True)
class View:
    """The whole page. ``unset`` names the providers that are known and not set up."""

    empty: bool
    as_of: str
    running: str
    notices: tuple[Notice, ...]
    tiles: tuple[Tile, ...]
    figures: tuple[Figure, ...]
    providers: tuple[Health, ...]
    unset: str
    spending: tuple[Part, ...]
    models: tuple[Part, ...]
    routes: tuple[Taken, ...]


def view(stats: Stats, problem: str, now: float, zone: tzinfo | None = None) -> View:
    """``stats`` at ``now``, as read in ``zone`` (None: the zone of this machine).

    ``problem`` is what is wrong with the configuration, else empty.
    """
    set_up = [row for row in stats.providers if row.requests or row.state not in _UNSET]
    unset = [row for row in stats.providers if row not in set_up]
    return View(
        empty=not stats.requests.total,
        as_of=spelling.clock(now, zone),
        running=spelling.lasting(stats.uptime_s),
        notices=notices(stats.costs, problem),
        tiles=tiles(stats),
        figures=(
            _cost_figure(stats.costs),
            _request_figure(stats.costs),
            _latency_figure(stats.routes, now, zone),
        ),
        providers=tuple(_health(row) for row in set_up),
        unset=_unset(unset),
        spending=_spending(stats.costs),
        models=_models(stats.costs.by_model),
        routes=tuple(_taken(row, now, zone) for row in stats.routes),
    )


def _cost_figure(costs: CostStats) -> Figure:
    days = [
        (_day(row.day), row.cost, spelling.price(row.cost, row.unpriced)) for row in costs.by_day
    ]
    unpriced = sum(row.unpriced for row in costs.by_day)
    total = spelling.price(sum(cost for _, cost, _ in days), unpriced)
    chart = bars([Point(*row) for row in days], spelling.round_money, costs.daily_limit)
    limit = chart.limit and f"The dashed line is the daily limit of {chart.limit.label}."
    return Figure(
        "cost",
        "Cost per day",
        f"The last {len(days)} days: {total}.",
        limit or "",
        chart,
        _ends([label for label, _, _ in days]),
        ("Day", "Cost"),
        tuple((label, said) for label, _, said in reversed(days)),
    )


def _request_figure(costs: CostStats) -> Figure:
    days = [
        (_day(row.day), float(row.requests), spelling.counted(row.requests, "request"))
        for row in costs.by_day
    ]
    total = spelling.counted(sum(row.requests for row in costs.by_day), "request")
    return Figure(
        "requests",
        "Requests per day",
        f"The last {len(days)} days: {total}.",
        "",
        bars([Point(*row) for row in days], _whole),
        _ends([label for label, _, _ in days]),
        ("Day", "Requests"),
        tuple((label, spelling.count(int(value))) for label, value, _ in reversed(days)),
    )


def _latency_figure(routes: Sequence[RouteTaken], now: float, zone: tzinfo | None) -> Figure:
    """How long the newest questions took, oldest left."""
    rows = [(row, _taken(row, now, zone)) for row in reversed(routes)]
    points = [
        Point(
            taken.when,
            row.seconds,
            f"{taken.model}, {spelling.pace(row.seconds)}, {taken.status}",
            {"bad": "bad", "quiet": "soft"}.get(taken.tone, ""),
        )
        for row, taken in rows
    ]
    tones = {taken.tone for _, taken in rows}
    red = "Red: failed." if "bad" in tones else ""
    faint = "Faint: from the cache, or left early." if "quiet" in tones else ""
    return Figure(
        "latency",
        "Response time",
        f"The last {spelling.counted(len(rows), 'request')}.",
        f"{red} {faint}".strip(),
        bars(points, _briefly),
        _ends([taken.when for _, taken in rows]),
        ("Time", "Model", "Took", "Result"),
        tuple(
            (taken.when, taken.model, spelling.pace(row.seconds), taken.status)
            for row, taken in reversed(rows)
        ),
    )


def _health(row: ProviderStats) -> Health:
    return Health(
        shorten(row.provider, _NAME),
        _tone(row.state),
        shorten(row.state, _NAME),
        row.local,
        spelling.percent(row.uptime),
        spelling.seconds(row.average_s),
        spelling.count(row.requests),
    )


def _tone(state: str) -> str:
    if state == "healthy":
        return "good"
    return "warn" if state.endswith(" endpoints") else "bad"


def _unset(rows: Sequence[ProviderStats]) -> str:
    """In words: ``No key: openai, google. Not installed: local.``."""
    names: dict[str, list[str]] = {}
    for row in rows:
        names.setdefault(row.state, []).append(shorten(row.provider, _NAME))
    return " ".join(f"{state.capitalize()}: {', '.join(n)}." for state, n in names.items())


def _spending(costs: CostStats) -> tuple[Part, ...]:
    return tuple(
        Part(
            shorten(row.provider, _NAME),
            row.local,
            spelling.money(row.cost, unpriced=row.unpriced),
            spelling.count(row.requests),
            _share(row.share),
            spelling.percent(row.share),
        )
        for row in costs.by_provider
    )


def _models(rows: Sequence[ModelCost]) -> tuple[Part, ...]:
    """The models most asked, the rest of them in one row."""
    most = sorted(rows, key=lambda row: -row.requests)
    shown, rest = most[:_MODELS], most[_MODELS:]
    named = [(shorten(row.model, _NAME), row) for row in shown]
    if rest:
        together = ModelCost(
            "",
            sum(row.cost for row in rest),
            sum(row.requests for row in rest),
            sum(row.share for row in rest),
            sum(row.unpriced for row in rest),
        )
        named.append((f"{len(rest)} more", together))
    return tuple(
        Part(
            name,
            False,
            spelling.money(row.cost, unpriced=row.unpriced),
            spelling.count(row.requests),
            _share(row.share),
            spelling.percent(row.share),
        )
        for name, row in named
    )


def _taken(row: RouteTaken, now: float, zone: tzinfo | None) -> Taken:
    failed = row.status not in _SAID
    said = _SAID.get(row.status) or shorten(row.status.replace("_", " "), _NAME)
    kept = row.cached and not failed
    return Taken(
        spelling.moment(row.time, now, zone),
        spelling.iso(row.time, zone),
        shorten(row.task.replace("_", " "), _NAME),
        shorten(row.model, _NAME) or "no model",
        shorten(row.reason, _REASON),
        "bad" if failed else "quiet" if kept or row.status == CANCELLED else "good",
        "from the cache" if kept else said,
        spelling.seconds(row.seconds),
        spelling.money(row.cost, 4, unpriced=not row.priced),
    )


def _day(iso: str) -> str:
    return shorten(spelling.day(iso), _NAME)


def _ends(labels: Sequence[str]) -> tuple[str, ...]:
    """The first, the middle one if it stands in the middle, and the last."""
    if len(labels) < 3:
        return tuple(labels)
    middle = (labels[len(labels) // 2],) if len(labels) % 2 and len(labels) > 6 else ()
    return (labels[0], *middle, labels[-1])


def _share(share: float) -> float:
    """In percent, as wide as a bar can be."""
    return min(100.0, max(0.0, share * 100)) if share == share else 0.0  # noqa: PLR0124


def _whole(value: float) -> str:
    """On an axis: counts have no halves."""
    return spelling.count(int(value)) if value == int(value) else ""


def _briefly(value: float) -> str:
    """On an axis of seconds."""
    return f"{value * 1000:g} ms" if 0 < value < 1 else f"{value:g} s"
