from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from tests.fakes import figures
from zeke_bridge.core.page.view import View
from zeke_bridge.core.page.view import view as full_view
from zeke_bridge.model.stats import (
    CacheStats,
    CostStats,
    DayCost,
    ModelCost,
    ProviderCost,
    ProviderStats,
    Stats,
    Unpriced,
)


def view(stats: Stats, problem: str = "") -> View:
    return full_view(stats, problem, figures.NOW, UTC)


def tile(stats: Stats, name: str) -> tuple[str, tuple[str, ...], str]:
    [found] = [row for row in view(stats).tiles if row.name == name]
    return found.value, found.lines, found.alarm


def test_the_tiles_of_a_usual_day() -> None:
    stats = figures.usual()
    assert tile(stats, "Requests today") == ("66", ("1,115 in all",), "2 failed")
    assert tile(stats, "Response time") == (
        "1.24 s",
        ("first token after 412 ms", "mean of the last 24 hours"),
        "",
    )
    assert tile(stats, "Cost today") == ("$2.46", ("$0.31 this hour", "$18.47 this week"), "")
    assert tile(stats, "Cost this month") == ("$51.25", ("$73.21 projected",), "")
    assert tile(stats, "Cache hits") == (
        "34%",
        ("34 of 100 since the start", "$2.80 saved this month", "12 answers kept, 34.6 KB"),
        "",
    )
    meters = [row.meter for row in view(stats).tiles]
    assert [meter and (meter.said, meter.tone) for meter in meters] == [
        None,
        None,
        ("49% of $5.00", ""),
        None,
        None,
    ]


def test_limits_and_a_cache_that_is_off_show_on_the_tiles() -> None:
    costs = CostStats(0.5, 4.2, 5.0, 99.0, 120.0, 1.0, 5.0, 100.0)
    stats = Stats(costs=costs, cache=CacheStats(enabled=False))
    assert tile(stats, "Cost today")[1][0] == "$0.50 this hour of $1.00"
    assert tile(stats, "Cache") == ("off", ("every question is asked anew",), "")
    meters = [row.meter for row in view(stats).tiles if row.meter]
    assert [(meter.said, meter.tone) for meter in meters] == [
        ("84% of $5.00", "warn"),
        ("99% of $100.00", "bad"),
    ]


def test_without_any_question_there_is_nothing_to_draw() -> None:
    page = view(Stats())
    assert page.empty
    assert page.running == "0 s"
    assert [row.value for row in page.tiles] == ["0", "–", "$0", "$0", "–"]
    assert page.providers == page.spending == page.models == page.routes == page.notices == ()
    assert all(row.rows == () for row in page.figures)


def test_figures_are_drawn_and_can_be_read() -> None:
    cost, requests, latency = view(figures.usual()).figures
    assert cost.labels == ("22 Oct", "6 Nov", "21 Nov")
    assert cost.about == "The last 31 days: $69.29."
    assert cost.note == "The dashed line is the daily limit of $5."
    assert cost.rows[0] == ("21 Nov", "$2.46")
    assert cost.chart.bars[-1].title == "21 Nov: $2.46"
    assert requests.rows[0] == ("21 Nov", "66")
    assert requests.about == "The last 31 days: 1,859 requests."
    assert latency.about == "The last 20 requests."
    assert latency.note == "Red: failed. Faint: from the cache, or left early."
    assert latency.labels == ("13:50:17", "14:32:05")
    assert latency.rows[0] == ("14:32:05", "anthropic:claude-sonnet-5-5", "1.84 s", "answered")
    assert {bar.look for bar in latency.chart.bars} == {"", "bad", "soft"}
    assert len(latency.chart.bars) == len(latency.rows) == 20


def test_providers_with_their_health_and_those_that_are_not_set_up() -> None:
    page = view(figures.usual())
    assert [(row.name, row.tone) for row in page.providers] == [
        ("anthropic", "good"),
        ("openai", "good"),
        ("google", "good"),
        ("groq", "bad"),
        ("ollama", "warn"),
        ("local", "good"),
    ]
    assert page.providers[3].state == "resting for 12 s after 5 failures in a row"
    first = page.providers[0]
    assert (first.requests, first.answered, first.average) == ("41", "99.8%", "2.21 s")
    assert [row.local for row in page.providers].count(True) == 1
    assert page.unset == "No key: xai, github."


