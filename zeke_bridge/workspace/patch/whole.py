"""An answer that stands for the whole range: which part of it, cleaned of what does not belong.

Of several fenced blocks one is taken, by this rule: empty ones and those that only repeat the
range do not count; of the others the one that has the most lines of the range; of equals the
first. Without a fence the whole answer counts if it is code (see ``prose``).
"""

from __future__ import annotations

from collections.abc import Sequence

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch.block import diff_blocks, is_diff
from zeke_bridge.workspace.patch.echo import without_echo
from zeke_bridge.workspace.patch.fence import Fence, fences, mark, outermost
from zeke_bridge.workspace.patch.indent import restored
from zeke_bridge.workspace.patch.landing import Place, replaced
from zeke_bridge.workspace.patch.prose import is_code
from zeke_bridge.workspace.patch.tidy import framed, trimmed, without_numbers


def rewritten(lines: Sequence[str], place: Place) -> tuple[str, ...]:
    """The new lines for the range. Raises ``PatchError`` when the answer has none."""
    found = _fences(lines, place.region)
    if not found:
        if not is_code(lines, place.region):
            raise PatchError(
                "The model answered in words instead of code; ask again, or ask more plainly."
            )
        return _fitted(lines, place)
    chosen = _chosen(found, place.region)
    if _is_diff(chosen, place.region):
        return replaced(diff_blocks(chosen.lines), place)
    return _fitted(chosen.lines, place)


def _fences(lines: Sequence[str], region: Sequence[str]) -> tuple[Fence, ...]:
    """The blocks; none when the fences are part of the text itself, as in Markdown."""
    if not any(mark(line) for line in region):
        return fences(lines)
    # Whether the answer begins like the range, or with a fence around it.
    first, own = _texts(lines)[:1], _texts(region)
    if first == own[:1] or (first and not mark(first[0]) and first[0] in own):
        return ()
    whole = outermost(lines)
    return (whole,) if whole else fences(lines)


def _chosen(found: Sequence[Fence], region: Sequence[str]) -> Fence:
    full = [fence for fence in found if trimmed(fence.lines)]
    if not full:
        raise PatchError("The model answered with an empty block of code; ask again.")
    own = _texts(region)
    changed = [fence for fence in full if _texts(fence.lines) != own] or full
    known = set(own)
    # max keeps the first of equals.
    return max(changed, key=lambda fence: len(known & set(_content(fence, region))))


def _content(fence: Fence, region: Sequence[str]) -> list[str]:
    if _is_diff(fence, region):
        return _texts([line[1:] for line in fence.lines])
    return _texts(fence.lines)


def _is_diff(fence: Fence, region: Sequence[str]) -> bool:
    return is_diff(fence.info, fence.lines) and not is_diff("", region)


def _texts(lines: Sequence[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _fitted(lines: Sequence[str], place: Place) -> tuple[str, ...]:
    region = trimmed(place.region)
    if without_numbers(region) == region:
        lines = without_numbers(lines)
    return framed(restored(without_echo(lines, place), region), place.region)
