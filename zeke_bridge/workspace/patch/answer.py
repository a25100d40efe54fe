"""Reading a model's raw answer as a change of one range of a text.

Two forms are understood: SEARCH/REPLACE blocks (``block``, ``landing``), and new text for the whole
range (``whole``). Blocks win when there are any, unless the range holds such markers itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from zeke_bridge.model.errors import PatchError
from zeke_bridge.workspace.patch.block import blocks, diff_blocks, has_blocks, is_diff
from zeke_bridge.workspace.patch.difference import hunks
from zeke_bridge.workspace.patch.hunk import Patch
from zeke_bridge.workspace.patch.landing import Place, replaced
from zeke_bridge.workspace.patch.tidy import with_old_line_ends
from zeke_bridge.workspace.patch.whole import rewritten

_THINKING = "<think>"
_THOUGHT = "</think>"
_SURROGATE = re.compile("[\ud800-\udfff]")


def propose(answer: str, base: str, first: int, last: int) -> Patch:
    """What ``answer`` makes of lines ``first`` to ``last`` (from 1, inclusive) of ``base``.

    No hunk leaves that range, and there is at least one. Blank lines at both ends of the range
    stay as they are when the range is rewritten in whole. Raises ``PatchError`` with a sentence
    for the person.
    """
    lines = base.split("\n")
    if not 1 <= first <= last <= len(lines):
        raise PatchError(
            f"Lines {first} to {last} are not in the buffer, which has {len(lines)}; select again."
        )
    place = Place(lines, first - 1, last)
    said = _said(answer)
    if has_blocks(said) and not has_blocks(place.region):
        new = replaced(blocks(said), place)
    else:
        new = rewritten(said, place)
    found = hunks(place.region, with_old_line_ends(new, place.region), first)
    if not found:
        raise PatchError("The model changed nothing.")
    return Patch(found)


def landed(patch: str, lines: Sequence[str]) -> tuple[str, ...]:
    """``lines`` with the hunks of a unified diff, or SEARCH/REPLACE blocks, landed in them.

    Raises ``PatchError`` with a sentence for the person.
    """
    said = [line.removesuffix("\r") for line in patch.split("\n")]
    found = blocks(said) if has_blocks(said) and not is_diff("", said) else diff_blocks(said)
    return with_old_line_ends(replaced(found, Place(lines, 0, len(lines))), lines)


def _said(answer: str) -> list[str]:
    """The lines of the answer proper, without what a reasoning model thought before it."""
    text = answer.lstrip()
    if text.startswith(_THINKING):
        _, closed, text = text.partition(_THOUGHT)
        if not closed:
            raise PatchError("The model's answer breaks off before it came to the code; ask again.")
    else:
        text = answer
    if not text.strip():
        raise PatchError("The model gave an empty answer; ask again.")
    if _SURROGATE.search(text):
        raise PatchError("The model's answer holds characters that no file can hold; ask again.")
    return [line.removesuffix("\r") for line in text.split("\n")]
