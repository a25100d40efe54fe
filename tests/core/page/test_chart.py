from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.core.page.chart import Chart, Point, bars


def chart(*values: float, limit: float | None = None) -> Chart:
    return bars([Point(f"day {v}", v, f"${v}") for v in values], lambda v: f"{v:g}", limit)


def test_bars_stand_side_by_side_on_the_ground() -> None:
    drawn = chart(1, 3, 6)
    assert [round(bar.height) for bar in drawn.bars] == [17, 50, 100]
    assert all(math.isclose(bar.y + bar.height, 100) for bar in drawn.bars)
    assert [round(bar.left) for bar in drawn.bars] == [0, 33, 67]
    assert [bar.title for bar in drawn.bars] == ["day 1: $1", "day 3: $3", "day 6: $6"]
    assert [(tick.label, round(tick.y)) for tick in drawn.ticks] == [
        ("6", 0),
        ("4", 33),
        ("2", 67),
        ("0", 100),
    ]


def test_a_trace_can_be_seen_and_nothing_cannot() -> None:
    drawn = chart(1000, 0.001, 0)
    assert 1 < drawn.bars[1].height < 3
    assert drawn.bars[2].height == 0


def test_a_limit_is_drawn_when_it_is_in_sight() -> None:
    near = chart(4, limit=5)
    assert near.limit is not None
    assert near.limit.label == "5"
    assert 0 < near.limit.y < 100
    assert near.limit.y < near.bars[0].y
    assert chart(4, limit=100).limit is None
    assert chart(4, limit=0).limit is None
    assert chart(4, limit=None).limit is None
    passed = chart(9, limit=5)
    assert passed.limit is not None
    assert passed.limit.y > passed.bars[0].y


@pytest.mark.parametrize("values", [(), (0.0,), (math.nan, math.inf, -1.0, 1e300, 1e-300)])
def test_there_is_an_axis_without_anything_on_it(values: tuple[float, ...]) -> None:
    drawn = chart(*values)
    assert [tick.label for tick in drawn.ticks] == ["1", "0"]
    assert all(bar.height == 0 for bar in drawn.bars)


@given(st.lists(st.floats(), max_size=40), st.none() | st.floats())
def test_nothing_is_drawn_outside(values: list[float], limit: float | None) -> None:
    drawn = chart(*values, limit=limit)
    slack = 1e-6
    for bar in drawn.bars:
        assert -slack <= bar.left <= bar.x <= bar.x + bar.width <= bar.left + bar.wide + slack
        assert bar.left + bar.wide <= 100 + slack
        assert -slack <= bar.y <= 100
        assert 0 <= bar.height <= 100 + slack
    lines = [tick.y for tick in drawn.ticks]
    assert lines == sorted(lines)
    assert math.isclose(lines[0], 0, abs_tol=slack)
    assert lines[-1] == 100
    assert 2 <= len(lines) <= 5
    if drawn.limit:
        assert -slack <= drawn.limit.y <= 100


@given(st.lists(st.floats(0.001, 1e6), min_size=2, max_size=40))
def test_what_is_more_is_not_lower(values: list[float]) -> None:
    drawn = chart(*sorted(values))
    heights = [bar.height for bar in drawn.bars]
    assert heights == sorted(heights)
