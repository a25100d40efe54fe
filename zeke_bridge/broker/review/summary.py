"""What a model is told of a review, in the order a person would say it. Pure.

Every reason is told word for word. Of the changes themselves as much is shown as there is room
for, what was rejected before what was accepted, since that is in the text already.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zeke_bridge.broker.review.settled import LANDED, Settled
from zeke_bridge.workspace.patch import Hunk, Patch

ROOM = 12_000
"""Characters for the changes of one round, when nothing else limits them."""
MOST = 20_000
"""Characters that a routing core takes as one instruction."""

_AGAIN = (
    "Propose the change again in the same form, as the reasons ask for. Leave what was accepted "
    "as it is now, and do not repeat what was rejected."
)


def told(settled: Sequence[Settled], room: int = ROOM, *, seen: bool = True) -> str:
    """What became of one round. ``room``: characters for the changes beside the words.

    Without ``seen`` nothing is told of what stood there: whoever proposed it may not have read it.
    """
    if not settled:
        return ""
    share = max(room, 0) // len(settled)
    return "\n\n".join(_file(one, share, seen=seen) for one in settled)


def request(settled: Sequence[Settled], room: int = ROOM) -> str:
    """What to say next in a conversation that the model's own proposal stands in."""
    return f"Your proposal was looked at.\n\n{told(settled, room)}\n\n{_AGAIN}"


def instruction(wish: str, rounds: Sequence[Sequence[Settled]], most: int = MOST) -> str:
    """``wish`` and the whole story so far as one instruction, oldest round first.

    It is kept to ``most`` characters by showing less of the changes, never less of the reasons.
    """
    bare = _story(wish, rounds, [0] * len(rounds))
    left, rooms = max(most - len(bare), 0), []
    for _ in rounds:
        # The last round matters most.
        rooms.append(left // 2)
        left -= left // 2
    return _story(wish, rounds, rooms[::-1])


def _story(wish: str, rounds: Sequence[Sequence[Settled]], rooms: Sequence[int]) -> str:
    parts = [
        f"{_ordinal(number)} was looked at.\n\n{told(settled, room)}"
        for number, (settled, room) in enumerate(zip(rounds, rooms, strict=True), 1)
    ]
    return "\n\n".join(filter(None, [wish, *parts, _AGAIN]))


def _ordinal(number: int) -> str:
    return "Your proposal for this" if number == 1 else f"Your proposal number {number}"


def _file(one: Settled, room: int, *, seen: bool) -> str:
    head = one.name or "The text"
    parts = [f"{head}: {_outcome(one)}"]
    shown_of = {
        "Not taken:": one.rejected,
        "Not taken, because the text there has changed since:": Patch(one.conflicts),
        "Taken:": one.accepted,
    }
    for label, patch in shown_of.items():
        shown = _block(patch, room - len(label) - 2, seen=seen)
        if shown:
            parts.append(f"{label}\n{shown}")
            room -= len(parts[-1]) + 1
    if one.reason:
        parts.append(f"The reason: {one.reason}")
    return "\n".join(parts)


def _outcome(one: Settled) -> str:
    total, taken = one.total, len(one.taken)
    match one.state:
        case "denied":
            return f"this was not allowed. {one.message}".rstrip()
        case "failed":
            return f"this could not be done. {one.message}".rstrip()
        case "same":
            return "it had exactly this text already."
        case _ if one.state not in LANDED or not taken:
            return "all of it was rejected."
        case _ if taken == total:
            return "all of it was accepted and is in the text now."
        case _:
            return f"{taken} of {total} changes were accepted and are in the text now."


def _block(patch: Patch, room: int, *, seen: bool) -> str:
    """As many lines as there is room for, indented: a fence would look like what to answer."""
    lines = [f"    {line}" for hunk in patch.hunks for line in _hunk(hunk, seen=seen)]
    size, kept = len("    … 999999 more lines"), []
    for line in lines:
        size += len(line) + 1
        if size > room:
            break
        kept.append(line)
    if not kept:
        return ""
    if len(kept) < len(lines):
        kept.append(f"    … {len(lines) - len(kept)} more lines")
    return "\n".join(kept)


def _hunk(hunk: Hunk, *, seen: bool) -> Iterator[str]:
    yield f"@@ line {hunk.start_line} @@"
    if seen:
        yield from (f"-{line}" for line in hunk.old)
    yield from (f"+{line}" for line in hunk.new)
