"""Whether anything that costs may still be asked, for the core and for one client. Pure.

What was spent comes from outside, by hour, day and month of the calendar.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from zeke_bridge.config.ghostllm.schema import Costs
from zeke_bridge.core.access.clients import Client
from zeke_bridge.model.exchange import Budget

_NEXT = {"hour": "the next hour", "day": "tomorrow", "month": "the next month"}
_KIND = {"hour": "hourly", "day": "daily", "month": "monthly"}


def _nothing(_client: str | None) -> float:
    return 0.0


class Spent(Protocol):
    """US dollars spent in this hour, on this day, in this month."""

    @property
    def hour(self) -> float:
        """Since the clock last struck."""

    @property
    def day(self) -> float:
        """Since midnight."""

    @property
    def month(self) -> float:
        """Since the first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``blocked`` says why nothing that costs may be asked, empty when it may.

    ``soon`` says that only what runs stands in the way, which may cost less than it might.
    ``budget`` is the limit that is nearest to its end, None when there is no limit.
    """

    blocked: str = ""
    budget: Budget | None = None
    soon: bool = False


_FREE = Standing()


def verdict(costs: Costs, spent: Spent, whose: str = "", running: float = 0.0) -> Standing:
    """How ``spent`` stands to the limits of ``costs``; ``whose`` names them, if not the core's.

    ``running`` is what questions may cost that are still being answered.
    """
    limits = (
        ("month", spent.month, costs.monthly_limit),
        ("day", spent.day, costs.daily_limit),
        ("hour", spent.hour, costs.hourly_limit),
    )
    budgets = [Budget(name, gone, most) for name, gone, most in limits if most is not None]
    if not budgets:
        return Standing()
    # The longest period first: the block that lasts is the one to speak of.
    reached = next((budget for budget in budgets if _used(budget) >= 1), None)
    near = next((budget for budget in budgets if _used(budget, running) >= 1), None)
    nearest = reached or max(budgets, key=_used)
    if costs.warn is not None and nearest.period == _warned(budgets):
        nearest = replace(nearest, warn=costs.warn)
    if reached is None and near is not None:
        return Standing(_soon(near, whose), nearest, soon=True)
    return Standing(_sentence(reached, whose) if reached else "", nearest)


def together(*standings: Standing) -> Standing:
    """One of several: the first that blocks, for long if any does; else the nearest to a limit."""
    for standing in sorted(standings, key=lambda one: one.soon):
        if standing.blocked:
            return standing
    limited = [standing for standing in standings if standing.budget is not None]
    return max(limited, key=lambda s: _used(s.budget) if s.budget else 0.0, default=Standing())


def standing(
    costs: Costs,
    client: Client,
    now: float,
    spent: Callable[[float], Spent],
    spent_by: Callable[[str, float], Spent],
    *,
    running: Callable[[str | None], float] = _nothing,
) -> Standing:
    """Whether ``client`` may ask what costs, by the core's limits and by its own.

    ``spent(now)`` is what all have spent, ``spent_by(client.id, now)`` what this one has; each is
    asked only when there is a limit. ``running`` is what questions of one client, or of all (None),
    may cost that are still being answered.
    """
    ours = verdict(costs, spent(now), running=running(None)) if _limited(costs) else _FREE
    if client.daily_limit is client.monthly_limit is None:
        return ours
    own = Costs(daily_limit=client.daily_limit, monthly_limit=client.monthly_limit)
    its = verdict(own, spent_by(client.id, now), client.name, running(client.id))
    return together(its, ours)


def limited(costs: Costs, client: Client) -> bool:
    """Whether there is a limit to what ``client`` may cost."""
    return _limited(costs) or not (client.daily_limit is client.monthly_limit is None)


def _limited(costs: Costs) -> bool:
    return not (costs.hourly_limit is costs.daily_limit is costs.monthly_limit is None)


def _used(budget: Budget, running: float = 0.0) -> float:
    """How much of it is gone, or may soon be; 1 for all."""
    return (budget.spent + running) / budget.limit if budget.limit > 0 else 1.0


def _warned(budgets: list[Budget]) -> str:
    """The period whose limit ``Costs.warn`` is about."""
    limited = {budget.period for budget in budgets}
    return next(period for period in ("day", "month", "hour") if period in limited)


def _sentence(budget: Budget, whose: str) -> str:
    rest = f"until {_NEXT[budget.period]} only what costs nothing is asked"
    return f"The {_limit(budget, whose)} is reached ({_dollars(budget.spent)} spent): {rest}."


def _soon(budget: Budget, whose: str) -> str:
    limit = _limit(budget, whose)
    return f"What is being answered now may reach the {limit}: try again in a moment."


def _limit(budget: Budget, whose: str) -> str:
    of = f" of {whose}" if whose else ""
    return f"{_KIND[budget.period]} limit{of} of {_dollars(budget.limit)}"


def _dollars(amount: float) -> str:
    return f"${amount:.2f}" if amount >= 0.01 or amount == 0 else f"${amount:.4f}"
