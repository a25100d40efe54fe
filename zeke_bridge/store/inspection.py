"""The audit chain gone through from end to end: what was edited, removed, cut or put aside.

Knows the chain, not who writes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from zeke_bridge.store import chain
from zeke_bridge.store.chain import START, ChainError, Link

_CUT = "Lines at the end of the audit log were removed."


@dataclass(frozen=True, slots=True)
class Verification:
    """``lines`` that were read; ``problem`` says in sentences what is wrong, or is empty."""

    lines: int
    problem: str = ""


def inspect(
    log: BinaryIO | None, size: int, head: bytes | None, asides: Sequence[str]
) -> Verification:
    """Judge the first ``size`` bytes of ``log`` (None: there is no log) against its ``head``.

    ``asides`` are the names of damaged logs that were put aside earlier.
    """
    problems = [f"A damaged audit log was put aside: {name}." for name in asides]
    lines = 0
    try:
        lines, begun, last = _walk(log, size)
        if begun:
            problems.append(begun)
        problem = _ending(log, last, head)
    except _BrokenError as broken:
        lines, problem = broken.line, broken.sentence
    if problem:
        problems.append(problem)
    return Verification(lines, " ".join(problems))


class _BrokenError(Exception):
    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line
        self.sentence = sentence


def _walk(log: BinaryIO | None, size: int) -> tuple[int, str, Link]:
    """Return the number of lines, a sentence about a log that began anew, and the last line."""
    count, begun, last = 0, "", START
    left = size
    while log is not None and left > 0:
        raw = log.readline(min(left, chain.MAX_LINE + 1))
        left -= len(raw)
        count += 1
        if not raw:
            raise _BrokenError(count, _CUT)
        try:
            entry, link = chain.read(raw)
        except ChainError as error:
            raise _BrokenError(count, f"Line {count} of the audit log {error}.") from None
        if count == 1 and entry.get("kind") == chain.RESTART:
            begun = (
                f"The audit log began anew at {entry.get('time')}, because the one before was "
                f"damaged: {entry.get('problem')}"
            )
        elif not link.follows(last):
            moved = f"Before line {count} of the audit log something was removed or moved."
            raise _BrokenError(count, moved)
        last = link
    return count, begun, last


def _ending(log: BinaryIO | None, last: Link, head: bytes | None) -> str:
    """Say what is wrong between the last line and what the head knows, or return ``""``."""
    if head is None:
        # Killed before the head was first made, the log has one line.
        fits = last == START or last.follows(START)
        return "" if fits else "The head of the audit log (audit.head) is missing."
    try:
        known = chain.read_head(head)
    except ChainError:
        return "The head of the audit log (audit.head) is damaged."
    # Killed between line and head, the head is one line behind.
    if known == last or last.follows(known):
        return ""
    if log is None:
        return "The audit log is missing."
    if known.number > last.number:
        return _CUT
    return "The head of the audit log (audit.head) is not that of this log."
