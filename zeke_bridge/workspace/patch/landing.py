"""Where the blocks of an answer go in the text: in one place each, or nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch.block import Block, Lines
from zeke_bridge.workspace.patch.fence import mark
from zeke_bridge.workspace.patch.indent import common_margin, shifted
from zeke_bridge.workspace.patch.tidy import trimmed, without_numbers


class Landing(NamedTuple):
    """Lines ``start`` to ``end`` of the region (from 0, exclusive) become ``new``."""

    start: int
    end: int
    number: int
    new: Lines


class Place(NamedTuple):
    """The text and which lines of it (from 0, exclusive) were asked about."""

    lines: Sequence[str]
    start: int
    end: int

    @property
    def region(self) -> Sequence[str]:
        """The lines that were asked about."""
        return self.lines[self.start : self.end]

    def __str__(self) -> str:
        if self.end - self.start == 1:
            return f"line {self.end}"
        return f"lines {self.start + 1} to {self.end}"


def replaced(blocks: Sequence[Block], place: Place) -> Lines:
    """The region with every block landed. All blocks speak of the unchanged region.

    A block that is there twice, word for word, counts once. Raises ``PatchError`` for a block
    that fits nowhere or in several places, and for two that overlap.
    """
    once = {block.readings: block for block in reversed(blocks)}
    landings = sorted(_landing(block, place) for block in once.values())
    lines: list[str] = []
    done, before = 0, 0
    for landing in landings:
        if landing.start < done:
            first, second = sorted((before, landing.number))
            raise PatchError(
                f"Blocks {first} and {second} of the model's answer change the same lines "
                f"(line {place.start + landing.start + 1}); ask again."
            )
        lines += place.region[done : landing.start]
        lines += landing.new
        done, before = landing.end, landing.number
    return (*lines, *place.region[done:])


def _landing(block: Block, place: Place) -> Landing:
    if not any(line.strip() for line in (*block.readings[0][0], *place.region)):
        return Landing(0, len(place.region), block.number, block.readings[0][1])
    # The longest old text that is really there is the one that was meant.
    for old, new in reversed(block.readings):
        for searched, replacement in _variants(old, new):
            for look in (_exact, _without_trailing_space, _without_indentation):
                found = list(look(searched, replacement, place.region))
                if len(found) > 1:
                    raise PatchError(_twice(block.number, [start for start, _ in found], place))
                if found:
                    start, lines = found[0]
                    return Landing(start, start + len(searched), block.number, lines)
    raise PatchError(_nowhere(block, place))


def _variants(old: Lines, new: Lines) -> Iterator[tuple[Lines, Lines]]:
    """As it is; without fences inside; without line numbers; without blank lines around."""
    yield old, new
    inner = _unfenced(old), _unfenced(new)
    if inner != (old, new):
        yield inner
    bare = without_numbers(inner[0]), without_numbers(inner[1])
    if bare[0] != inner[0]:
        yield bare
    core = trimmed(bare[0]), trimmed(bare[1])
    if core != bare:
        yield core


def _unfenced(lines: Lines) -> Lines:
    core = trimmed(lines)
    if len(core) < 2:
        return lines
    opener, closer = mark(core[0]), mark(core[-1])
    return core[1:-1] if opener and closer and closer.closes(opener) else lines


Found = Iterator[tuple[int, Lines]]


def _exact(old: Lines, new: Lines, region: Sequence[str]) -> Found:
    return ((start, new) for start in _starts(old, region))


def _without_trailing_space(old: Lines, new: Lines, region: Sequence[str]) -> Found:
    return ((start, new) for start in _starts(_each(str.rstrip, old), _each(str.rstrip, region)))


def _without_indentation(old: Lines, new: Lines, region: Sequence[str]) -> Found:
    """Where the text stands further right or left by one amount; ``new`` moves along."""
    found = common_margin(old)
    level = _each(str.rstrip, shifted(old, found, ""))
    for start in _starts(_each(str.strip, old), _each(str.strip, region)):
        window = region[start : start + len(old)]
        wanted = common_margin(window)
        if _each(str.rstrip, shifted(window, wanted, "")) == level:
            yield start, shifted(new, found, wanted)


def _each(change: Callable[[str], str], lines: Sequence[str]) -> Lines:
    return tuple(change(line) for line in lines)


def _starts(old: Lines, region: Sequence[str]) -> Iterator[int]:
    """Where ``old`` begins in ``region``; text without a single letter or sign is nowhere."""
    if not any(line.strip() for line in old):
        return
    for start in range(len(region) - len(old) + 1):
        if region[start] == old[0] and tuple(region[start : start + len(old)]) == old:
            yield start


def _twice(number: int, starts: list[int], place: Place) -> str:
    times = "twice" if len(starts) == 2 else f"{len(starts)} times"
    lines = [str(place.start + start + 1) for start in starts[:5]]
    named = f"{', '.join(lines[:-1])} and {lines[-1]}" if len(starts) <= 5 else ", ".join(lines)
    return (
        f"The text that block {number} of the model's answer replaces was found {times}, at lines "
        f"{named}; select fewer lines, or ask for more of those around it."
    )


def _nowhere(block: Block, place: Place) -> str:
    old = trimmed(block.readings[0][0])
    name = f"block {block.number} of the model's answer"
    if not old:
        return f"{name.capitalize()} does not say which lines it replaces; ask again."
    outside = next(_starts(_each(str.rstrip, old), _each(str.rstrip, place.lines)), None)
    if outside is not None:
        return (
            f"{name.capitalize()} changes line {outside + 1}, which is not within {place}; "
            "select all that is to change."
        )
    return f"The text that {name} replaces is not in {place}; ask again."
