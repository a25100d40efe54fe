"""The dearest model that a word for a kind of work may lead to."""

from __future__ import annotations

import pytest

from zeke_bridge.broker.models import dearest
from zeke_bridge.config.catalog import Catalog, KnownProvider, Tiers, Work
from zeke_bridge.model.exchange import ModelInfo

SMART = Work("smart", ("one", "two"))
KNOWN = Catalog(
    (
        KnownProvider("one", "openai", "", "", (), True, Tiers(smart=("big", "old"))),
        KnownProvider("two", "openai", "", "", (), True, Tiers(smart=("huge",))),
    ),
    {},
    {},
    {},
    {},
)


def model(name: str, price: float | None) -> ModelInfo:
    return ModelInfo(name, name.partition(":")[0], False, price, price)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([model("one:big", 5.0), model("two:huge", 9.0), model("one:other", 99.0)], "two:huge"),
        ([model("one:big", 5.0), model("one:old", 50.0)], "one:big"),
        ([model("one:big-2025-01-31", 5.0), model("two:huge", None)], "one:big-2025-01-31"),
        ([model("one:other", 5.0)], ""),
        ([model("two:huge", 0.0)], ""),
        ([], ""),
    ],
)
def test_the_dearest_of_what_each_would_answer_with(listed: list[ModelInfo], expected: str) -> None:
    assert dearest(listed, SMART, KNOWN) == expected


def test_what_goes_by_price_is_not_dear() -> None:
    assert dearest([model("one:big", 5.0)], Work("smart", (), by_price=True), KNOWN) == ""
