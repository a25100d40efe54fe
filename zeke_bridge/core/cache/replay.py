"""A kept answer as the chunks of a stream, and the chunks of a stream as one answer. Pure.

The formats are OpenAI's ``chat.completion`` and ``chat.completion.chunk``
(https://platform.openai.com/docs/api-reference/chat-streaming). What cannot be put together with
certainty is not put together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from zeke_bridge.core.cache.kept import Kept
from zeke_bridge.core.providers.base import Body, Chunk

# Characters of text in one chunk: some clients cannot read very long events.
_PIECE = 1024
_EVERY_CHUNK = ("id", "created", "model", "system_fingerprint", "service_tier")
_APART = frozenset({"object", "choices", "usage"})
# Fields of a delta that are pieces of one text.
_TEXTS = frozenset({"content", "reasoning_content", "reasoning", "refusal"})


def replay(kept: Kept) -> list[Chunk]:
    """The chunks of ``kept``: who speaks, the text in pieces, the end, and last the usage."""
    answer = kept.answer
    head = {name: answer[name] for name in _EVERY_CHUNK if name in answer}
    head["object"] = "chat.completion.chunk"
    choice = dict(answer["choices"][0])
    message = dict(choice.pop("message"))
    text = message.pop("content")
    logprobs = choice.pop("logprobs", None)
    first = {"role": "assistant", **message, "content": ""}
    choices: list[Body] = [{"index": 0, "delta": first, "finish_reason": None}]
    # Each token's probability belongs to its text, which is therefore left in one piece.
    size = _PIECE if logprobs is None else max(len(text), 1)
    for start in range(0, len(text), size):
        piece: Body = {"index": 0, "delta": {"content": text[start : start + size]}}
        if logprobs is not None:
            piece["logprobs"] = logprobs
        choices.append({**piece, "finish_reason": None})
    choices.append({"index": 0, **choice, "delta": {}})
    bodies: list[Body] = [{**head, "choices": [one]} for one in choices]
    rest = {name: value for name, value in answer.items() if name not in _APART}
    if answer.get("usage") is not None:
        rest["usage"] = answer["usage"]
    bodies.append({**rest, "object": head["object"], "choices": []})
    return [Chunk(orjson.dumps(body).decode(), body) for body in bodies]


def gathered(chunks: Iterable[Chunk]) -> Body | None:
    """The whole answer that ``chunks`` are the stream of.

    None when it has several choices, calls tools, holds an error, or has a field in its deltas that
    nobody here knows how to put together; such an answer is not to be kept.
    """
    gathering = _Gathering()
    if all(gathering.take(chunk.body) for chunk in chunks):
        return gathering.answer()
    return None


class _Gathering:
    """What has come of one answer so far."""

    def __init__(self) -> None:
        self._top: Body = {}
        self._choice: Body = {"index": 0}
        self._texts: dict[str, list[str]] = {}
        self._message: Body = {"role": "assistant"}
        self._logprobs: dict[str, list[Any]] | None = None

    def take(self, body: Mapping[str, Any]) -> bool:
        """Add a chunk; False when the answer cannot be put together."""
        choices = body.get("choices") or []
        if "error" in body or not isinstance(choices, list) or len(choices) > 1:
            return False
        for name, value in body.items():
            if value is not None and name not in ("choices", "object"):
                self._top[name] = value
        if not choices:
            return True
        choice = choices[0]
        if not isinstance(choice, dict) or choice.get("index", 0) != 0:
            return False
        for name, value in choice.items():
            if value is not None and name not in ("delta", "index", "logprobs"):
                self._choice[name] = value
        delta = choice.get("delta") or {}
        return self._add_probabilities(choice.get("logprobs")) and self._add(delta)

    def answer(self) -> Body:
        """The whole of it."""
        texts = {name: "".join(pieces) for name, pieces in self._texts.items()}
        choice = {**self._choice, "message": {**self._message, **texts}}
        if self._logprobs is not None:
            choice["logprobs"] = self._logprobs
        return {**self._top, "object": "chat.completion", "choices": [choice]}

    def _add(self, delta: Any) -> bool:
        if not isinstance(delta, dict):
            return False
        for name, value in delta.items():
            if value is None or name == "role" or value == []:
                continue
            if name not in _TEXTS or not isinstance(value, str):
                return False
            self._texts.setdefault(name, []).append(value)
        return True

    def _add_probabilities(self, logprobs: Any) -> bool:
        if logprobs is None:
            return True
        if not isinstance(logprobs, dict):
            return False
        if self._logprobs is None:
            self._logprobs = {}
        for name, tokens in logprobs.items():
            if tokens is None:
                continue
            if not isinstance(tokens, list):
                return False
            self._logprobs.setdefault(name, []).extend(tokens)
        return True
