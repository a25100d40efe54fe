"""Counters of what was spent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.records.entries import NOON
from zeke_bridge.core.records.spent import Counters, Payment, Spent

HOUR, DAY = 3600.0, 86400.0


@pytest.fixture(autouse=True)
def _utc(zone: Callable[[str], None]) -> None:
    zone("UTC")


def test_a_payment_counts_in_its_hour_its_day_and_its_month() -> None:
    counters = Counters(NOON, [Payment(NOON - 30 * 60, "a", 1.0), Payment(NOON - DAY, "a", 2.0)])
    counters.add(Payment(NOON, "b", 4.0))
    counters.add(Payment(NOON + HOUR / 2, "a", 8.0))
    assert counters.spent(NOON + HOUR / 2) == Spent(12.0, 13.0, 15.0)
    assert counters.spent_by("a", NOON) == Spent(8.0, 9.0, 11.0)
    assert counters.spent_by("nobody", NOON) == Spent()


def test_periods_end() -> None:
    counters = Counters(NOON, [Payment(NOON, "a", 1.0)])
    assert counters.spent(NOON + HOUR) == Spent(0.0, 1.0, 1.0)
    assert counters.spent(NOON + DAY) == Spent(0.0, 0.0, 1.0)
    assert counters.spent(NOON + 30 * DAY) == Spent()
    assert counters.spent_by("a", NOON + 30 * DAY) == Spent()


def test_what_was_paid_in_another_period_does_not_count() -> None:
    early, late = Payment(NOON - 40 * DAY, "a", 1.0), Payment(NOON + 40 * DAY, "a", 1.0)
    assert Counters(NOON, [early, late]).spent(NOON) == Spent()


def test_a_clock_that_is_put_back_forgets_nothing() -> None:
    counters = Counters(NOON)
    counters.add(Payment(NOON, "a", 1.0))
    counters.add(Payment(NOON - 2 * HOUR, "a", 1.0))
    assert counters.spent(NOON - 2 * HOUR) == Spent(2.0, 2.0, 2.0)


def test_a_payment_can_be_undone() -> None:
    counters = Counters(NOON)
    payment = Payment(NOON, "a", 1.0)
    counters.add(payment)
    counters.add(payment.undone())
    assert counters.spent(NOON) == Spent()


@given(
    st.lists(
        st.builds(
            Payment,
            st.floats(NOON - 20 * DAY, NOON),
            st.sampled_from("abc"),
            st.integers(0, 100).map(float),
        )
    )
)
def test_payments_made_of_counters_give_the_same_counters(payments: list[Payment]) -> None:
    counters = Counters(NOON, payments)
    again = Counters(NOON, counters.payments())
    for client in "abc":
        assert again.spent_by(client, NOON) == counters.spent_by(client, NOON)
    assert again.spent(NOON) == counters.spent(NOON)
