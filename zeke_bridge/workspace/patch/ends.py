r"""Carriage returns at the ends of lines, for a text made by somebody who was shown none. Pure.

Only lines of a file whose lines do not all end alike have one: else it is a line end, and in no
line.
"""

from __future__ import annotations

from collections.abc import Sequence

from zeke_bridge.workspace.patch.difference import gaps, matching

_RETURN = "\r"


def shown(lines: Sequence[str]) -> tuple[str, ...]:
    r"""``lines`` as somebody sees them for whom ``\r\n`` ends a line as ``\n`` does."""
    return tuple(line.removesuffix(_RETURN) for line in lines)


def as_it_was(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    r"""``new``, made by who saw ``shown(old)``, with the carriage returns that ``old`` has.

    A line that stayed ends as it did, and a new one as the one in whose place it comes, or as the
    one before it. One that ``new`` has by itself counts: it was asked for.
    """
    seen = shown(old)
    if seen == tuple(old):
        return tuple(new)
    known = set(seen)
    bare = [line if line in known else line.removesuffix(_RETURN) for line in new]
    same = matching(seen, bare)
    model: list[str] = [""] * len(new)
    for one in same:
        model[one.j : one.j + one.size] = old[one.i : one.i + one.size]
    for gap in gaps(same, len(old), len(new)):
        before = old[gap.i : gap.i_end] or old[max(gap.i - 1, 0) :][:1]
        for at in range(gap.j, gap.j_end):
            model[at] = before[min(at - gap.j, len(before) - 1)]
    return tuple(
        f"{line}{_RETURN}" if line != asked or like.endswith(_RETURN) else line
        for line, asked, like in zip(bare, new, model, strict=True)
    )
