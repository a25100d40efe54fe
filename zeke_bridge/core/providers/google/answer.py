"""From an answer of Google's ``generateContent`` to a chat completion of OpenAI's. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from zeke_bridge.core.providers.google import fault
from zeke_bridge.core.providers.http import nonsense
from zeke_bridge.core.providers.native import completion
from zeke_bridge.core.providers.native.completion import Body, Message

_FILTERED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)


def answer(native: Any, who: str, model: str, created: int) -> Body:
    """The whole answer that ``native`` is.

    Raises ``BadAnswerError`` when it is none, ``FilteredError`` when the question or every answer
    was blocked, and ``ProviderError`` when the model came to nothing.
    """
    rows = candidates(native, who)
    if not rows:
        raise nonsense(who, "something that is no answer")
    given = str(native.get("responseId") or "")
    messages = [_gathered(row, f"{given}/{index}") for index, row in enumerate(rows)]
    if all(message.empty for message in messages):
        fault.check_end(rows[0].get("finishReason"), rows[0].get("finishMessage"), who)
    said = [
        (message, reason(row.get("finishReason"), called=bool(message.calls)))
        for message, row in zip(messages, rows, strict=True)
    ]
    named = str(native.get("modelVersion") or model)
    counts = usage(native.get("usageMetadata"))
    return completion.completion(given or "chatcmpl", named, created, said, counts)


def candidates(native: Any, who: str) -> list[Body]:
    """The candidates of an answer or of one event.

    Raises a ``CoreError`` when the question was blocked, or an error stands in their place.
    """
    if not isinstance(native, dict):
        raise nonsense(who, "something that is no answer")
    if native.get("error"):
        raise fault.broken(native, who)
    rows = native.get("candidates")
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if not found:
        fault.check_question(native.get("promptFeedback"), who)
    return found


def parts(candidate: Mapping[str, Any]) -> list[Body]:
    """The parts of one candidate."""
    content = candidate.get("content")
    rows = content.get("parts") if isinstance(content, Mapping) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def called(part: Mapping[str, Any], given: str, place: int) -> Body | None:
    """The tool call in ``part``, None when it is something else.

    Older models give their calls no ids. One is made of what tells the call from others, so that
    the same answer always has the same ids; ``given`` is the id of the answer and the choice.
    """
    inner = part.get("functionCall")
    if not isinstance(inner, Mapping) or not isinstance(inner.get("name"), str):
        return None
    arguments = orjson.dumps(inner.get("args") or {}).decode()
    own = inner.get("id")
    if not isinstance(own, str) or not own:
        told = "\n".join((given, str(place), inner["name"], arguments))
        own = f"call_{hashlib.sha256(told.encode()).hexdigest()[:24]}"
    return completion.call(inner["name"], arguments, own) | signed(part)


def signed(part: Mapping[str, Any]) -> Body:
    """The signature of ``part``, where Google's own OpenAI dialect has it."""
    signature = part.get("thoughtSignature")
    if not isinstance(signature, str) or not signature:
        return {}
    return {"extra_content": {"google": {"thought_signature": signature}}}


def reason(finish: Any, *, called: bool) -> str:
    """OpenAI's word for why an answer ended."""
    if finish == "MAX_TOKENS":
        return "length"
    if isinstance(finish, str) and finish in _FILTERED:
        return "content_filter"
    return "tool_calls" if called else "stop"


def usage(counts: Any) -> Body:
    """OpenAI's usage: there the completion includes the thinking."""
    raw: Mapping[str, Any] = counts if isinstance(counts, Mapping) else {}
    thoughts = _count(raw, "thoughtsTokenCount")
    return completion.usage(
        _count(raw, "promptTokenCount") + _count(raw, "toolUsePromptTokenCount"),
        _count(raw, "candidatesTokenCount") + thoughts,
        total=_count(raw, "totalTokenCount"),
        cached=_count(raw, "cachedContentTokenCount"),
        reasoning=thoughts,
    )


def _count(raw: Mapping[str, Any], name: str) -> int:
    count = raw.get(name)
    return count if isinstance(count, int) and count > 0 else 0


def _gathered(candidate: Mapping[str, Any], given: str) -> Message:
    message = Message()
    for part in parts(candidate):
        text = part.get("text")
        made = called(part, given, len(message.calls))
        if made is not None:
            message.calls.append(made)
        elif isinstance(text, str) and part.get("thought"):
            if text:
                message.thinking.append(text)
        elif isinstance(text, str):
            message.text.append(text)
            message.extra |= signed(part)
    return message
