"""How long an answer may be, and how much a Claude model thinks before it. Pure.

OpenAI's ``reasoning_effort`` becomes an effort where the model thinks as it sees fit, and a token
budget where it does not (https://platform.claude.com/docs/en/build-with-claude/thinking). A field
``thinking`` in Anthropic's own words is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zeke_bridge.core.providers.anthropic.generation import Generation
from zeke_bridge.core.providers.native.conversation import Conversation, Result, Thought
from zeke_bridge.core.providers.native.toolbox import Toolbox
from zeke_bridge.core.providers.native.wishes import Wishes

# Anthropic demands a limit. Thinking counts in it; a whole answer must come before patience ends.
_USUAL = 8192
_THINKING = 16_384
_THINKING_STREAMED = 32_000
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 16_384}
_LARGEST = 24_576
_SMALLEST = 1024
_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high"}


@dataclass(frozen=True, slots=True)
class Thinking:
    """``fields`` go into the request; ``on`` is whether it asks for thinking."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    effort: str = ""
    on: bool = False


def think(
    wish: Wishes,
    model: Generation,
    talk: Conversation,
    *,
    given: Any,
    stream: bool,
    tools: Toolbox,
) -> Thinking:
    """What to ask for; ``given`` is the request's own ``thinking``."""
    usual = (_THINKING_STREAMED if stream else _THINKING) if model.adaptive else _USUAL
    limit = {"max_tokens": wish.max_tokens or usual}
    if isinstance(given, Mapping):
        effort = _level(wish.effort, model) if given.get("type") == "adaptive" else ""
        on = given.get("type") != "disabled"
        return Thinking({**limit, "thinking": dict(given)}, effort, on=on)
    if model.adaptive and wish.effort:
        return _adaptive(wish.effort, model, limit, forced=tools.forced)
    # A tool that must be called cannot be thought about, nor can a loop of calls that began so.
    if model.budgets and wish.effort not in {"", "none"} and not tools.forced and _open(talk):
        return _budgeted(wish, limit)
    return Thinking(limit)


def _adaptive(
    effort: str, model: Generation, limit: Mapping[str, Any], *, forced: bool
) -> Thinking:
    if effort == "none":
        off = {"thinking": {"type": "disabled"}} if model.quiet else {}
        return Thinking({**limit, **off}, "" if model.quiet else "low")
    level = _level(effort, model)
    if forced:
        return Thinking(limit, level)
    thinking = {"type": "adaptive", "display": "summarized"}
    return Thinking({**limit, "thinking": thinking}, level, on=True)


def _level(effort: str, model: Generation) -> str:
    """``effort`` as ``model`` knows it; empty for one that knows none."""
    if not model.adaptive:
        return ""
    most = {"xhigh": "xhigh" if model.strains else "high", "max": "max"}
    return _EFFORTS.get(effort) or most.get(effort, "")


def _budgeted(wish: Wishes, limit: Mapping[str, Any]) -> Thinking:
    budget = _BUDGETS.get(wish.effort, _LARGEST)
    if wish.max_tokens is None:
        most = limit["max_tokens"] + budget
    else:
        # What the user allows is what the user pays: half of it is for the answer.
        most, budget = wish.max_tokens, min(budget, wish.max_tokens // 2)
    if budget < _SMALLEST:
        return Thinking(limit)
    thinking = {"type": "enabled", "budget_tokens": budget}
    return Thinking({"max_tokens": most, "thinking": thinking}, on=True)


def _open(talk: Conversation) -> bool:
    """Whether the calls since the last question carry the thinking that must stand before them."""
    for turn in reversed(talk.turns):
        if not turn.assistant and not any(isinstance(block, Result) for block in turn.blocks):
            return True
        if turn.calls and not isinstance(turn.blocks[0], Thought):
            return False
    return True
