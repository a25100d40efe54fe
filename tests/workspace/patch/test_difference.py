from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.workspace.patch import Hunk, apply
from zeke_bridge.workspace.patch.difference import hunks, matching

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d"]), max_size=30)


def test_only_what_differs_is_in_a_hunk() -> None:
    assert hunks(["a", "b", "c", "d"], ["a", "B", "c", "d", "e"]) == (
        Hunk(2, ("b",), ("B",)),
        Hunk(5, (), ("e",)),
    )
    assert hunks(["a"], ["x", "a"], first=7) == (Hunk(7, (), ("x",)),)
    assert hunks([], ["x"]) == (Hunk(1, (), ("x",)),)
    assert hunks(["x"], ["x"]) == ()


@given(LINES, LINES)
def test_hunks_turn_the_old_into_the_new(old: list[str], new: list[str]) -> None:
    found = hunks(old, new)
    assert apply(old, found) == new
    assert bool(found) == (old != new)
    for above, below in zip(found, found[1:], strict=False):
        assert above.start_line + len(above.old) < below.start_line


@given(LINES, LINES)
def test_what_agrees_does_and_ascends(old: list[str], new: list[str]) -> None:
    i = j = 0
    for same in matching(old, new):
        assert same.size
        assert same.i >= i
        assert same.j >= j
        i, j = same.i + same.size, same.j + same.size
        assert old[same.i : i] == new[same.j : j]


@given(st.lists(st.integers(), unique=True, max_size=40), st.data())
def test_a_changed_line_among_unique_ones_is_one_hunk(
    numbers: list[int], data: st.DataObject
) -> None:
    old = [str(number) for number in numbers]
    at = data.draw(st.integers(0, len(old)))
    assert hunks(old, [*old[:at], "new", *old[at:]]) == (Hunk(at + 1, (), ("new",)),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["x"] * 5000, ["x"] * 4000 + ["y"] * 1000),
        (["a", "b"] * 2500, ["b", "c", "a"] * 1700),
        ([f"{at % 50}" for at in range(5000)], [f"{at % 49}" for at in range(5000)]),
        (
            [f"{at % 1250}" for at in range(5000)],
            [f"{at % 1250}" if at % 2 else "!" for at in range(5000)],
        ),
        ([f"{at}" for at in range(5000)], [f"{at}" for at in reversed(range(5000))]),
    ],
)
@pytest.mark.timeout(60)
def test_large_texts_without_landmarks_end_in_coarse_hunks(old: list[str], new: list[str]) -> None:
    """The work is bounded: without that, difflib alone takes minutes for some of these."""
    begun = time.process_time()
    found = hunks(old, new)
    assert time.process_time() - begun < 10
    assert apply(old, found) == new
