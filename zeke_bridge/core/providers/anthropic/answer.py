"""From an answer of Anthropic's Messages API to a chat completion of OpenAI's. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from zeke_bridge.core.providers.anthropic import fault
from zeke_bridge.core.providers.http import nonsense
from zeke_bridge.core.providers.native import completion
from zeke_bridge.core.providers.native.completion import Body, Message

_REASONS = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def answer(native: Any, who: str, created: int) -> Body:
    """The whole answer that ``native`` is.

    Raises ``BadAnswerError`` when it is none, and ``FilteredError`` when the model refused to say
    anything.
    """
    blocks = native.get("content") if isinstance(native, dict) else None
    if not isinstance(blocks, list):
        raise nonsense(who, "something that is no message")
    message = Message()
    for block in blocks:
        if isinstance(block, dict):
            _add(message, block)
    if native.get("stop_reason") == "refusal" and message.empty:
        raise fault.refusal(native.get("stop_details"), who)
    message.matched = str(native.get("stop_sequence") or "")
    said = [(message, reason(native.get("stop_reason")))]
    given, model = str(native.get("id") or "chatcmpl"), str(native.get("model") or "")
    return completion.completion(given, model, created, said, usage(native.get("usage")))


def reason(stop: Any) -> str:
    """OpenAI's word for why an answer ended."""
    return _REASONS.get(stop, "stop") if isinstance(stop, str) else "stop"


def usage(counts: Any) -> Body:
    """OpenAI's usage: there the prompt includes what was read from, or written to, a cache."""
    raw: Mapping[str, Any] = counts if isinstance(counts, Mapping) else {}
    details = raw.get("output_tokens_details")
    read = _count(raw, "cache_read_input_tokens")
    written = _count(raw, "cache_creation_input_tokens")
    return completion.usage(
        _count(raw, "input_tokens") + read + written,
        _count(raw, "output_tokens"),
        cached=read,
        written=written,
        reasoning=_count(details if isinstance(details, Mapping) else {}, "thinking_tokens"),
    )


def _count(raw: Mapping[str, Any], name: str) -> int:
    count = raw.get(name)
    return count if isinstance(count, int) and count > 0 else 0


def _add(message: Message, block: Mapping[str, Any]) -> None:
    kind = block.get("type")
    if kind == "text" and isinstance(block.get("text"), str):
        message.text.append(block["text"])
        message.order.append("content")
    elif kind == "thinking":
        if isinstance(block.get("thinking"), str) and block["thinking"]:
            message.thinking.append(block["thinking"])
        message.blocks.append(dict(block))
        message.order.append("thinking_blocks")
    elif kind == "redacted_thinking":
        message.blocks.append(dict(block))
        message.order.append("thinking_blocks")
    elif kind == "tool_use":
        arguments = orjson.dumps(block.get("input") or {}).decode()
        made = completion.call(str(block.get("name")), arguments, str(block.get("id")))
        message.calls.append(made)
        message.order.append("tool_calls")
