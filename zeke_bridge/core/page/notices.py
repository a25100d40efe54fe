"""What the page says before all else: a cost limit that is near or reached, a wrong configuration.

Pure. Knows what a limit does when it is reached from ``limits.spending``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zeke_bridge.config.ghostllm.schema import Costs
from zeke_bridge.core.limits.spending import verdict
from zeke_bridge.core.page import spelling
from zeke_bridge.core.records.spent import Spent
from zeke_bridge.model.stats import CostStats
from zeke_bridge.warden.escape import shorten

HIGH, CRITICAL = 0.80, 0.95
_HAIR = 1e-9
_MOST = 600


@dataclass(frozen=True, slots=True)
class Notice:
    """``tone`` is ``bad`` when something does not work now, ``warn`` when it soon will not."""

    tone: str
    title: str
    text: str


def notices(costs: CostStats, problem: str) -> tuple[Notice, ...]:
    """What there is to say, the worst first; ``problem`` is what is wrong with the configuration.

    Limits warn from 80 and 95 % on, and from where the user wanted to be warned.
    """
    said = [*_limits(costs)]
    if problem:
        text = f"{shorten(problem, _MOST)} Until it is right, the one that was read before counts."
        said.append(Notice("bad", "The configuration has a mistake", text))
    return tuple(sorted(said, key=lambda notice: notice.tone != "bad"))


def _limits(costs: CostStats) -> Iterator[Notice]:
    warn = costs.warn
    for name, kind, spent, limit in (
        ("day", "daily", costs.today, costs.daily_limit),
        ("month", "monthly", costs.month, costs.monthly_limit),
        ("hour", "hourly", costs.hour, costs.hourly_limit),
    ):
        if limit is None:
            continue
        # The first limit there is, is the one that the user wanted to be warned of.
        mark, warn = warn, None
        if notice := _limit(name, kind, spent, limit, mark):
            yield notice


def _limit(name: str, kind: str, spent: float, limit: float, mark: float | None) -> Notice | None:
    blocked = verdict(Costs(**{f"{kind}_limit": limit}), Spent(**{name: spent})).blocked
    if blocked:
        return Notice("bad", f"The {kind} cost limit is reached", blocked)
    share = spent / limit
    wished = mark is not None and 0 < mark <= spent
    if share < HIGH - _HAIR and not wished:
        return None
    text = (
        f"{spelling.price(spent)} of {spelling.price(limit)} are spent. At the limit, only what "
        "costs nothing is asked."
    )
    title = f"{spelling.percent(share)} of the {kind} cost limit"
    return Notice("near" if share >= CRITICAL - _HAIR else "warn", title, text)
