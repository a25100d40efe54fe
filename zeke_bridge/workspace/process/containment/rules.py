"""Which rules keep a program within its bounds: a pure step from places to what is allowed.

Landlock allows what is below the places it is given and cannot take anything back from that. So a
directory that holds something to be kept is not given itself, but all of its other entries are,
one by one; what comes to be in it later is not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Names = Callable[[str], Sequence[str]]
"""The entries of a directory that are no links; none for what is no directory."""
Kind = Literal["read", "write"]

DEVICES = ("/dev/full", "/dev/null", "/dev/random", "/dev/tty", "/dev/urandom", "/dev/zero")
"""What everybody may write to."""
TERMINALS = "/dev/pts"
"""Where the person types; never read."""

_Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is at or below ``path`` may be read, or read and written."""

    path: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Bounds:
    """Absolute canonical paths, each standing for all below it.

    ``writable`` may be written but for what is ``kept``; all may be read but for what is
    ``hidden``, whether it is there already or not.
    """

    writable: tuple[str, ...]
    kept: tuple[str, ...] = field(default=())
    hidden: tuple[str, ...] = field(default=())


def rules(bounds: Bounds, names: Names) -> Iterator[Rule]:
    """Return what ``bounds`` come to, as the directories are now."""
    hidden = (*bounds.hidden, TERMINALS)
    for path in around("/", hidden, names):
        yield Rule(path, "read")
    for top in bounds.writable:
        for path in around(top, (*bounds.kept, *hidden), names):
            yield Rule(path, "write")
    for path in DEVICES:
        yield Rule(path, "write")


def around(top: str, kept: Iterable[str], names: Names) -> Iterator[str]:
    """Return what together is all of ``top`` but for what is at or below one of ``kept``."""
    ends = {_parts(path) for path in kept}
    ways = {end[:depth] for end in ends for depth in range(len(end))}
    start = _parts(top)
    if any(start[:depth] in ends for depth in range(len(start) + 1)):
        return
    pending = [start]
    while pending:
        at = pending.pop()
        if at in ends:
            continue
        path = "/" + "/".join(at)
        if at in ways:
            pending.extend((*at, name) for name in names(path))
        else:
            yield path


def _parts(path: str) -> _Parts:
    return tuple(part for part in path.split("/") if part)
