"""What Prometheus reads: counts of questions, tokens, money and seconds since the core began.

The text is https://prometheus.io/docs/instrumenting/exposition_formats/. Each core has a registry
of its own. Words that a client makes up do not become series without end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, Gauge, Histogram
from prometheus_client import Counter as PrometheusCounter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.registry import Collector

from zeke_bridge.config.catalog import catalog
from zeke_bridge.core.records.entry import Entry
from zeke_bridge.model.exchange import Budget

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
OTHER = "other"
_MOST = 200
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
_MODEL = ("provider", "model")

Row = tuple[MetricWrapperBase, tuple[str, ...]]
"""A metric and its labels, of which there are few: see ``_pair``."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is read off at the moment of asking: who is up, what is left, what the cache did."""

    up: Mapping[str, bool] = field(default_factory=dict)
    budgets: tuple[Budget, ...] = ()
    hits: int = 0
    misses: int = 0


class Metrics:
    """The counters of one core."""

    def __init__(self) -> None:
        self._registry = registry = _Registry()
        self._sight = _Sighted()
        registry.register(self._sight)
        self._pairs: set[tuple[str, str]] = set()
        self._rows: dict[Row, Any] = {}
        self._requests = _counter(
            "requests",
            "Questions asked, by what became of them",
            (*_MODEL, "task", "status"),
            registry,
        )
        self._tokens = _counter(
            "tokens", "Tokens as the provider counted them", (*_MODEL, "kind"), registry
        )
        self._cost = _counter("cost_usd", "US dollars spent", _MODEL, registry)
        self._saved = _counter("cache_saved_usd", "US dollars saved by the cache", (), registry)
        self._seconds = _histogram(
            "request_duration_seconds", "Seconds from a question to the end of its answer", registry
        )
        self._first = _histogram(
            "first_token_seconds", "Seconds from a question to the first of its answer", registry
        )
        running = Gauge(
            "ghostllm_requests_in_flight", "Questions that are being answered", registry=registry
        )
        self._rising = Rising()
        running.set_function(lambda: self._rising.count)

    def running(self) -> Rising:
        """While entered, one more question is being answered."""
        return self._rising

    def observe(self, entry: Entry) -> None:
        """Count what became of one question."""
        pair = self._pair(entry)
        task = catalog().task(entry.task) or OTHER
        self._row(self._requests, *pair, task, entry.status).inc()
        if entry.cached:
            self._saved.inc(max(0.0, entry.saved))
            return
        usage = entry.usage
        for kind, count in (
            ("prompt", usage.prompt_tokens),
            ("completion", usage.completion_tokens),
            ("cached", usage.cached_tokens),
            ("cache_write", usage.cache_write_tokens),
            ("reasoning", usage.reasoning_tokens),
        ):
            if count > 0:
                self._row(self._tokens, *pair, kind).inc(count)
        if entry.cost > 0:
            self._row(self._cost, *pair).inc(entry.cost)
        if entry.broke or not entry.provider:
            return
        self._row(self._seconds, *pair).observe(entry.seconds)
        if entry.first_token is not None:
            self._row(self._first, *pair).observe(entry.first_token)

    def render(self, sight: Sight | None = None) -> bytes:
        """Everything, as text of the type ``CONTENT_TYPE``."""
        self._sight.sight = sight or Sight()
        return generate_latest(self._registry)

    def _row(self, of: MetricWrapperBase, *labels: str) -> Any:
        """The row of a metric with these labels. The library takes long to find one."""
        row = self._rows.get((of, labels))
        if row is None:
            row = self._rows[of, labels] = of.labels(*labels)
        return row

    def _pair(self, entry: Entry) -> tuple[str, str]:
        pair = (entry.provider, entry.model)
        if pair not in self._pairs:
            if len(self._pairs) >= _MOST:
                return entry.provider, OTHER
            self._pairs.add(pair)
        return pair


class Rising:
    """Counts those that have entered and not left."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *_: object) -> None:
        self.count -= 1


class _Registry(CollectorRegistry):
    """A registry without the ``_created`` series, which double everything and nobody plots."""

    def collect(self) -> Iterator[Metric]:
        """The series."""
        for metric in super().collect():
            metric.samples = [one for one in metric.samples if not one.name.endswith("_created")]
            yield metric


class _Sighted(Collector):
    """Gives what ``Metrics.render`` was told."""

    def __init__(self) -> None:
        self.sight = Sight()

    def collect(self) -> Iterable[Metric]:
        """The series, as the registry asks for them."""
        sight = self.sight
        yield CounterMetricFamily("ghostllm_cache_hits", "Answers from the cache", sight.hits)
        yield CounterMetricFamily("ghostllm_cache_misses", "Looked for, not there", sight.misses)
        up = GaugeMetricFamily("ghostllm_provider_up", "1 when healthy", labels=["provider"])
        for provider, healthy in sight.up.items():
            up.add_metric([provider], float(healthy))
        yield up
        left = GaugeMetricFamily(
            "ghostllm_budget_remaining_usd", "US dollars left", labels=["period"]
        )
        for budget in sight.budgets:
            left.add_metric([budget.period], max(0.0, budget.limit - budget.spent))
        yield left


def _counter(
    name: str, words: str, labels: Iterable[str], registry: CollectorRegistry
) -> PrometheusCounter:
    return PrometheusCounter(f"ghostllm_{name}", words, tuple(labels), registry=registry)


def _histogram(name: str, words: str, registry: CollectorRegistry) -> Histogram:
    return Histogram(f"ghostllm_{name}", words, _MODEL, buckets=_SECONDS, registry=registry)
