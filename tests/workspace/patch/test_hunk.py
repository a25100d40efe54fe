from __future__ import annotations

import pytest

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch import Hunk, Patch, apply, counts, select

BASE = ["a", "b", "c", "d"]
PATCH = Patch((Hunk(1, (), ("0",)), Hunk(2, ("b", "c"), ("B",)), Hunk(5, (), ("e", "f"))))


def test_hunks_are_applied_where_they_say() -> None:
    assert apply(BASE, PATCH.hunks) == ["0", "a", "B", "d", "e", "f"]
    assert apply(BASE, ()) == BASE
    assert apply([""], (Hunk(1, ("",), ()),)) == []


@pytest.mark.parametrize(
    "hunks",
    [
        (Hunk(2, ("x",), ("y",)),),
        (Hunk(0, (), ("y",)),),
        (Hunk(6, (), ("y",)),),
        (Hunk(4, ("d", "e"), ()),),
        (Hunk(2, ("b", "c"), ()), Hunk(3, ("c",), ())),
        (Hunk(3, ("c",), ()), Hunk(1, ("a",), ())),
    ],
)
def test_hunks_that_do_not_fit(hunks: tuple[Hunk, ...]) -> None:
    with pytest.raises(PatchError):
        apply(BASE, hunks)


def test_chosen_hunks_apply_alone() -> None:
    assert apply(BASE, select(PATCH, (3, 1, 3)).hunks) == ["0", "a", "b", "c", "d", "e", "f"]
    assert select(PATCH, (2,)) == Patch(PATCH.hunks[1:2])
    for wrong in ((0,), (4,), (-1,), (1, 9)):
        with pytest.raises(PatchError, match="this diff has 3"):
            select(PATCH, wrong)


def test_lines_are_counted() -> None:
    assert counts(PATCH) == (4, 2)
    assert counts(Patch(())) == (0, 0)
