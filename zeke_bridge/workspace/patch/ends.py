r"""Carriage returns at the ends of lines, for a text made by somebody who was shown none. Pure.

Only lines of a file whose lines do not all end alike have one: else it is a line end, and in no
line.
"""

from __future__ import annotations

from collections.abc import Sequence

from zeke_bridge.workspace.patch.difference import gaps, matching

_RETURN = "\r"


def shown(lines: Sequence[str], *, final_eol: bool = True) -> tuple[str, ...]:
    r"""``lines`` as somebody sees them for whom ``\r\n`` ends a line as ``\n`` does.

    Without ``final_eol`` nothing ends the last one, and a carriage return there is a character.
    """
    ended = len(lines) - (not final_eol)
    return (*(line.removesuffix(_RETURN) for line in lines[:ended]), *lines[ended:])


def as_it_was(old: Sequence[str], new: Sequence[str], *, final_eol: bool = True) -> tuple[str, ...]:
    r"""``new``, made by who saw ``shown(old)``, with the carriage returns that ``old`` has.

    A line that stayed ends as it did, and a new one as the one in whose place it comes, or as the
    one before it. One that ``new`` has by itself counts: it was asked for. Without ``final_eol``
    nothing ends the last line, neither of ``old`` nor of ``new``.
    """
    seen = shown(old, final_eol=final_eol)
    if seen == tuple(old):
        return tuple(new)
    known = set(seen)
    bare = [line if line in known else line.removesuffix(_RETURN) for line in new]
    same = matching(seen, bare)
    had = [line != without for line, without in zip(old, seen, strict=True)]
    has = [False] * len(new)
    for one in same:
        has[one.j : one.j + one.size] = had[one.i : one.i + one.size]
    for gap in gaps(same, len(old), len(new)):
        before = had[gap.i : gap.i_end] or had[max(gap.i - 1, 0) :][:1]
        for at in range(gap.j, gap.j_end):
            has[at] = before[min(at - gap.j, len(before) - 1)]
    ended = len(new) - (not final_eol)
    return tuple(
        f"{line}{_RETURN}" if line != asked or (has[at] and at < ended) else line
        for at, (line, asked) in enumerate(zip(bare, new, strict=True))
    )
