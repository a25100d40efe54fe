from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch import Hunk, Patch, apply, carry, rebase
from zeke_bridge.workspace.patch.difference import hunks

BASE = "a\nb\nc\nd\ne"
CHANGE = Patch((Hunk(3, ("c",), ("C",)),))
INSERT = Patch((Hunk(3, (), ("new",)),))


@pytest.mark.parametrize(
    ("patch", "current", "line"),
    [
        (CHANGE, BASE, 3),
        (CHANGE, "0\na\nb\nc\nd\ne", 4),
        (CHANGE, "b\nc\nd\ne", 2),
        (CHANGE, "a\nb\nc\nd\ne\nf", 3),
        (CHANGE, "a\nb\nx\nc\nd\ne", 4),
        (CHANGE, "a\nB\nc\nD\ne", 3),
        (CHANGE, "c", 1),
        (INSERT, "x\ny\na\nb\nc", 5),
        (INSERT, "b\nc\nd\ne", 2),
        (Patch((Hunk(6, (), ("f",)),)), "0\na\nb\nc\nd\ne", 7),
    ],
)
def test_a_change_follows_its_lines(patch: Patch, current: str, line: int) -> None:
    moved = rebase(patch, BASE, current)
    assert [hunk.start_line for hunk in moved.hunks] == [line]
    apply(current.split("\n"), moved.hunks)


@pytest.mark.parametrize(
    ("patch", "base", "current"),
    [
        (CHANGE, BASE, "a\nb\nx\nd\ne"),
        (CHANGE, BASE, "a\nb\nd\ne"),
        (CHANGE, BASE, "a\nb\nC\nd\ne"),
        (CHANGE, BASE, ""),
        (INSERT, BASE, "a\nb\nx\nc\nd\ne"),
        (INSERT, BASE, "a\nb\nd\ne"),
        (INSERT, BASE, "a\nB\nc\nd\ne"),
        (Patch((Hunk(6, (), ("f",)),)), BASE, f"{BASE}\nx"),
        (Patch((Hunk(2, ("b", "c"), ("x",)),)), BASE, "a\nb\n-\nc\nd\ne"),
        # A line like it came or went beside it: which one was meant?
        (Patch((Hunk(2, ("x",), ("y",)),)), "a\nx\nb", "a\nx\nx\nb"),
        (Patch((Hunk(2, ("x",), ("y",)),)), "a\nx\nx\nb", "a\nx\nb"),
        (Patch((Hunk(3, ("x",), ("y",)),)), "a\nx\nx\nb", "a\nx\nb"),
        (Patch((Hunk(3, (), ("y",)),)), "a\nx\nx\nb", "a\nx\nb"),
        (Patch((Hunk(4, ("b",), ("B",)),)), "a\nc\nb\nb", "c\nb"),
        # Made for another text altogether.
        (CHANGE, "a\nb", "a\nb"),
    ],
)
def test_a_change_whose_place_is_gone_or_unsure(patch: Patch, base: str, current: str) -> None:
    with pytest.raises(PatchError):
        rebase(patch, base, current)


@given(st.data())
def test_edits_elsewhere_and_the_change_make_the_same_in_any_order(data: st.DataObject) -> None:
    size = data.draw(st.integers(4, 30))
    base = [f"line {at}" for at in range(size)]
    start, end = sorted(data.draw(st.tuples(st.integers(1, size - 1), st.integers(1, size - 1))))
    ours = Patch((Hunk(start + 1, tuple(base[start:end]), ("ours",)),))
    fresh = st.lists(st.sampled_from(["x", "y", ""]), max_size=4)
    above = data.draw(fresh) + base[data.draw(st.integers(0, start - 1)) : start]
    below = base[end : data.draw(st.integers(end + 1, size))] + data.draw(fresh)
    current = [*above, *base[start:end], *below]
    moved = rebase(ours, "\n".join(base), "\n".join(current))
    assert apply(current, moved.hunks) == [*above, "ours", *below]


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=12)


@given(LINES, LINES, LINES)
def test_it_lands_on_the_same_lines_or_nowhere(
    base: list[str], changed: list[str], current: list[str]
) -> None:
    patch = Patch(hunks(base, changed))
    try:
        moved = rebase(patch, "\n".join(base), "\n".join(current))
    except PatchError:
        return
    apply(current, moved.hunks)
    assert [(hunk.old, hunk.new) for hunk in moved.hunks] == [
        (hunk.old, hunk.new) for hunk in patch.hunks
    ]


@given(LINES, LINES)
def test_on_an_unchanged_text_nothing_moves(base: list[str], changed: list[str]) -> None:
    patch = Patch(hunks(base, changed))
    assert rebase(patch, "\n".join(base), "\n".join(base)) == patch


def test_of_several_hunks_those_that_fit_are_carried() -> None:
    patch = Patch((Hunk(1, ("a",), ("x",)), Hunk(3, ("c",), ("y",))))
    moved, lost = carry(patch, "a\nb\nc", "mine\nb\nc")
    assert (moved.hunks, lost) == (patch.hunks[1:], patch.hunks[:1])
    assert carry(patch, "a\nb\nc", "mine\nb\nmine") == (Patch(()), patch.hunks)


@given(LINES, LINES, LINES)
def test_what_is_carried_is_what_can_be_rebased_alone(
    base: list[str], new: list[str], current: list[str]
) -> None:
    patch = Patch(hunks(base, new))
    if not patch.hunks:
        return
    old, now = "\n".join(base), "\n".join(current)
    alone = []
    for hunk in patch.hunks:
        with contextlib.suppress(PatchError):
            alone += rebase(Patch((hunk,)), old, now).hunks
    moved, lost = carry(patch, old, now)
    assert list(moved.hunks) == alone
    assert len(lost) == len(patch.hunks) - len(alone)
    apply(current, moved.hunks)