def test_a_provider_that_lost_its_key_today_is_still_shown() -> None:
    rows = (
        ProviderStats("openai", "no key", requests=3),
        ProviderStats("xai", "no key"),
        ProviderStats("local", "not installed", True),
    )
    page = view(replace(figures.usual(), providers=rows))
    assert [(row.name, row.tone) for row in page.providers] == [("openai", "bad")]
    assert page.unset == "No key: xai. Not installed: local."


def test_money_by_provider_and_by_model() -> None:
    page = view(figures.usual())
    first = page.spending[0]
    assert (first.name, first.cost, first.said) == ("anthropic", "$26.65", "52%")
    assert [row.local for row in page.spending] == [False] * 5 + [True]
    assert [row.requests for row in page.models] == ["412", "268", "190", "134", "78", "33"]


def test_what_nobody_knows_the_price_of_is_not_free() -> None:
    usual = figures.usual()
    costs = CostStats(
        0.0,
        0.12,
        0.12,
        3.0,
        9.0,
        by_provider=(ProviderCost("far", unpriced=3), ProviderCost("near", 3.0, 1.0, unpriced=1)),
        by_model=tuple(ModelCost(f"far:m{at}", 0.0, 9, 0.05, 1) for at in range(20)),
        by_day=(DayCost("2026-11-20", 3.0, 2), DayCost("2026-11-21", 0.0, 3, 3)),
        unpriced=Unpriced(1, 1, 1, 2),
    )
    route = replace(usual.routes[0], cost=0.0, priced=False)
    cache = CacheStats(misses=1, unpriced=1)
    stats = replace(usual, costs=costs, cache=cache, routes=(route,))
    page = view(stats)
    assert [row.cost for row in page.spending] == ["unknown", "$3.00 + unknown"]
    assert {row.cost for row in page.models} == {"unknown"}
    assert page.routes[0].cost == "unknown"
    assert page.figures[0].about == "The last 2 days: $3.00 + unknown."
    assert page.figures[0].rows[0] == ("21 Nov", "unknown")
    assert tile(stats, "Cost today")[:2] == (
        "$0.12 + unknown",
        ("unknown this hour", "$0.12 + unknown this week"),
    )
    assert tile(stats, "Cost this month")[1] == ("$9.00 + unknown projected",)
    assert "unknown saved this month" in tile(stats, "Cache hits")[1]


def test_of_many_models_the_rest_is_one_row() -> None:
    rows = tuple(ModelCost(f"far:m{at}", 0.25, at, 0.05) for at in range(20))
    page = view(replace(figures.usual(), costs=CostStats(by_model=rows)))
    assert [row.name for row in page.models[:2]] == ["far:m19", "far:m18"]
    last = page.models[-1]
    assert (last.name, last.cost, last.requests, last.said) == ("8 more", "$2.00", "28", "40%")
    assert len(page.models) == 13


def test_routes_say_what_why_and_what_became_of_it() -> None:
    rows = view(figures.usual()).routes
    assert [(row.status, row.tone) for row in (rows[0], rows[3], rows[5], rows[8])] == [
        ("answered", "good"),
        ("from the cache", "quiet"),
        ("rate limited", "bad"),
        ("left early", "quiet"),
    ]
    row = rows[4]
    assert (row.when, row.task, row.model) == ("14:28:17", "quick", "openai:gpt-6-luna")
    assert row.reason.endswith("(resting for 12 s after 5 failures in a row).")
    assert (row.seconds, row.cost) == ("0.75 s", "$0.0003")
    assert row.iso == "2026-11-21T14:28:17+00:00"


def test_a_question_that_no_model_was_asked() -> None:
    stats = figures.usual()
    failed = replace(stats.routes[0], model="", status="cost_limit", cached=True)
    [row] = view(replace(stats, routes=(failed,))).routes
    assert (row.model, row.status, row.tone) == ("no model", "cost limit", "bad")


def test_long_names_are_cut_and_odd_letters_visible() -> None:
    stats = figures.usual()
    odd = replace(stats.routes[0], model="x" * 500, reason="a\u202eb\x00" + "y" * 999, task="\n")
    [row] = view(replace(stats, routes=(odd,))).routes
    assert len(row.model) < 110
    assert row.reason.startswith("a\\u{202e}b\\u{0}")
    assert len(row.reason) < 450
    assert row.task == "\\u{a}"


def test_figures_that_no_core_should_have_are_dashes() -> None:
    page = view(figures.odd())
    assert [row.value for row in page.tiles] == ["0", "–", "–", "–", "–"]
    assert page.providers[0].average == "–"
    assert (page.routes[0].when, page.routes[0].cost) == ("–", "–")
