"""``session/request_permission``: what the agent declares, and which of its options is the answer.

Memory is GhostWarden's: an *always* of the agent's is never chosen, whatever the person says. What
the options are called is the agent's own word, shown only where there are several ways to allow it
once. Does not decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zeke_bridge.agents.acp.sdk import RequestError, schema
from zeke_bridge.agents.acp.shown import notice
from zeke_bridge.agents.agent import Question, Surroundings
from zeke_bridge.agents.effects import Declared
from zeke_bridge.warden.escape import shorten

_NAME = 200
CANCELLED: dict[str, Any] = {"outcome": {"outcome": "cancelled"}}


async def answered(
    declared: Declared, options: Sequence[schema.PermissionOption], around: Surroundings
) -> tuple[bool, dict[str, Any]]:
    """Have it decided; returns whether it may be, and the result for the agent."""
    once = [one for one in options if one.kind == "allow_once"]
    if not once:
        around.say(notice("It asks for permission and offers no way to give it once: refused."))
        return False, _outcome([], options)
    allowed = await around.effects.declared(declared)
    if allowed and len(once) > 1:
        # Several ways to go on: the person says which, in their own time.
        reply = await around.ask(_which(declared, once))
        chosen = reply.content.get("option") if reply.action == "accept" else None
        once = [one for one in once if one.option_id == chosen]
    once = once if allowed else []
    return bool(once), _outcome(once, options)


def checked(options: Sequence[schema.PermissionOption]) -> None:
    """Raise ``RequestError`` when an answer could mean two things."""
    names = [one.option_id for one in options]
    if len(set(names)) != len(names):
        raise RequestError(-32602, "Invalid params: two options have one optionId.")


def _outcome(
    once: Sequence[schema.PermissionOption], options: Sequence[schema.PermissionOption]
) -> dict[str, Any]:
    rejecting = [one for one in options if one.kind == "reject_once"]
    chosen = next(iter([*once, *rejecting]), None)
    if chosen is None:
        return CANCELLED
    return {"outcome": {"outcome": "selected", "optionId": chosen.option_id}}


def _which(declared: Declared, once: Sequence[schema.PermissionOption]) -> Question:
    choices = [{"const": one.option_id, "title": shorten(one.name, _NAME)} for one in once]
    form = {
        "type": "object",
        "properties": {"option": {"type": "string", "title": "how to go on", "oneOf": choices}},
        "required": ["option"],
    }
    return Question(declared.title or "The agent wants to know how to go on.", "form", form)
