"""The figures of a running core: what its book says, and what only it knows."""

from __future__ import annotations

import time

from zeke_bridge.core.metrics import Sight
from zeke_bridge.core.records.report import Scene, stats
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.model.exchange import Budget
from zeke_bridge.model.stats import CacheStats, Stats


def sight(relay: Relay) -> Sight:
    """What ``GET /metrics`` reads off at the moment of asking."""
    held, costs = relay.state.cache.figures(), relay.config.costs
    spent = relay.state.book.spent(time.time())
    limits = (
        ("hour", spent.hour, costs.hourly_limit),
        ("day", spent.day, costs.daily_limit),
        ("month", spent.month, costs.monthly_limit),
    )
    budgets = tuple(Budget(name, gone, most) for name, gone, most in limits if most is not None)
    up = {name: state == "healthy" for name, state in relay.states().items()}
    return Sight(up, budgets, held.hits, held.misses)


async def report(relay: Relay, since: float) -> Stats:
    """The figures of ``relay``, which began at ``since`` (seconds since the epoch)."""
    now, state, config = time.time(), relay.state, relay.config
    held = state.cache.figures()
    cache = CacheStats(
        config.caching.enabled,
        held.hits,
        held.misses,
        entries=held.entries,
        bytes=held.bytes,
    )
    local = relay.setup.here()
    scene = Scene(cache, config.costs, relay.states(), local, since)
    return stats(await state.book.report(now), scene, now)
