"""SEARCH/REPLACE blocks, and hunks of a unified diff, read out of a model's answer.

A block is what was there and what replaces it. The marker lines are those that Aider made common
(``<<<<<<< SEARCH``, ``=======``, ``>>>>>>> REPLACE``), five to nine signs long. Line numbers of a
diff are not believed: its hunks land by their text, as blocks do. Does not know where.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zeke_bridge.model.errors import PatchError

MAX_BLOCKS = 200

_SEARCH = re.compile(r"<{5,9} ?(SEARCH|ORIGINAL)[:>]?", re.IGNORECASE)
_DIVIDER = re.compile(r"={5,9}")
_REPLACE = re.compile(r">{5,9}( ?(REPLACE|UPDATED))?[:<]?", re.IGNORECASE)
_HUNK = re.compile(r"@@ .*|@@")

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One change. ``readings`` are the pairs of old and new lines it may mean, best last.

    There are several when the old or the new lines hold something like the dividing line.
    """

    number: int
    readings: tuple[tuple[Lines, Lines], ...]


def has_blocks(lines: Sequence[str]) -> bool:
    """Whether there is a line that begins a SEARCH block."""
    return any(_SEARCH.fullmatch(line.strip()) for line in lines)


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """All SEARCH/REPLACE blocks; what stands around them does not count.

    Raises ``PatchError`` naming the block that is not whole.
    """
    found: list[Block] = []
    inside: list[str] | None = None
    for line in lines:
        stripped = line.strip()
        if _SEARCH.fullmatch(stripped):
            if inside is not None:
                raise PatchError(f"{_name(len(found) + 1)} has no line >>>>>>> REPLACE; ask again.")
            inside = []
        elif inside is None:
            continue
        elif _REPLACE.fullmatch(stripped):
            found.append(_block(len(found) + 1, inside))
            inside = None
        else:
            inside.append(line)
    if inside is not None:
        raise PatchError(f"{_name(len(found) + 1)} breaks off before its end; ask again.")
    return _few(found)


def _block(number: int, inside: list[str]) -> Block:
    dividers = [at for at, line in enumerate(inside) if _DIVIDER.fullmatch(line.strip())]
    if not dividers:
        raise PatchError(f"{_name(number)} has no line ======= in it; ask again.")
    # With many dividers the text is made of them; the outer ones are enough to find the meaning.
    chosen = dividers if len(dividers) <= 8 else [*dividers[:4], *dividers[-4:]]
    return Block(number, tuple((tuple(inside[:at]), tuple(inside[at + 1 :])) for at in chosen))


def is_diff(info: str, lines: Sequence[str]) -> bool:
    """Whether a fenced block is a unified diff."""
    named = info.split(" ", 1)[0].lower() in {"diff", "patch", "udiff"}
    return named or any(line.startswith("@@ -") for line in lines)


def diff_blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """The hunks of a unified diff as blocks. Raises ``PatchError`` when there are none."""
    found: list[Block] = []
    for hunk in _hunks(lines):
        old = tuple(line[1:] for line in hunk if line[0] in " -")
        new = tuple(line[1:] for line in hunk if line[0] in " +")
        if old != new:
            found.append(Block(len(found) + 1, ((old, new),)))
    if not found:
        raise PatchError("The model changed nothing.")
    return _few(found)


def _hunks(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines of each hunk, every one with its sign; an unsigned line is unchanged text."""
    hunk: list[str] = []
    for at, line in enumerate(lines):
        if _HUNK.fullmatch(line):
            yield hunk
            hunk = []
        elif not _is_heading(lines, at):
            hunk.append(line if line[:1] in {" ", "-", "+"} else f" {line}")
    yield hunk


def _is_heading(lines: Sequence[str], at: int) -> bool:
    line = lines[at]
    if line.startswith(("diff --git ", "index ", "\\ No newline")):
        return True
    # A removed line may begin with two dashes of its own; the heading comes in pairs.
    pair = lines[at : at + 2] if line.startswith("--- ") else lines[max(0, at - 1) : at + 1]
    return len(pair) == 2 and pair[0].startswith("--- ") and pair[1].startswith("+++ ")


def _few(found: list[Block]) -> tuple[Block, ...]:
    if len(found) > MAX_BLOCKS:
        raise PatchError(f"The model answered with more than {MAX_BLOCKS} blocks; ask for less.")
    return tuple(found)


def _name(number: int) -> str:
    return f"Block {number} of the model's answer"
