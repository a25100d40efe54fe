"""The same change on a text that was changed meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch.difference import Stretch, gaps, matching
from zeke_bridge.workspace.patch.hunk import Hunk, Patch, apply


class _Edit(NamedTuple):
    """What happened meanwhile to lines ``start`` to ``end`` (from 0, exclusive), at the widest."""

    start: int
    end: int
    shift: int


def rebase(patch: Patch, base: str, current: str) -> Patch:
    """``patch``, made for ``base``, as a patch for ``current``.

    Raises ``PatchError`` when the lines of a hunk were changed, or when it cannot be told which
    lines they are now (a line like them was added or removed beside them).
    """
    edits = _edits(patch, base, current)
    return Patch(tuple(_moved(hunk, edits) for hunk in patch.hunks))


def carry(patch: Patch, base: str, current: str) -> tuple[Patch, tuple[Hunk, ...]]:
    """As ``rebase``, with the hunks that do not fit ``current`` left out and named beside it."""
    edits = _edits(patch, base, current)
    fitting: list[Hunk] = []
    lost: list[Hunk] = []
    for hunk in patch.hunks:
        try:
            fitting.append(_moved(hunk, edits))
        except PatchError:
            lost.append(hunk)
    return Patch(tuple(fitting)), tuple(lost)


def _edits(patch: Patch, base: str, current: str) -> list[_Edit]:
    old, now = base.split("\n"), current.split("\n")
    apply(old, patch.hunks)  # raises when the patch was not made for this base
    return [_widest(old, now, gap) for gap in gaps(matching(old, now), len(old), len(now))]


def _moved(hunk: Hunk, edits: Sequence[_Edit]) -> Hunk:
    start = hunk.start_line - 1
    end = start + len(hunk.old)
    shift = 0
    for edit in edits:
        if _collide(edit, start, end):
            raise PatchError(
                f"The text around line {hunk.start_line} changed while the model was at it, so "
                "its change does not fit any more; run the edit again."
            )
        if edit.end <= start:
            shift += edit.shift
    return replace(hunk, start_line=hunk.start_line + shift)


def _collide(edit: _Edit, start: int, end: int) -> bool:
    if start == end:
        # Between which two lines something goes is only sure while both still meet.
        return edit.start <= start <= edit.end
    if edit.start == edit.end:
        return start < edit.start < end
    return edit.start < end and start < edit.end


def _widest(old: Sequence[str], now: Sequence[str], gap: Stretch) -> _Edit:
    """An added or removed stretch may as well stand further up or down among lines like it."""
    shift = (gap.j_end - gap.j) - (gap.i_end - gap.i)
    if gap.i < gap.i_end and gap.j < gap.j_end:
        return _Edit(gap.i, gap.i_end, shift)
    removed = gap.i < gap.i_end
    lines, start, end = (old, gap.i, gap.i_end) if removed else (now, gap.j, gap.j_end)
    up = down = 0
    while up < min(gap.i, start) and lines[start - up - 1] == lines[end - up - 1]:
        up += 1
    while end + down < len(lines) and lines[start + down] == lines[end + down]:
        down += 1
    return _Edit(gap.i - up, gap.i_end + down, shift)
