"""Fenced code blocks in a model's answer, as CommonMark writes them (section 4.5).

Wider than the specification in two places, because answers are: an opening fence may be indented
by any amount (its content loses that much), and inside a block a fence with an info string opens
a nested one. Does not know which block matters.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from zeke_bridge.model.errors import PatchError

_MARK = re.compile(r"([ \t]*)(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True)
class Fence:
    """A complete block: its info string, what is in it, and the index of its opening line."""

    info: str
    lines: tuple[str, ...]
    at: int


class Mark(NamedTuple):
    """A line that opens or closes a block; only an opening one has an ``info``."""

    indent: str
    char: str
    size: int
    info: str

    def closes(self, opener: Mark) -> bool:
        """Whether this line ends the block that ``opener`` began."""
        return (
            not self.info
            and self.char == opener.char
            and self.size >= opener.size
            and len(self.indent) <= len(opener.indent) + 3
        )

    def nests_in(self, opener: Mark) -> bool:
        """Whether this line begins a block inside that of ``opener``."""
        return bool(self.info) and self.char == opener.char and self.size >= opener.size


def mark(line: str) -> Mark | None:
    """What kind of fence ``line`` is, if it is one."""
    found = _MARK.fullmatch(line)
    if found is None:
        return None
    indent, run, info = found[1], found[2], found[3].strip()
    if run[0] == "`" and "`" in info:
        return None
    return Mark(indent, run[0], len(run), info)


def fences(lines: Sequence[str]) -> tuple[Fence, ...]:
    """The outermost blocks in order.

    Raises ``PatchError`` when one of them is never closed: the answer was cut off.
    """
    found = []
    opened: list[Mark] = []
    start = 0
    for number, line in enumerate(lines):
        seen = mark(line)
        if seen is None:
            continue
        if not opened:
            opened, start = [seen], number
        elif seen.nests_in(opened[-1]):
            opened.append(seen)
        elif seen.closes(opened[-1]):
            opener = opened.pop()
            if not opened:
                found.append(_fence(opener, lines, start, number))
    if opened:
        raise PatchError(
            "The model's answer breaks off in the middle of the code; "
            "ask again, or select fewer lines."
        )
    return tuple(found)


def outermost(lines: Sequence[str]) -> Fence | None:
    """All from the first fence to the last, when the fences in between can be pairs.

    For text that has fences itself: without info strings nothing else tells a nested opening
    fence from the closing one.
    """
    marks = [(number, seen) for number, line in enumerate(lines) if (seen := mark(line))]
    if len(marks) < 2 or len(marks) % 2:
        return None
    (start, opener), (end, closer) = marks[0], marks[-1]
    return _fence(opener, lines, start, end) if closer.closes(opener) else None


def _fence(opener: Mark, lines: Sequence[str], start: int, end: int) -> Fence:
    content = tuple(line.removeprefix(opener.indent) for line in lines[start + 1 : end])
    return Fence(opener.info, content, start)
