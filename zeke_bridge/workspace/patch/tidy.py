"""Small repairs to a model's lines that change no meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

from zeke_bridge.workspace.patch.difference import matching
from zeke_bridge.workspace.patch.ends import as_it_was

_NUMBERED = re.compile(r"[ \t]*([0-9]{1,9})[|│](.*)", re.DOTALL)


def trimmed(lines: Sequence[str]) -> tuple[str, ...]:
    """Without the blank lines at both ends."""
    full = [at for at, line in enumerate(lines) if line.strip()]
    return tuple(lines[full[0] : full[-1] + 1]) if full else ()


def without_numbers(lines: Sequence[str]) -> tuple[str, ...]:
    """Without the ``12| `` before every line, when the numbers are in sequence.

    Blank lines at the ends may lack theirs.
    """
    found = [_NUMBERED.fullmatch(line) for line in trimmed(lines)]
    numbered = [match for match in found if match]
    numbers = [int(match[1]) for match in numbered]
    first = numbers[0] if numbers else 0
    if not numbers or len(numbers) < len(found) or numbers != [*range(first, first + len(found))]:
        return tuple(lines)
    return tuple(match[2].removeprefix(" ") for match in numbered)


def framed(lines: Sequence[str], region: Sequence[str]) -> tuple[str, ...]:
    """``lines`` between the blank lines that ``region`` begins and ends with."""
    core = trimmed(region)
    if not core:
        return tuple(lines)
    above = next(at for at, line in enumerate(region) if line.strip())
    below = len(region) - above - len(core)
    return (*region[:above], *lines, *region[len(region) - below :])


def with_old_line_ends(lines: Sequence[str], region: Sequence[str]) -> tuple[str, ...]:
    """``lines`` with the trailing whitespace (and carriage returns) that ``region`` has.

    A line that stayed keeps its own, whatever others of the same text have. If nothing but trailing
    whitespace differs, that is the change that was asked for.
    """
    known: dict[str, str] = {}
    for line in region:
        text = line.rstrip()
        known[text] = line if known.get(text, line) == line else text
    kept = [_with_old_end(line, known) for line in lines]
    for same in matching(_without_ends(region), _without_ends(lines)):
        kept[same.j : same.j + same.size] = region[same.i : same.i + same.size]
    return as_it_was(region, lines if kept == list(region) else kept)


def _without_ends(lines: Sequence[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def _with_old_end(line: str, known: dict[str, str]) -> str:
    text = line.rstrip()
    if text in known:
        return known[text]
    return line if text else ""
