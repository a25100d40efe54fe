"""Indentation that a model lost or changed, given back as the text had it."""

from __future__ import annotations

import math
from collections.abc import Sequence


def margin(line: str) -> str:
    """The whitespace that ``line`` begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def common_margin(lines: Sequence[str]) -> str:
    """The whitespace that all lines begin with; blank lines do not count."""
    margins = [margin(line) for line in lines if line.strip()]
    if not margins:
        return ""
    low, high = min(margins), max(margins)
    size = next((at for at, char in enumerate(low) if char != high[at]), len(low))
    return low[:size]


def shifted(lines: Sequence[str], found: str, wanted: str) -> tuple[str, ...]:
    """Each line moved from the margin ``found`` to ``wanted``.

    A line with less than ``found`` keeps its distance to it as far as there is room.
    """
    return tuple(_shifted(line, found, wanted) for line in lines)


def _shifted(line: str, found: str, wanted: str) -> str:
    if not line.strip():
        return line
    if line.startswith(found):
        return wanted + line[len(found) :]
    own = margin(line)
    room = max(0, len(wanted) - (len(found) - len(own)))
    return wanted[:room] + line[len(own) :]


def restored(lines: Sequence[str], region: Sequence[str]) -> tuple[str, ...]:
    """The new ``lines`` for ``region``, indented as the region is.

    Tabs and spaces become what the region uses. Then, if the model moved the whole by one amount,
    or its first line alone, that is undone; lines that stand as they did speak against it.
    """
    if not any(line.strip() for line in region):
        return tuple(lines)
    lines = _in_manner_of(lines, region)
    found, wanted = common_margin(lines), common_margin(region)
    if found == wanted or _stand_still(lines, region):
        return tuple(lines)
    if _only_first_moved(lines, region):
        return (margin(region[0]) + lines[0].lstrip(" \t"), *lines[1:])
    return shifted(lines, found, wanted)


def _stand_still(lines: Sequence[str], region: Sequence[str]) -> bool:
    """Whether of the lines that are in both most have the indentation they had.

    One alone says nothing, unless it is all there was: it may have come to stand there by chance.
    Nor does a line that stood at several margins.
    """
    places: dict[str, set[str]] = {}
    for line in filter(str.strip, region):
        places.setdefault(line.strip(), set()).add(margin(line))
    before = {text: margins.pop() for text, margins in places.items() if len(margins) == 1}
    kept = [before[line.strip()] == margin(line) for line in lines[1:] if line.strip() in before]
    most = max(1, len(kept) // 2) if len(before) > 1 else 0
    return sum(kept) > most and not _only_first_moved(lines, region)


def _only_first_moved(lines: Sequence[str], region: Sequence[str]) -> bool:
    """The way of answers whose surrounding whitespace was stripped."""
    return (
        len(lines) > 1
        and len(region) > 1
        and len(margin(lines[0])) < len(margin(region[0]))
        and common_margin(lines[1:]) == common_margin(region[1:]) != ""
    )


def _in_manner_of(lines: Sequence[str], region: Sequence[str]) -> tuple[str, ...]:
    if _uses(region, "\t") and _uses(lines, " "):
        found, wanted = _unit(lines), "\t"
    elif _uses(region, " ") and _uses(lines, "\t"):
        found, wanted = "\t", _unit(region)
    else:
        return tuple(lines)
    return (
        tuple(_rewritten(line, found, wanted) for line in lines)
        if found and wanted
        else tuple(lines)
    )


def _uses(lines: Sequence[str], char: str) -> bool:
    """Whether all indentation is made of ``char``, and there is some."""
    margins = {margin(line) for line in lines if line.strip()} - {""}
    return bool(margins) and all(set(each) == {char} for each in margins)


def _unit(lines: Sequence[str]) -> str:
    """One step of an indentation made of spaces; empty when there is no regular one."""
    step = math.gcd(*(len(margin(line)) for line in lines if line.strip()))
    return " " * next((size for size in (8, 4, 3, 2) if step % size == 0), 0)


def _rewritten(line: str, unit: str, wanted: str) -> str:
    own = margin(line)
    return wanted * (len(own) // len(unit)) + line[len(own) :] if line.strip() else line
