"""Where two lists of lines agree, and the hunks between.

Lines that occur once on both sides are the anchors (patience diff); what lies between them is
left to difflib. The work is counted, not timed: when the allowance is used up, a stretch counts
as replaced in whole, which is coarse but never wrong.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from zeke_bridge.workspace.patch.hunk import Hunk

# Steps are an upper bound; this many have never been seen to take more than half a second.
ALLOWANCE = 40_000_000


class Same(NamedTuple):
    """``old[i : i + size]`` equals ``new[j : j + size]``."""

    i: int
    j: int
    size: int


class Stretch(NamedTuple):
    """Lines ``i`` to ``i_end`` on one side and ``j`` to ``j_end`` on the other, ends excluded."""

    i: int
    i_end: int
    j: int
    j_end: int


def matching(old: Sequence[str], new: Sequence[str]) -> list[Same]:
    """Where ``old`` and ``new`` agree, in ascending order on both sides."""
    found: list[Same] = []
    steps = ALLOWANCE
    pending = [Stretch(0, len(old), 0, len(new))]
    while pending:
        outer = pending.pop()
        inner = _trimmed(old, new, outer)
        found.append(Same(outer.i, outer.j, inner.i - outer.i))
        found.append(Same(inner.i_end, inner.j_end, outer.i_end - inner.i_end))
        if inner.i == inner.i_end or inner.j == inner.j_end:
            continue
        steps -= inner.i_end - inner.i + inner.j_end - inner.j
        anchors = _anchors(old, new, inner) if steps > 0 else []
        if anchors:
            found += anchors
            pending += _between(anchors, inner)
            continue
        cost = _cost(old, new, inner)
        if cost <= steps:
            steps -= cost
            found += _by_difflib(old, new, inner)
    return sorted(same for same in found if same.size)


def hunks(old: Sequence[str], new: Sequence[str], first: int = 1) -> tuple[Hunk, ...]:
    """What turns ``old``, whose first line has the number ``first``, into ``new``."""
    return tuple(
        Hunk(first + gap.i, tuple(old[gap.i : gap.i_end]), tuple(new[gap.j : gap.j_end]))
        for gap in gaps(matching(old, new), len(old), len(new))
    )


def gaps(same: Sequence[Same], old_size: int, new_size: int) -> Iterator[Stretch]:
    """The stretches between what agrees."""
    i = j = 0
    for match in (*same, Same(old_size, new_size, 0)):
        if match.i > i or match.j > j:
            yield Stretch(i, match.i, j, match.j)
        i, j = match.i + match.size, match.j + match.size


def _trimmed(old: Sequence[str], new: Sequence[str], stretch: Stretch) -> Stretch:
    i, i_end, j, j_end = stretch
    while i < i_end and j < j_end and old[i] == new[j]:
        i, j = i + 1, j + 1
    while i < i_end and j < j_end and old[i_end - 1] == new[j_end - 1]:
        i_end, j_end = i_end - 1, j_end - 1
    return Stretch(i, i_end, j, j_end)


def _anchors(old: Sequence[str], new: Sequence[str], stretch: Stretch) -> list[Same]:
    """The longest ascending row of lines that occur exactly once on each side."""
    left = Counter(old[stretch.i : stretch.i_end])
    right = Counter(new[stretch.j : stretch.j_end])
    place = {new[j]: j for j in range(stretch.j, stretch.j_end) if right[new[j]] == 1}
    tails: list[int] = []
    chains: list[tuple[Same, int]] = []
    ends: list[int] = []
    for i in range(stretch.i, stretch.i_end):
        j = place.get(old[i])
        if j is None or left[old[i]] != 1:
            continue
        length = bisect_left(tails, j)
        chains.append((Same(i, j, 1), ends[length - 1] if length else -1))
        tails[length : length + 1] = [j]
        ends[length : length + 1] = [len(chains) - 1]
    row: list[Same] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        same, at = chains[at]
        row.append(same)
    return row[::-1]


def _between(anchors: list[Same], stretch: Stretch) -> list[Stretch]:
    i, j = stretch.i, stretch.j
    parts = []
    for same in anchors:
        parts.append(Stretch(i, same.i, j, same.j))
        i, j = same.i + 1, same.j + 1
    return [*parts, Stretch(i, stretch.i_end, j, stretch.j_end)]


def _cost(old: Sequence[str], new: Sequence[str], stretch: Stretch) -> int:
    """At most so many steps difflib takes: every round may look at every equal pair."""
    right = Counter(new[stretch.j : stretch.j_end])
    pairs = sum(right[old[i]] for i in range(stretch.i, stretch.i_end))
    height, width = stretch.i_end - stretch.i, stretch.j_end - stretch.j
    rounds = 2 * min(height, width, pairs) + 1
    return (height + pairs) * rounds


def _by_difflib(old: Sequence[str], new: Sequence[str], stretch: Stretch) -> list[Same]:
    left, right = old[stretch.i : stretch.i_end], new[stretch.j : stretch.j_end]
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return [
        Same(stretch.i + block.a, stretch.j + block.b, block.size)
        for block in matcher.get_matching_blocks()
    ]
