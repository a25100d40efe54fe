"""The answer of ``GET /budget``: where the cost limits stand for whoever asks."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from zeke_bridge.model.exchange import Budget
from zeke_bridge.wire.zeke.body import Reply
from zeke_bridge.wire.zeke.envelope import BudgetFields


class BudgetAnswer(Reply):
    """``budget`` is the limit that is nearest to its end, null when there is none."""

    budget: BudgetFields | None = None

    @classmethod
    def fields_of(cls, budget: Budget | None) -> dict[str, Any]:
        """The JSON fields for ``budget``."""
        return {"budget": None if budget is None else asdict(budget)}

    def value(self) -> Budget | None:
        """The same as a value."""
        return None if self.budget is None else Budget(**self.budget.model_dump())
