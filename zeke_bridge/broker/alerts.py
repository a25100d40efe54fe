"""When to say that a cost limit is near: each mark once in a period. Pure.

Knows what receipts say of a limit (``Budget``), not where they come from nor who is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zeke_bridge.model.exchange import Budget

Level = Literal["notice", "warning", "critical"]

HIGH, CRITICAL = 0.80, 0.95
# Answers overtake each other: only a fall by more than this share of the limit is a new period.
_JITTER = 0.01
# 0.8 of a limit is often not quite that in binary.
_HAIR = 1e-9


@dataclass(frozen=True, slots=True)
class Alert:
    """A mark was passed. Money in US dollars; ``percent`` is spent of the limit."""

    period: str
    spent: float
    limit: float
    percent: int
    level: Level


@dataclass(slots=True)
class _Watched:
    spent: float = 0.0
    told: float = 0.0
    """The highest mark that was told of, as a share of the limit."""


class CostAlerts:
    """Remembers which marks were passed, for each core, period and limit."""

    def __init__(self) -> None:
        self._watched: dict[tuple[str, str, float], _Watched] = {}

    def passed(self, core: str, budget: Budget) -> Alert | None:
        """The alert that ``budget`` of ``core`` gives rise to, if any."""
        limit, spent = budget.limit, budget.spent
        if not limit > 0 or not spent >= 0:
            return None
        watched = self._watched.setdefault((core, budget.period, limit), _Watched())
        if spent < watched.spent - _JITTER * limit:
            watched.told = 0.0
            watched.spent = spent
        watched.spent = max(spent, watched.spent)
        marks = (HIGH, CRITICAL, *((budget.warn / limit,) if 0 < budget.warn < limit else ()))
        mark = max((one for one in marks if spent >= (one - _HAIR) * limit), default=0.0)
        if mark <= watched.told:
            return None
        watched.told = mark
        share = spent / limit
        return Alert(budget.period, spent, limit, int(share * 100 + _HAIR), _level(share))


def _level(share: float) -> Level:
    if share >= CRITICAL - _HAIR:
        return "critical"
    return "warning" if share >= HIGH - _HAIR else "notice"
