from __future__ import annotations

import math
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.page import spelling

NOON = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC).timestamp()
ANY = st.floats()


@pytest.mark.parametrize(
    ("amount", "column", "alone", "axis"),
    [
        (0.0, "$0", "$0", "$0"),
        (0.000001, "<$0.01", "<$0.0001", "$0.000001"),
        (0.0042, "<$0.01", "$0.0042", "$0.0042"),
        (0.5, "$0.50", "$0.50", "$0.50"),
        (3.2, "$3.20", "$3.20", "$3.20"),
        (1234.567, "$1,234.57", "$1,234.57", "$1,234.567"),
        (-2.5, "-$2.50", "-$2.50", None),
        (2e15, "$2.0e+15", "$2.0e+15", "$2,000,000,000,000,000"),
        (math.nan, "–", "–", None),
        (math.inf, "–", "–", None),
    ],
)
def test_money(amount: float, column: str, alone: str, axis: str | None) -> None:
    assert spelling.money(amount) == column
    assert spelling.price(amount) == alone
    if axis is not None:
        assert spelling.round_money(amount) == axis


def test_money_of_which_a_part_is_not_known() -> None:
    assert spelling.money(0.125, 2, 1) == "$0.12 + unknown"
    assert spelling.price(0.0042, 3) == "$0.0042 + unknown"
    assert spelling.price(0.0, 3) == spelling.money(math.nan, 2, 1) == "unknown"


@pytest.mark.parametrize(
    ("value", "column", "alone"),
    [
        (None, "–", "–"),
        (math.nan, "–", "–"),
        (-1.0, "–", "–"),
        (0.0, "0.00 s", "0 ms"),
        (0.0001, "<0.01 s", "<1 ms"),
        (0.2451, "0.25 s", "245 ms"),
        (0.9996, "1.00 s", "1.00 s"),
        (1.243, "1.24 s", "1.24 s"),
        (12.34, "12.34 s", "12.3 s"),
        (125.0, "125.00 s", "2 min 5 s"),
    ],
)
def test_seconds(value: float | None, column: str, alone: str) -> None:
    assert spelling.seconds(value) == column
    assert spelling.pace(value) == alone


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-5.0, "0 s"),
        (0.9, "0 s"),
        (59.0, "59 s"),
        (3600.0, "1 h 0 min"),
        (226_325.0, "2 d 14 h"),
        (math.inf, "–"),
    ],
)
def test_lengths_of_time(value: float, said: str) -> None:
    assert spelling.lasting(value) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "–"),
        (math.nan, "–"),
        (0.0, "0%"),
        (0.004, "<1%"),
        (0.665, "66%"),
        (0.99999, "99.9%"),
        (1.0, "100%"),
        (1.04, "104%"),
    ],
)
def test_shares(share: float | None, said: str) -> None:
    assert spelling.percent(share) == said


def test_counts_and_sizes() -> None:
    assert spelling.counted(1, "request") == "1 request"
    assert spelling.counted(1247, "request") == "1,247 requests"
    assert [spelling.size(n) for n in (512, 34_567, 999_999, 1_234_567, 5 * 10**9)] == [
        "512 B",
        "34.6 KB",
        "1 MB",
        "1.23 MB",
        "5.0 GB",
    ]


def test_moments() -> None:
    assert spelling.day("2026-11-01") == "1 Nov"
    assert spelling.day("soon") == "soon"
    assert spelling.clock(NOON, UTC) == "12:00:05"
    assert spelling.moment(NOON - 60, NOON, UTC) == "11:59:05"
    assert spelling.moment(NOON - 86_400, NOON, UTC) == "20 Nov 12:00"
    assert spelling.iso(NOON, UTC) == "2026-11-21T12:00:05+00:00"
    for odd in (math.nan, math.inf, 1e300, -1e300):
        assert spelling.moment(odd, NOON, UTC) == spelling.clock(odd, UTC) == "–"
        assert spelling.iso(odd, UTC) == ""
    assert spelling.moment(NOON, math.nan, UTC) == "21 Nov 12:00"


@given(ANY)
def test_every_number_has_a_short_spelling(number: float) -> None:
    said = [
        spelling.money(number),
        spelling.price(number),
        spelling.seconds(number),
        spelling.pace(number),
        spelling.moment(number, NOON, UTC),
    ]
    assert all(0 < len(text) < 30 and "nan" not in text and "inf" not in text for text in said)


@given(st.floats(0, 1))
def test_only_all_is_all_and_only_nothing_is_nothing(share: float) -> None:
    said = spelling.percent(share)
    assert (said == "100%") == (share == 1)
    assert (said == "0%") == (share == 0)


@given(st.lists(st.floats(0.005, 1e9), min_size=2))
def test_a_column_of_money_has_its_points_in_line(amounts: list[float]) -> None:
    assert all(re.fullmatch(r"\$[\d,]+\.\d\d", spelling.money(amount)) for amount in amounts)
