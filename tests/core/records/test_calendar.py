"""Days and months as people have them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.records.entries import NOON
from zeke_bridge.core.records import calendar

Zone = Callable[[str], None]
MOMENTS = st.floats(1_500_000_000, 2_500_000_000)


def at(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[arg-type]


def test_a_day_is_a_local_one(zone: Zone) -> None:
    late = at(2026, 11, 21, 23, 30)
    assert calendar.today(late) == date(2026, 11, 21)
    zone("Europe/Berlin")
    assert calendar.today(late) == date(2026, 11, 22)
    assert calendar.day_start(date(2026, 11, 22)) == at(2026, 11, 21, 23)


def test_a_day_of_25_hours(zone: Zone) -> None:
    zone("Europe/Berlin")
    day = date(2026, 10, 25)
    length = calendar.day_start(calendar.tomorrow(day)) - calendar.day_start(day)
    assert length == 25 * 3600


def test_an_hour_that_is_struck_at_the_half(zone: Zone) -> None:
    zone("Asia/Kolkata")
    assert calendar.hour_start(at(2026, 11, 21, 12, 45, 10)) == at(2026, 11, 21, 12, 30)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    day = date(2026, 11, 21)
    assert calendar.week_start(day) == date(2026, 11, 16)
    assert calendar.month_start(day) == date(2026, 11, 1)
    assert calendar.month_end(day) == date(2026, 12, 1)
    assert calendar.month_end(date(2026, 12, 31)) == date(2027, 1, 1)
    assert calendar.month_end(date(2028, 2, 29)) == date(2028, 3, 1)


def test_a_month_goes_on_as_it_began(zone: Zone) -> None:
    # 20.5 of 30 days.
    assert calendar.projected(41.0, NOON) == pytest.approx(60.0)


def test_the_first_minutes_of_a_month_count_as_a_day(zone: Zone) -> None:
    assert calendar.projected(3.0, at(2026, 11, 1, 0, 5)) == pytest.approx(90.0)
    assert calendar.projected(3.0, at(2026, 11, 1, 23, 59)) == pytest.approx(90.0)
    assert calendar.projected(3.0, at(2026, 11, 2, 12)) == pytest.approx(60.0)


def test_at_its_end_it_has_cost_what_it_has_cost(zone: Zone) -> None:
    assert calendar.projected(50.0, at(2026, 11, 30, 23, 59, 59)) == pytest.approx(50.0, rel=1e-4)


@given(st.floats(0, 1e6), MOMENTS)
def test_never_less_than_is_spent_and_never_31_times_as_much(spent: float, now: float) -> None:
    assert spent <= calendar.projected(spent, now) <= 31.1 * spent


@given(MOMENTS)
def test_a_moment_is_in_its_hour_and_its_day(now: float) -> None:
    assert calendar.hour_start(now) <= now < calendar.hour_start(now) + 3600
    # A quarter that begins then is one of this hour: not a millionth of a second may be left.
    assert calendar.hour_start(now) % 900 == 0
    day = calendar.today(now)
    assert calendar.day_start(day) <= now < calendar.day_start(calendar.tomorrow(day))
