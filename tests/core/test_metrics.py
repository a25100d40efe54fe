"""What Prometheus reads."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.core.records.entries import entry
from zeke_bridge.core import metrics as metrics_module
from zeke_bridge.core.metrics import CONTENT_TYPE, Metrics, Sight
from zeke_bridge.model.exchange import Budget, Usage

OPENAI = {"provider": "openai", "model": "gpt-6-luna"}


def value(metrics: Metrics, name: str, sight: Sight | None = None, **labels: str) -> float | None:
    """The sample with that name and those labels; None when there is none."""
    for family in text_string_to_metric_families(metrics.render(sight).decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def test_a_question_is_counted_with_what_it_took() -> None:
    metrics = Metrics()
    metrics.observe(entry(usage=Usage(10, 5, 15, 4, 2, 1), cost=0.25, seconds=2.0))
    metrics.observe(entry(usage=Usage(10, 5, 15), cost=0.25, seconds=2.0, first_token=None))
    asked = {**OPENAI, "task": "chat", "status": "ok"}
    assert value(metrics, "ghostllm_requests_total", **asked) == 2
    assert value(metrics, "ghostllm_cost_usd_total", **OPENAI) == 0.5
    for kind, count in (("prompt", 20), ("completion", 10), ("cached", 4), ("reasoning", 1)):
        assert value(metrics, "ghostllm_tokens_total", **OPENAI, kind=kind) == count
    assert value(metrics, "ghostllm_request_duration_seconds_count", **OPENAI) == 2
    assert value(metrics, "ghostllm_request_duration_seconds_sum", **OPENAI) == 4.0
    assert value(metrics, "ghostllm_request_duration_seconds_bucket", **OPENAI, le="1.0") == 0
    assert value(metrics, "ghostllm_request_duration_seconds_bucket", **OPENAI, le="2.5") == 2
    assert value(metrics, "ghostllm_first_token_seconds_count", **OPENAI) == 1


def test_an_error_is_counted_and_not_timed() -> None:
    metrics = Metrics()
    metrics.observe(entry(status="overloaded", usage=Usage(), cost=0.0))
    asked = {**OPENAI, "task": "chat", "status": "overloaded"}
    assert value(metrics, "ghostllm_requests_total", **asked) == 1
    assert value(metrics, "ghostllm_request_duration_seconds_count", **OPENAI) is None


def test_what_was_kept_costs_no_tokens_and_saves() -> None:
    metrics = Metrics()
    metrics.observe(entry(cached=True, cost=0.0, saved=0.5))
    asked = {**OPENAI, "task": "chat", "status": "ok"}
    assert value(metrics, "ghostllm_requests_total", **asked) == 1
    assert value(metrics, "ghostllm_tokens_total", **OPENAI, kind="prompt") is None
    assert value(metrics, "ghostllm_cache_saved_usd_total") == 0.5


def test_what_runs_is_shown_while_it_runs() -> None:
    metrics = Metrics()
    with metrics.running(), metrics.running():
        assert value(metrics, "ghostllm_requests_in_flight") == 2
    with pytest.raises(ValueError, match="x"), metrics.running():
        raise ValueError("x")
    assert value(metrics, "ghostllm_requests_in_flight") == 0


def test_what_is_seen_at_the_moment() -> None:
    metrics = Metrics()
    budgets = (Budget("day", 3.0, 10.0), Budget("hour", 2.0, 1.0))
    sight = Sight({"openai": True, "xai": False}, budgets, 34, 66)
    assert value(metrics, "ghostllm_provider_up", sight, provider="openai") == 1
    assert value(metrics, "ghostllm_provider_up", sight, provider="xai") == 0
    assert value(metrics, "ghostllm_budget_remaining_usd", sight, period="day") == 7.0
    assert value(metrics, "ghostllm_budget_remaining_usd", sight, period="hour") == 0.0
    assert value(metrics, "ghostllm_cache_hits_total", sight) == 34
    assert value(metrics, "ghostllm_cache_misses_total", sight) == 66
    assert value(metrics, "ghostllm_provider_up", provider="openai") is None


@pytest.mark.parametrize("changes", [{"task": "made-up"}, {"task": "x" * 500}])
def test_words_of_clients_make_no_series(changes: Mapping[str, str]) -> None:
    metrics = Metrics()
    metrics.observe(entry(**changes))
    asked = {**OPENAI, "task": "other", "status": "ok"}
    assert value(metrics, "ghostllm_requests_total", **asked) == 1


def test_models_without_end_make_no_series_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_module, "_MOST", 5)
    metrics = Metrics()
    for number in range(20):
        metrics.observe(entry(model=f"m{number}"))
    asked = {"provider": "openai", "model": "other", "task": "chat", "status": "ok"}
    assert value(metrics, "ghostllm_requests_total", **asked) == 15


def test_labels_are_escaped() -> None:
    metrics = Metrics()
    metrics.observe(entry(model='a"b\\c\nd'))
    labels = {"provider": "openai", "model": 'a"b\\c\nd', "task": "chat", "status": "ok"}
    assert value(metrics, "ghostllm_requests_total", **labels) == 1


def test_each_core_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.observe(entry(saved=1.0, cached=True))
    assert value(other, "ghostllm_cache_saved_usd_total") == 0
    assert b"_created" not in one.render()
    assert CONTENT_TYPE.startswith("text/plain")
