"""A chat request from ``wire.messages.request`` in words that every server of OpenAI's dialect has.

Strict ones refuse fields that they do not know. What only told a provider what to keep, or what it
had signed, is left out; what was said stays. The format is
https://platform.openai.com/docs/api-reference/chat/create.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from zeke_bridge.wire.messages import order

Body = dict[str, Any]

_FOREIGN = frozenset({"thinking", "cache_control", "top_k"})
_THOUGHT = frozenset({"thinking_blocks", order.NAME})
_EFFORTS = {"xhigh": "high", "max": "high"}
_LONGEST_USER = 64
_FAILED = "The tool failed: "
_SHOWN_BELOW = "What the tool showed is in the next message."


def plain(body: Mapping[str, Any]) -> Body:
    """``body`` without anything of Anthropic's own; it is not changed itself."""
    made = {name: value for name, value in body.items() if name not in _FOREIGN}
    made["messages"] = list(_messages(body["messages"]))
    if "tools" in made:
        made["tools"] = [_bare(tool) for tool in made["tools"]]
    if "reasoning_effort" in made:
        effort = made["reasoning_effort"]
        made["reasoning_effort"] = _EFFORTS.get(effort, effort)
    if len(user := made.get("user") or "") > _LONGEST_USER:
        # Claude Code's has 117 letters, and some refuse more than 64. The same one stays the same.
        made["user"] = hashlib.sha256(user.encode()).hexdigest()
    return made


def _messages(messages: Iterable[Mapping[str, Any]]) -> Iterable[Body]:
    """The messages; what tools showed comes after their answers, because those are text."""
    shown: list[Body] = []
    for message in messages:
        if message["role"] == "tool":
            yield _result(message, shown)
            continue
        if shown:
            yield {"role": "user", "content": shown}
            shown = []
        yield _message(message)
    if shown:
        yield {"role": "user", "content": shown}


def _message(message: Mapping[str, Any]) -> Body:
    made = {name: value for name, value in message.items() if name not in _THOUGHT}
    content = made["content"]
    if isinstance(content, list):
        parts = [_bare(part) for part in content]
        made["content"] = _joined(parts, "" if message["role"] == "assistant" else "\n\n")
    if "tool_calls" in made:
        made["tool_calls"] = [_bare(call) for call in made["tool_calls"]]
    return made


def _joined(parts: list[Body], between: str) -> str | list[Body]:
    """One text when there is only text: servers differ in what they make of several."""
    if all(part["type"] == "text" for part in parts):
        return between.join(part["text"] for part in parts)
    return parts


def _result(message: Mapping[str, Any], shown: list[Body]) -> Body:
    """A tool's answer as text; other parts go to ``shown``."""
    content = message["content"]
    parts = [_bare(part) for part in content] if isinstance(content, list) else []
    texts = [part["text"] for part in parts if part["type"] == "text"]
    rest = [part for part in parts if part["type"] != "text"]
    shown += rest
    text = content if isinstance(content, str) else "\n\n".join(texts)
    text = text or (_SHOWN_BELOW if rest else "")
    if message.get("is_error"):
        text = _FAILED + text
    return {"role": "tool", "tool_call_id": message["tool_call_id"], "content": text}


def _bare(part: Mapping[str, Any]) -> Body:
    return {name: value for name, value in part.items() if name != "cache_control"}
