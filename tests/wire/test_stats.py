"""``GET /stats`` and back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from zeke_bridge.model.errors import BadAnswerError
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
from zeke_bridge.wire.stats import read_stats, stats_body, stats_schema

FULL = Stats(
    RequestStats(127, 1247, 3),
    1.2,
    0.4,
    CacheStats(True, 34, 66, 0.34, 12, 34567, 2.8),
    CostStats(
        0.1,
        3.2,
        18.5,
        67.3,
        89.4,
        None,
        10.0,
        None,
        8.0,
        (ProviderCost("openai", 45.2, 0.67, 80, False, 3.2, 2, 1),),
        (ModelCost("openai:gpt-6-luna", 3.2, 57, 0.45),),
        (DayCost("2026-11-21", 3.2, 127),),
        (HourCost(1.7e9, 0.1, 4, 1.5), HourCost(1.7e9 + 3600)),
        Unpriced(0, 1, 1, 2),
    ),
    (ProviderStats("openai", "healthy", False, 0.998, 0.245, 80),),
    (RouteTaken(1.7e9, "zk-1", "explain", "a:m", "why", "ok", 1.1, 0.002, False),),
    1234.5,
    1.7e9,
)
NUMBERS = st.floats(0, 1e9) | st.none()


def through_json(stats: Stats) -> Any:
    return json.loads(json.dumps(stats_body(stats)))


@pytest.mark.parametrize("stats", [Stats(), FULL])
def test_there_and_back(stats: Stats) -> None:
    assert read_stats(through_json(stats)) == stats


@given(st.builds(Stats, average_response_s=NUMBERS, costs=st.builds(CostStats)))
def test_any_figures_come_back(stats: Stats) -> None:
    assert read_stats(through_json(stats)) == stats


def test_the_names_are_those_that_readers_know() -> None:
    body = through_json(FULL)
    assert body["requests"] == {"today": 127, "total": 1247, "errors_today": 3}
    assert body["costs"]["by_provider"] == [
        {
            "provider": "openai",
            "cost": 45.2,
            "share": 0.67,
            "requests": 80,
            "local": False,
            "today": 3.2,
            "unpriced": 2,
            "unpriced_today": 1,
        }
    ]
    assert body["providers"][0]["uptime"] == 0.998
    assert body["costs"]["hourly_limit"] is None
    assert body["costs"]["unpriced"] == {"hour": 0, "today": 1, "week": 1, "month": 2}
    assert body["routes"][0]["priced"] is True


def test_the_body_is_of_its_schema() -> None:
    schema = stats_schema()
    definitions = {"components": {"schemas": schema.pop("$defs")}}
    Draft202012Validator(schema | definitions).validate(through_json(FULL))


def test_a_newer_core_is_understood() -> None:
    body = through_json(FULL) | {"new": 1}
    body["costs"]["new"] = {}
    del body["cache"]["bytes"], body["routes"]
    stats = read_stats(body)
    assert stats.costs == FULL.costs
    assert stats.routes == ()
    assert stats.cache.bytes == 0


def test_an_older_core_has_no_hours() -> None:
    body = through_json(FULL)
    del body["costs"]["by_hour"], body["costs"]["by_provider"][0]["today"]
    del body["costs"]["unpriced"], body["costs"]["by_provider"][0]["unpriced"]
    del body["routes"][0]["priced"]
    assert read_stats(body).routes == FULL.routes
    costs = read_stats(body).costs
    assert costs.unpriced == Unpriced()
    assert costs.by_hour == ()
    assert costs.by_provider[0].today == 0.0


@pytest.mark.parametrize(
    "body", [None, [], "x", {"requests": 5}, {"costs": {"by_day": [{"day": 1}]}}]
)
def test_nonsense_is_named_and_not_quoted(body: Any) -> None:
    with pytest.raises(BadAnswerError, match="make no sense"):
        read_stats(body)
