"""An answer that was kept, and which answers are worth keeping. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.core.providers.base import Body
from zeke_bridge.model.exchange import Cost

# A message that holds one of these is more than its text, or is not an answer.
_MORE = ("tool_calls", "function_call", "refusal", "audio")


@dataclass(frozen=True, slots=True)
class Kept:
    """``answer`` is a whole ``chat.completion`` of OpenAI's, with ``usage``.

    ``provider`` and ``model`` gave it for ``cost``, ``at`` seconds after the epoch.
    """

    answer: Body
    provider: str
    model: str
    cost: Cost
    at: float


def keepable(answer: Mapping[str, Any]) -> bool:
    """Whether ``answer`` is one whole text that ended by itself.

    Not: several choices, one that was cut off or filtered, tool calls, an empty text, an error.
    """
    choices = answer.get("choices")
    if "error" in answer or not isinstance(choices, list) or len(choices) != 1:
        return False
    choice = choices[0]
    if not isinstance(choice, dict) or choice.get("finish_reason") != "stop":
        return False
    message = choice.get("message")
    if not isinstance(message, dict) or any(message.get(name) for name in _MORE):
        return False
    content = message.get("content")
    return isinstance(content, str) and bool(content.strip())
