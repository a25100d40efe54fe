"""An answer that repeats more than it was asked for: the text around the range.

Only whole lines that stand directly before or after the range, in their order, count as repeated.
Lines that the range itself begins or ends with are taken for its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch.landing import Place
from zeke_bridge.workspace.patch.tidy import trimmed

_SIGNS = 6  # A line with fewer (``end``, ``}``, ``else:``) may be anywhere.
_MANY = 3


def without_echo(lines: Sequence[str], place: Place) -> tuple[str, ...]:
    """``lines`` without the surroundings of ``place`` that they repeat.

    No blank lines at the ends. Raises ``PatchError`` when nothing is left, and when they hold most
    of the surroundings, but not as they are.
    """
    before, after = place.lines[: place.start], place.lines[place.end :]
    head = _repeated(lines, before, place.region)
    tail = _repeated(lines[::-1], after[::-1], place.region[::-1])
    rest = trimmed(lines[head : len(lines) - tail])
    if not rest and (head or tail):
        raise PatchError(
            f"The model repeated the text around {place}, and nothing else; ask again."
        )
    _check(rest, place)
    return rest


def _repeated(lines: Sequence[str], before: Sequence[str], region: Sequence[str]) -> int:
    """How many of the first ``lines`` are the end of ``before``; blank lines do not count."""
    full = [at for at, line in enumerate(lines) if line.strip()]
    around = _texts(before)
    size = _border([lines[at].rstrip() for at in full], around)
    echoed = around[len(around) - size :]
    if not any(_tells(line) for line in echoed) or _texts(region)[:size] == echoed:
        return 0
    return full[size - 1] + 1


def _border(lines: list[str], around: list[str]) -> int:
    """The longest beginning of ``lines`` that ``around`` ends with (Knuth, Morris, Pratt)."""
    text: list[str | None] = [*lines, None, *around]
    borders = [0] * len(text)
    for at in range(1, len(text)):
        size = borders[at - 1]
        while size and text[at] != text[size]:
            size = borders[size - 1]
        borders[at] = size + 1 if text[at] == text[size] else 0
    return borders[-1] if lines and around else 0


def _check(lines: Sequence[str], place: Place) -> None:
    """Repeated surroundings with changes in them cannot be cut out; they must not land either."""
    own = {line.strip() for line in place.region}
    outside = (*place.lines[: place.start], *place.lines[place.end :])
    around = {line.strip() for line in outside if _tells(line)} - own
    repeated = around & {line.strip() for line in lines}
    if len(repeated) >= max(_MANY, len(around) / 2):
        raise PatchError(
            f"The model rewrote more than {place}; select all that is to change, or ask again."
        )


def _texts(lines: Sequence[str]) -> list[str]:
    return [line.rstrip() for line in lines if line.strip()]


def _tells(line: str) -> bool:
    return len("".join(line.split())) >= _SIGNS and any(char.isalnum() for char in line)
