"""Making a conversation shorter when a model cannot read all of it. Pure.

What tools gave goes first, the oldest first; then what the model passed to them. What the person
and the model said stays as it is.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from zeke_bridge.agents.loop.cut import cut
from zeke_bridge.model.exchange import Message, ToolCall

_KEPT = 300
_RECENT = 2_000
_ARGUMENTS = 1_000
# Of what can go, this much goes at once: each time the whole conversation is read anew.
_SHARE = 0.5


def compacted(messages: Sequence[Message]) -> list[Message] | None:
    """The same with less in it; None when nothing more can go."""
    made = list(messages)
    last = max((at for at, turn in enumerate(made) if turn.calls), default=len(made))
    old = [at for at, turn in enumerate(made) if turn.role == "tool" and at < last]
    if _shorten(made, old, _KEPT):
        return made
    recent = [at for at, turn in enumerate(made) if turn.role == "tool" and at > last]
    if _shorten(made, recent, _RECENT):
        return made
    passed = [replace(turn, calls=tuple(map(_bare, turn.calls))) for turn in made]
    return passed if passed != made else None


def _shorten(messages: list[Message], places: Sequence[int], kept: int) -> bool:
    """Cut the longer ones of these, until about half of what can go is gone."""
    can_go = sum(max(0, len(messages[at].content) - 2 * kept) for at in places)
    gone = 0
    for at in places:
        size = len(messages[at].content)
        if size <= 2 * kept:
            continue
        short = cut(messages[at].content, kept)
        note = "This result was shortened to make room; use the tool again if you need all of it."
        messages[at] = replace(messages[at], content=f"({note})\n{short}")
        gone += size - len(messages[at].content)
        if gone >= can_go * _SHARE:
            break
    return gone > 0


def _bare(call: ToolCall) -> ToolCall:
    """``call`` without long texts in its arguments."""
    if len(call.arguments) <= _ARGUMENTS:
        return call
    try:
        given = json.loads(call.arguments)
    except (ValueError, RecursionError):
        given = None
    path = given.get("path") if isinstance(given, dict) else None
    left = {"left_out": f"{len(call.arguments)} characters, to make room"}
    short = ({"path": path[:_KEPT]} if isinstance(path, str) else {}) | left
    return replace(call, arguments=json.dumps(short))
