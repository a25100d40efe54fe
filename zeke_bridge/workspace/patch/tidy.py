"""Small repairs to a model's lines that change no meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence

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

    If nothing but trailing whitespace differs, that is the change that was asked for.
    """
    known: dict[str, str] = {}
    for line in region:
        text = line.rstrip()
        known[text] = line if known.get(text, line) == line else text
    carriage = "\r" if region and all(line.endswith("\r") for line in region) else ""
    kept = tuple(_with_old_end(line, known, carriage) for line in lines)
    return tuple(lines) if kept == tuple(region) and not carriage else kept


def _with_old_end(line: str, known: dict[str, str], carriage: str) -> str:
    text = line.rstrip()
    if text in known:
        return known[text]
    return (line if text else "") + carriage
