"""From a chat completion of OpenAI's to a message of Anthropic's, whole.

The shapes are those of https://platform.claude.com/docs/en/api/messages. Thinking comes as
``reasoning_content`` or ``reasoning`` (text), or as ``thinking_blocks`` (signed, to be given back);
``stop_reason`` of a choice is what it stopped at, as vLLM has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Usage
from zeke_bridge.wire.messages import order
from zeke_bridge.wire.openai import usage_of

Body = dict[str, Any]

_REASONS = {
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}


def message(answer: Mapping[str, Any], *, thinks: bool, request_id: str) -> Body:
    """The message that ``answer`` is; with ``thinks``, thinking that nobody signed is in it too.

    Raises ``BadAnswerError`` when it says nothing.
    """
    choices = answer.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    said = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(said, dict):
        raise BadAnswerError("The provider's answer holds no message: try again.")
    rows = said.get("tool_calls")
    calls = [call for call in rows if isinstance(call, dict)] if isinstance(rows, list) else []
    fields: dict[str, list[Body | None]] = {
        "thinking_blocks": [*_thoughts(said, thinks=thinks)],
        "content": [text_block(text) if text else None for text in _apart(said)],
        "tool_calls": [_call(call, place, request_id) for place, call in enumerate(calls)],
    }
    content = order.ordered(fields, said.get(order.NAME))
    ended = ending(choice, called=bool(calls), refused=bool(said.get("refusal")))
    given, model = answer.get("id") or request_id, answer.get("model")
    return {**head(str(given), str(model or "")), "content": content, **ended, **usage(answer)}


def head(given: str, model: str) -> Body:
    """What every message begins with."""
    return {"id": given, "type": "message", "role": "assistant", "model": model}


def ending(choice: Mapping[str, Any], *, called: bool, refused: bool) -> Body:
    """Why an answer ended. Some servers say ``stop`` where they call a tool."""
    finish, matched = choice.get("finish_reason"), choice.get("stop_reason")
    reason = _REASONS.get(str(finish), "end_turn")
    if reason == "end_turn" and refused:
        reason = "refusal"
    elif reason == "end_turn" and called:
        reason = "tool_use"
    elif reason == "end_turn" and isinstance(matched, str) and matched:
        return {"stop_reason": "stop_sequence", "stop_sequence": matched}
    return {"stop_reason": reason, "stop_sequence": None}


def usage(answer: Mapping[str, Any]) -> Body:
    """``usage`` in Anthropic's words: there the input is without what a cache gave or got."""
    return {"usage": counts(usage_of(answer) or Usage())}


def counts(tokens: Usage) -> Body:
    """The numbers of ``usage``."""
    apart = tokens.cached_tokens + tokens.cache_write_tokens
    return {
        "input_tokens": max(0, tokens.prompt_tokens - apart),
        "cache_creation_input_tokens": tokens.cache_write_tokens,
        "cache_read_input_tokens": tokens.cached_tokens,
        "output_tokens": tokens.completion_tokens,
        "output_tokens_details": {"thinking_tokens": tokens.reasoning_tokens},
    }


def reasoning(said: Mapping[str, Any]) -> str:
    """The thinking in a message or a delta, as text."""
    found = said.get("reasoning_content") or said.get("reasoning")
    return found if isinstance(found, str) else ""


def signed(said: Mapping[str, Any]) -> list[Body]:
    """The blocks of thinking in a message or a delta that a provider wants back."""
    rows = said.get("thinking_blocks")
    blocks = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [row for row in blocks if row.get("type") in {"thinking", "redacted_thinking"}]


def texts(said: Mapping[str, Any]) -> Sequence[str]:
    """What a message or a delta says: its text, and why it will not answer."""
    found = (said.get("content"), said.get("refusal"))
    return [text for text in found if isinstance(text, str)]


def _apart(said: Mapping[str, Any]) -> Sequence[str]:
    """The same, in the pieces that stood between thoughts, where there are such."""
    whole, pieces = texts(said), said.get("text_blocks")
    # Believed only when they are what was said.
    if isinstance(pieces, list) and all(isinstance(one, str) for one in pieces):
        return pieces if "".join(pieces) == "".join(whole) else whole
    return whole


def text_block(text: str) -> Body:
    """A block of text."""
    return {"type": "text", "text": text}


def call_block(call: Mapping[str, Any], place: int, request_id: str, arguments: Any) -> Body:
    """A tool call; one without an id gets one of its own."""
    function = call.get("function")
    name = function.get("name") if isinstance(function, dict) else None
    given = call.get("id") or f"toolu_{request_id}_{place}"
    return {"type": "tool_use", "id": str(given), "name": str(name or "tool"), "input": arguments}


def _thoughts(said: Mapping[str, Any], *, thinks: bool) -> list[Body]:
    if blocks := signed(said):
        return blocks
    text = reasoning(said) if thinks else ""
    return [{"type": "thinking", "thinking": text, "signature": ""}] if text else []


def _call(call: Mapping[str, Any], place: int, request_id: str) -> Body:
    function = call.get("function")
    raw = function.get("arguments") if isinstance(function, dict) else None
    return call_block(call, place, request_id, _arguments(raw))


def _arguments(raw: Any) -> Body:
    """The arguments as an object, whatever a model has made of them."""
    if isinstance(raw, dict):
        return raw
    if not isinstance(raw, str) or not raw.strip():
        return {}
    try:
        parsed = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return {"arguments": raw}
    return parsed if isinstance(parsed, dict) else {"arguments": parsed}
