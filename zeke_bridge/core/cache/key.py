"""The digest under which a question is known. Pure.

Two questions have one key only if nothing about them differs that could change the answer, or who
may see it. So every field of the body counts, those nobody knows yet too, but for the few in
``_UNHEARD``; a list of the fields that do count would give wrong answers with each new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from zeke_bridge.core.cache.prose import is_about_space, normal
from zeke_bridge.model.errors import InputError

# How an answer is sent, and what a provider writes into its own books.
_UNHEARD = frozenset({"stream", "stream_options", "user", "metadata"})
# An assistant's turn is not touched: a model goes on exactly where it ended.
_SPOKEN = ("system", "developer", "user")


def answer_key(
    *,
    client: str,
    project: str,
    model: str,
    task: str,
    local_only: bool,
    body: Mapping[str, Any],
) -> str:
    """The key of ``body`` as it is, 64 hexadecimal digits.

    ``client`` and ``project`` are ids: nobody is ever given what another one asked for. ``model``
    is what was wished for (``auto``, a name), not what was chosen. Raises ``InputError`` when
    ``body`` cannot be written as JSON.
    """
    rest = {name: body[name] for name in sorted(body) if name not in _UNHEARD}
    messages = rest.pop("messages", None)
    try:
        # The order within a schema is kept, because a model answers in that order.
        head = orjson.dumps((client, project, model, task, local_only, rest))
        tail = orjson.dumps(messages, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        message = f"The request cannot be written as JSON ({error}): make it simpler."
        raise InputError(message) from error
    return hashlib.sha256(head + tail).hexdigest()


def normalised_body(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """``body`` with the prose of its messages in normal form; ``body`` itself when it is.

    The white space of prose then does not count any more. See ``prose.normal``.

    When anything that was said may be about white space, nothing of it is changed.
    """
    messages = body.get("messages")
    if not isinstance(messages, list):
        return body
    normalised = [_normalised(message) for message in messages]
    if all(new is old for new, old in zip(normalised, messages, strict=True)):
        return body
    if any(is_about_space(text) for message in messages for text in _texts(message)):
        return body
    return {**body, "messages": normalised}


def _is_spoken(message: Any) -> bool:
    return isinstance(message, dict) and message.get("role") in _SPOKEN


def _texts(message: Any) -> Iterator[str]:
    """What is said in ``message``, as text."""
    content = message.get("content") if _is_spoken(message) else None
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        yield from (part["text"] for part in content if _is_text(part))


def _normalised(message: Any) -> Any:
    content = message.get("content") if _is_spoken(message) else None
    if isinstance(content, str):
        text = normal(content)
        return message if text is content else {**message, "content": text}
    if isinstance(content, list):
        parts = [_normalised_part(part) for part in content]
        if any(new is not old for new, old in zip(parts, content, strict=True)):
            return {**message, "content": parts}
    return message


def _is_text(part: Any) -> bool:
    return (
        isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)
    )


def _normalised_part(part: Any) -> Any:
    if not _is_text(part):
        return part
    text = normal(part["text"])
    return part if text is part["text"] else {**part, "text": text}
