"""Figures of cores that never ran: a usual one, one with much of everything, one with nothing."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from zeke_bridge.model.stats import (
    CacheStats,
    CostStats,
    DayCost,
    ModelCost,
    ProviderCost,
    ProviderStats,
    RequestStats,
    RouteTaken,
    Stats,
)

NOW = datetime(2026, 11, 21, 14, 32, 5, tzinfo=UTC).timestamp()
_DAYS = (
    3,
    5,
    4,
    0,
    0,
    6,
    7,
    5,
    8,
    6,
    1,
    0,
    7,
    9,
    8,
    6,
    7,
    0,
    0,
    8,
    9,
    7,
    10,
    8,
    2,
    0,
    9,
    11,
    8,
    9,
    6,
)
_NAMES = ("anthropic", "openai", "google", "groq", "ollama", "local")
_SHARES = (0.52, 0.31, 0.12, 0.05, 0.0, 0.0)
_MODELS = (
    ("anthropic:claude-sonnet-5-5", 24.31, 412, 0.37),
    ("openai:gpt-6-luna", 9.12, 268, 0.24),
    ("anthropic:claude-haiku-5-5", 10.63, 190, 0.17),
    ("local:qwen2.5-coder-0.5b", 0.0, 134, 0.12),
    ("google:gemini-3.8-flash", 8.05, 78, 0.07),
    ("groq:openai/gpt-oss-120b", 3.36, 33, 0.03),
)
_BUILT_IN = "{0} is number {1} in the built-in order for {2}."
_ROUTES = (
    ("explain", 0, _BUILT_IN.format("anthropic", 1, "explain"), "ok", 1.84, 0.0042, False),
    ("completion", 3, "local is number 1 in your order of providers.", "ok", 0.41, 0.0, False),
    ("edit", 0, _BUILT_IN.format("anthropic", 1, "edit"), "ok", 3.92, 0.0187, False),
    ("explain", 0, _BUILT_IN.format("anthropic", 1, "explain"), "ok", 0.0, 0.0, True),
    (
        "quick",
        1,
        "openai is number 2 in the built-in order for quick. Passed over: groq:openai/gpt-oss-20b "
        "(resting for 12 s after 5 failures in a row).",
        "ok",
        0.66,
        0.0003,
        False,
    ),
    ("quick", 5, _BUILT_IN.format("groq", 1, "quick"), "rate_limited", 0.12, 0.0, False),
    ("analyze", 4, "Your rule for analyze names it.", "ok", 2.75, 0.0091, False),
    ("chat", 2, "You asked for this model.", "ok", 1.12, 0.0009, False),
    ("chat", 1, "You asked for this model.", "cancelled", 5.3, 0.0021, False),
    ("completion", 3, "local is number 1 in your order of providers.", "ok", 0.38, 0.0, False),
)


def usual() -> Stats:
    """A person's core in the third week of a month."""
    today = date(2026, 11, 21)
    days = tuple(
        DayCost((today - timedelta(days=30 - at)).isoformat(), round(size * 0.41, 2), size * 11)
        for at, size in enumerate(_DAYS)
    )
    month = sum(row.cost for row in days[-21:])
    return Stats(
        RequestStats(66, 1115, 2),
        1.243,
        0.412,
        CacheStats(True, 34, 66, 0.34, 12, 34_567, 2.8),
        CostStats(
            0.31,
            2.46,
            18.47,
            month,
            month / 21 * 30,
            daily_limit=5.0,
            by_provider=tuple(
                ProviderCost(
                    name, month * share, share, int(820 * (share or 0.08)), name == "local"
                )
                for name, share in zip(_NAMES, _SHARES, strict=True)
            ),
            by_model=tuple(ModelCost(*row) for row in _MODELS),
            by_day=days,
        ),
        (
            ProviderStats("anthropic", "healthy", False, 0.998, 2.213, 41),
            ProviderStats("openai", "healthy", False, 1.0, 0.871, 24),
            ProviderStats("google", "healthy", False, 1.0, 1.324, 8),
            ProviderStats(
                "groq", "resting for 12 s after 5 failures in a row", False, 0.62, 0.213, 13
            ),
            ProviderStats("ollama", "1 of 2 endpoints", False, 0.97, 1.951, 33),
            ProviderStats("local", "healthy", True, 1.0, 0.402, 12),
            ProviderStats("xai", "no key"),
            ProviderStats("github", "no key"),
        ),
        tuple(
            RouteTaken(
                NOW - 37 * at - 5 * at * at,
                f"zk-{at:04}",
                task,
                _MODELS[model][0],
                reason,
                status,
                seconds * (1 + at % 3 / 7),
                cost,
                cached,
            )
            for at, (task, model, reason, status, seconds, cost, cached) in enumerate(_ROUTES * 2)
        ),
        190_325.0,
        NOW - 190_325,
    )


def crowd() -> Stats:
    """Twenty providers with long names, a limit that is reached, and figures out of the way."""
    stats = usual()
    names = [f"provider-number-{at}-with-a-name-{'long' * 9}" for at in range(20)]
    costs = tuple(
        ProviderCost(name, 9876.5 / 2**at, 2.0**-at / 2, 10**at % 97)
        for at, name in enumerate(names)
    )
    health = tuple(
        ProviderStats(
            name,
            ("healthy", "unreachable", "2 of 9 endpoints")[at % 3],
            False,
            at / 20,
            at * 7.3,
            at,
        )
        for at, name in enumerate(names)
    )
    models = tuple(ModelCost(f"{name}:model", 1.5, 900 - at, 0.05) for at, name in enumerate(names))
    routes = tuple(
        replace(
            row, model=f"{names[0]}:{'x' * 60}", task="code_completion" * 4, reason=row.reason * 9
        )
        for row in stats.routes
    )
    spent = replace(
        stats.costs,
        today=1234567.891,
        daily_limit=1000.0,
        monthly_limit=1e9,
        by_provider=costs,
        by_model=models,
    )
    return replace(stats, costs=spent, providers=health, routes=routes)


def odd() -> Stats:
    """Figures that no core should have."""
    no = math.nan
    return Stats(
        average_response_s=math.inf,
        cache=CacheStats(hit_rate=no, misses=1),
        costs=CostStats(no, no, -1.0, math.inf, 1e300, 0.0, 0.0, by_day=(DayCost("soon", no, -3),)),
        providers=(ProviderStats("", "", uptime=no, average_s=-1.0, requests=1),),
        routes=(RouteTaken(1e300, "", "", "", "", "", no, no, True),),
        uptime_s=-5.0,
        since=no,
    )
