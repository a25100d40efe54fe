"""A range of lines keeps to its text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.broker.review.span import follow

TEN = "\n".join(map(str, range(1, 11)))
LINES = st.lists(st.sampled_from("abc"), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (TEN, (3, 5)),
        ("0\n" + TEN, (4, 6)),
        (TEN + "\n11", (3, 5)),
        (TEN.replace("4\n", "4\nx\ny\n"), (3, 7)),
        (TEN.replace("3\n", ""), (3, 4)),
        (TEN.replace("3\n", "x\n3\n"), (3, 6)),
        (TEN.replace("\n5", "\n5\nx"), (3, 6)),
        (TEN.replace("3\n4\n5", "x"), (3, 3)),
        (TEN.replace("3\n4\n5\n", ""), (3, 3)),
        ("1\n2", (2, 2)),
        ("", (1, 1)),
    ],
)
def test_it_is_found_again(new: str, expected: tuple[int, int]) -> None:
    assert follow(3, 5, TEN, new) == expected


@given(LINES, LINES, st.data())
def test_it_is_always_a_range_of_the_new_text(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    first = data.draw(st.integers(1, len(old)))
    last = data.draw(st.integers(first, len(old)))
    start, end = follow(first, last, "\n".join(old), "\n".join(new))
    assert 1 <= start <= end <= len(new)
    if old == new:
        assert (start, end) == (first, last)
    if (first, last) == (1, len(old)):
        assert (start, end) == (1, len(new))
