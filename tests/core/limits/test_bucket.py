from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.limits.bucket import Bucket, Size, a_minute, full

SIZES = st.builds(Size, st.floats(0.01, 1000), st.floats(1, 10_000))
STEPS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 10_000)), min_size=1, max_size=40)
SLACK = 1e-6


def test_it_gives_what_it_holds_and_then_what_comes_in() -> None:
    size = a_minute(60)
    bucket = full(size, 0)
    for _ in range(60):
        assert bucket.wait(size, 1, 0) == 0
        bucket = bucket.taken(size, 1, 0)
    assert bucket.wait(size, 1, 0) == pytest.approx(1)
    assert bucket.wait(size, 1, 0.25) == pytest.approx(0.75)
    assert bucket.wait(size, 1, 1) == 0
    assert bucket.full_in(size, 10) == pytest.approx(50)
    assert bucket.full_in(size, 60) == 0


def test_what_is_larger_than_the_bucket_waits_for_a_full_one_and_leaves_a_debt() -> None:
    size = a_minute(60)
    bucket = full(size, 0).taken(size, 1, 0)
    assert bucket.wait(size, 600, 0) == pytest.approx(1)
    bucket = bucket.taken(size, 600, 1)
    assert bucket.level == pytest.approx(-540)
    assert bucket.wait(size, 1, 1) == pytest.approx(541)


def test_nothing_allowed_is_never_and_less_than_one_a_minute_is_one_at_a_time() -> None:
    assert full(a_minute(0), 0).wait(a_minute(0), 1, 1e9) == math.inf
    assert full(a_minute(0), 0).full_in(a_minute(0), 0) == 0
    slow = a_minute(0.5)
    bucket = full(slow, 0)
    assert bucket.wait(slow, 1, 0) == 0
    assert bucket.taken(slow, 1, 0).wait(slow, 1, 0) == pytest.approx(120)


def test_a_bucket_that_does_not_fill_says_never() -> None:
    assert Bucket(0, 0).wait(Size(0, 1), 1, 1e9) == math.inf


def test_a_clock_that_is_put_back_adds_nothing_and_does_not_stop_the_filling() -> None:
    size = a_minute(60)
    bucket = full(size, 1000).taken(size, 60, 1000)
    bucket = bucket.filled(size, 10)
    assert bucket.level == 0
    assert bucket.filled(size, 11).level == pytest.approx(1)


@given(SIZES, STEPS)
def test_never_more_than_rate_and_burst_in_any_stretch_of_time(
    size: Size, steps: list[tuple[float, float]]
) -> None:
    bucket, now = full(size, 0), 0.0
    taken: list[tuple[float, float]] = []
    for pause, wish in steps:
        now += pause
        amount = min(wish, size.burst)
        if bucket.wait(size, amount, now) == 0:
            bucket = bucket.taken(size, amount, now)
            taken.append((now, amount))
    for first in range(len(taken)):
        total = 0.0
        for when, amount in taken[first:]:
            total += amount
            allowed = size.rate * (when - taken[first][0]) + size.burst
            assert total <= allowed * (1 + SLACK) + SLACK


@given(SIZES, STEPS, st.floats(0, 1e6))
def test_nobody_starves(size: Size, steps: list[tuple[float, float]], wish: float) -> None:
    """Whoever waits as long as was said gets it, whatever was taken before."""
    bucket, now = full(size, 0), 0.0
    for pause, amount in steps:
        now += pause
        bucket = bucket.taken(size, amount, now)
    wait = bucket.wait(size, wish, now)
    assert math.isfinite(wait)
    assert bucket.wait(size, wish, now + wait * (1 + SLACK) + SLACK / size.rate) == 0


@given(SIZES, STEPS)
def test_what_is_given_back_never_makes_it_overflow(
    size: Size, steps: list[tuple[float, float]]
) -> None:
    bucket, now = full(size, 0), 0.0
    for pause, amount in steps:
        now += pause
        bucket = bucket.taken(size, amount, now).taken(size, -2 * amount, now)
        assert bucket.level <= size.burst


@given(SIZES, st.lists(st.floats(-1e9, 1e9), max_size=20))
def test_any_clock_will_do(size: Size, clock: list[float]) -> None:
    bucket = full(size, 0)
    for now in clock:
        bucket = bucket.taken(size, 1, now)
        assert math.isfinite(bucket.level)
        assert bucket.wait(size, 1, now) >= 0
