"""What holds for every answer, whatever a model says."""

from __future__ import annotations

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch import (
    Patch,
    apply,
    counts,
    encode,
    propose,
    rebase,
    render,
    select,
)

# Code without what has a meaning of its own in an answer.
WORD = st.text(alphabet="abcxyz(){}=+.,:'\"é", min_size=1, max_size=8)
CODE = st.lists(
    st.builds("{}{}".format, st.sampled_from(["", "    ", "        "]), WORD), min_size=1
)
CLUTTER = st.sampled_from(
    [
        "```", "```python", "~~~", "````", "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "", "  ",
        "a = 1", "    a = 1", "\tb", "1| a = 1", "2| b", "Here is the code:", "@@ -1 +1 @@", "-a = 1",
        "+b", "--- a", "+++ b", "<think>", "</think>", "b\r", "\x00", "\u2028", "```diff",
    ]
)  # fmt: skip
TEXT = st.lists(CLUTTER, max_size=12).map("\n".join) | st.text()


@st.composite
def regions(draw: st.DrawFn) -> tuple[str, int, int]:
    """A text and a range of its lines."""
    base = draw(TEXT)
    size = base.count("\n") + 1
    first, last = sorted(draw(st.tuples(st.integers(1, size), st.integers(1, size))))
    return base, first, last


@given(TEXT, regions())
def test_it_lands_inside_the_range_or_raises_a_patch_error(
    answer: str, region: tuple[str, int, int]
) -> None:
    base, first, last = region
    try:
        patch = propose(answer, base, first, last)
    except PatchError as error:
        assert error.message.endswith(".")
        return
    lines = base.split("\n")
    new = apply(lines, patch.hunks)
    assert new != lines
    assert new[: first - 1] == lines[: first - 1]
    below = len(lines) - last
    assert new[len(new) - below :] == lines[last:]
    added, removed = counts(patch)
    assert len(new) == len(lines) + added - removed
    assert render(patch, base)
    encode(new)
    assert rebase(patch, base, base) == patch
    everything = range(1, len(patch.hunks) + 1)
    assert select(patch, everything) == patch


@given(CODE, CODE, st.lists(st.sampled_from(["before()", ""])), st.data())
def test_a_rewrite_in_a_fence_is_reproduced(
    old: list[str], new: list[str], around: list[str], data: st.DataObject
) -> None:
    margin = data.draw(st.sampled_from(["", "  "]))
    # The same margin on both sides, or it would be put right.
    old, new = ([f"{margin}0", *(margin + line for line in each)] for each in (old, new))
    assume(old != new)
    base = [*around, *old, *around]
    answer = "\n".join(["Here:", "```python", *new, "```"])
    try:
        patch = propose(answer, "\n".join(base), len(around) + 1, len(around) + len(old))
    except PatchError:
        # It may look as if the surroundings were repeated.
        assert "before()" in around
        return
    assert apply(base, patch.hunks) == [*around, *new, *around]


@given(CODE, CODE)
@example(["    :"], ["=", "    =", "="])
def test_the_same_answer_twice_changes_nothing_more(old: list[str], new: list[str]) -> None:
    assume(old != new)
    answer = "\n".join(["```", *new, "```"])
    try:
        once = apply(old, propose(answer, "\n".join(old), 1, len(old)).hunks)
    except PatchError:
        return
    with pytest.raises(PatchError, match="changed nothing"):
        propose(answer, "\n".join(once), 1, len(once))


@given(st.lists(WORD, unique=True, min_size=3), st.data())
def test_a_block_reproduces_its_replacement(lines: list[str], data: st.DataObject) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
    assume(start < end)
    new = data.draw(st.lists(WORD))
    assume(new != lines[start:end])
    answer = ["<<<<<<< SEARCH", *lines[start:end], "=======", *new, ">>>>>>> REPLACE"]
    patch = propose("\n".join(answer), "\n".join(lines), 1, len(lines))
    assert isinstance(patch, Patch)
    assert apply(lines, patch.hunks) == [*lines[:start], *new, *lines[end:]]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "answer",
    [
        "```\n" + "x = 1\n" * 20_000 + "```",
        "```" + " " * 200_000 + "`",
        "`" * 200_000,
        "<<<<<<< SEARCH\n" + "x\n" * 5000 + "=======\ny\n>>>>>>> REPLACE",
        "<<<<<<< SEARCH\n" + "=======\n" * 20_000 + ">>>>>>> REPLACE",
        "\n".join(f"{at}| x" for at in range(50_000)),
        "```diff\n" + "-x\n+y\n@@\n" * 10_000 + "```",
    ],
    ids=["long", "blank fence", "ticks", "search", "dividers", "numbers", "diff"],
)
def test_a_huge_answer_is_read_in_time(answer: str) -> None:
    base = "\n".join(["x"] * 4999 + ["z"])
    try:
        propose(answer, base, 1, 5000)
    except PatchError:
        return
