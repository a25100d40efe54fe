"""A change of a text as line hunks, and applying it. Does not know how hunks are found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from zeke_bridge.model.errors import PatchError


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``start_line`` and following, which are ``old``, become ``new``.

    With ``old`` empty, ``new`` is inserted before ``start_line`` (one more than the text has lines
    to insert at its end).
    """

    start_line: int
    old: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """Hunks in the order of their lines, not overlapping, all counted in the unchanged text."""

    hunks: tuple[Hunk, ...]


def apply(base: Sequence[str], hunks: Iterable[Hunk]) -> list[str]:
    """The lines of ``base`` with ``hunks`` applied.

    Raises ``PatchError`` when a hunk does not fit: other lines stand there, or hunks overlap.
    """
    lines: list[str] = []
    done = 0
    for hunk in hunks:
        start = hunk.start_line - 1
        end = start + len(hunk.old)
        if start < done or end > len(base):
            raise PatchError(
                f"The change at line {hunk.start_line} overlaps another or lies outside the text."
            )
        if tuple(base[start:end]) != hunk.old:
            raise PatchError(
                f"The text at line {hunk.start_line} is no longer what the change was made for; "
                "run the edit again."
            )
        lines += base[done:start]
        lines += hunk.new
        done = end
    lines += base[done:]
    return lines


def select(patch: Patch, indexes: Iterable[int]) -> Patch:
    """Only the hunks at ``indexes``, counted from 1; order and repetition do not matter.

    Raises ``PatchError`` for an index that is not there.
    """
    chosen = sorted(set(indexes))
    if any(not 1 <= index <= len(patch.hunks) for index in chosen):
        raise PatchError(f"There is no such hunk: this diff has {len(patch.hunks)}.")
    return Patch(tuple(patch.hunks[index - 1] for index in chosen))


def counts(patch: Patch) -> tuple[int, int]:
    """How many lines are added and removed."""
    added = sum(len(hunk.new) for hunk in patch.hunks)
    removed = sum(len(hunk.old) for hunk in patch.hunks)
    return added, removed
