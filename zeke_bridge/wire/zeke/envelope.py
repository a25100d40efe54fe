"""What every answer carries beside its content: ``model.exchange.Receipt`` as JSON, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import Field

from zeke_bridge.model.exchange import Budget, Cost, Receipt, Route, Tried, Usage
from zeke_bridge.wire.zeke.body import Reply


class UsageFields(Reply):
    """Tokens; what the last three mean is said at ``model.exchange.Usage``."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


class CostFields(Reply):
    """US dollars; ``known`` is false when nobody knows the price, and the sums are 0 then."""

    input_cost: float = 0.0
    output_cost: float = 0.0
    total_cost: float = 0.0
    known: bool = True


class TriedFields(Reply):
    """A candidate the router looked at."""

    candidate: str
    outcome: str


class RouteFields(Reply):
    """Why this model."""

    task: str = ""
    reason: str = ""
    tried: list[TriedFields] = Field(default_factory=list)


class BudgetFields(Reply):
    """Where a cost limit stands, in US dollars; ``period`` is ``hour``, ``day`` or ``month``."""

    period: str
    spent: float
    limit: float
    warn: float = 0.0


class Envelope(Reply):
    """The receipt of an answer. ``budget`` is null when there is no cost limit.

    A server that says nothing of the cost (it is not our core) leaves it unknown.
    """

    model: str = ""
    provider: str = ""
    route: RouteFields = Field(default_factory=RouteFields)
    usage: UsageFields | None = None
    cost: CostFields = Field(default_factory=lambda: CostFields(known=False))
    cached: bool = False
    request_id: str = ""
    budget: BudgetFields | None = None

    @classmethod
    def fields_of(cls, receipt: Receipt) -> dict[str, Any]:
        """The envelope's JSON fields for ``receipt``."""
        route, usage, cost, budget = receipt.route, receipt.usage, receipt.cost, receipt.budget
        return {
            "model": receipt.model,
            "provider": receipt.provider,
            "route": {
                "task": route.task,
                "reason": route.reason,
                "tried": [{"candidate": t.candidate, "outcome": t.outcome} for t in route.tried],
            },
            "usage": {
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "total_tokens": usage.total_tokens,
                "cached_tokens": usage.cached_tokens,
                "cache_write_tokens": usage.cache_write_tokens,
                "reasoning_tokens": usage.reasoning_tokens,
            },
            "cost": {
                "input_cost": cost.input_cost,
                "output_cost": cost.output_cost,
                "total_cost": cost.total_cost,
                "known": cost.known,
            },
            "cached": receipt.cached,
            "request_id": receipt.request_id,
            "budget": None if budget is None else asdict(budget),
        }

    def receipt(self) -> Receipt:
        """The same as a value."""
        tried = tuple(Tried(row.candidate, row.outcome) for row in self.route.tried)
        usage, budget = self.usage or UsageFields(), self.budget
        return Receipt(
            model=self.model,
            provider=self.provider,
            route=Route(self.route.task, self.route.reason, tried),
            usage=Usage(**usage.model_dump()),
            cost=Cost(**self.cost.model_dump()),
            cached=self.cached,
            request_id=self.request_id,
            budget=None if budget is None else Budget(**budget.model_dump()),
        )


class TextAnswer(Envelope):
    """The answer of every task that ends in text, and the ``done`` event of its stream."""

    text: str
