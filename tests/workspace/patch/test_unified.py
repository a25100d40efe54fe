from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from zeke_bridge.workspace.patch import Hunk, Patch, render
from zeke_bridge.workspace.patch.difference import hunks

BASE = "\n".join("abcdefghijklmnop")


def test_changes_stand_in_their_surroundings() -> None:
    patch = Patch((Hunk(2, ("b",), ("B", "2")), Hunk(14, (), ("+",))))
    assert render(patch, BASE, context=1) == (
        "@@ -1,3 +1,4 @@", " a", "-b", "+B", "+2", " c",
        "@@ -13,2 +14,3 @@", " m", "++", " n",
    )  # fmt: skip


def test_changes_close_together_share_a_heading() -> None:
    patch = Patch((Hunk(2, ("b",), ()), Hunk(5, ("e",), ("E",))))
    headings = [line for line in render(patch, BASE, context=1) if line.startswith("@@")]
    assert headings == ["@@ -1,6 +1,5 @@"]


def test_an_empty_side_is_named_by_the_line_before() -> None:
    assert render(Patch((Hunk(1, (), ("x",)),)), "", context=0) == ("@@ -0,0 +1,1 @@", "+x")
    assert render(Patch((Hunk(1, ("x",), ()),)), "x") == ("@@ -1,1 +0,0 @@", "-x")


def test_a_long_diff_keeps_both_ends_and_a_count() -> None:
    patch = Patch((Hunk(1, (), tuple(str(at) for at in range(1000))),))
    assert render(patch, "end", max_lines=10) == (
        "@@ -1,1 +1,1001 @@", "+0", "+1", "+2", "+3",
        "… 993 lines …",
        "+997", "+998", "+999", " end",
    )  # fmt: skip
    assert len(render(patch, "end")) == 400


LINES = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=30)


@given(LINES, LINES, st.integers(0, 4))
def test_headings_count_their_lines(old: list[str], new: list[str], context: int) -> None:
    found = hunks(old, new)
    shown = render(Patch(found), "\n".join(old), context, max_lines=1000)
    removed = [line[1:] for line in shown if line[0] == "-"]
    assert removed == [line for hunk in found for line in hunk.old]
    for at, line in enumerate(shown):
        if line.startswith("@@"):
            body = list(_body(shown[at + 1 :]))
            before = sum(text[0] in " -" for text in body)
            after = sum(text[0] in " +" for text in body)
            assert f",{before} +" in line
            assert f",{after} @@" in line


def _body(lines: tuple[str, ...]) -> list[str]:
    end = next((at for at, line in enumerate(lines) if line.startswith("@@")), len(lines))
    return list(lines[:end])


def test_the_whole_is_what_difflib_writes() -> None:
    old, new = list("abcdefghijklmnop"), list("abcdeFghijklmnoP")
    want = [line.rstrip("\n") for line in difflib.unified_diff(old, new, lineterm="")][2:]
    shown = list(render(Patch(hunks(old, new)), "\n".join(old)))
    assert shown == want
