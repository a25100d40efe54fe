"""Where a range of lines is after the text around and within it has changed. Pure."""

from __future__ import annotations

from zeke_bridge.workspace.patch.difference import Stretch, gaps, matching


def follow(first: int, last: int, old: str, new: str) -> tuple[int, int]:
    """Lines ``first`` to ``last`` (from 1, inclusive) of ``old``, as a range of ``new``.

    What was put at either end belongs to it. A range that was removed is the line after it.
    """
    before, after = old.split("\n"), new.split("\n")
    stretches = list(gaps(matching(before, after), len(before), len(after)))
    start, _ = _border(first - 1, stretches)
    _, end = _border(min(last, len(before)), stretches)
    start = min(start, len(after) - 1)
    return start + 1, max(end, start + 1)


def _border(at: int, stretches: list[Stretch]) -> tuple[int, int]:
    """The earliest and the latest place of what was between lines ``at`` and ``at + 1``."""
    shift = 0
    for gap in stretches:
        if gap.i <= at <= gap.i_end:
            return gap.j, gap.j_end
        if gap.i_end < at:
            shift = gap.j_end - gap.i_end
    return at + shift, at + shift
