"""OpenAI's legacy completions, for clients that know nothing newer: a text in, what follows out.

https://platform.openai.com/docs/api-reference/completions. Models of today are asked as in a chat;
with a ``suffix``, what is wanted stands between the two texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import CompleteAsk, Delta
from zeke_bridge.wire.openai import ChatRequest

Body = dict[str, Any]

_OWN = frozenset({"prompt", "suffix", "echo", "best_of", "logprobs"})
_HARMLESS = {"echo": False, "logprobs": None, "best_of": None}
_MOST = 4096
_USUAL = 128


@dataclass(frozen=True, slots=True)
class CompletionRequest:
    """``chat`` asks for what follows the prompt; ``fill`` is there when a suffix is."""

    chat: ChatRequest
    fill: CompleteAsk | None

    @classmethod
    def read(cls, body: Any) -> CompletionRequest:
        """Take ``body`` apart; raises ``InputError`` naming the field that is wrong."""
        if not isinstance(body, dict):
            raise InputError("The body must be a JSON object.")
        prompt, suffix = body.get("prompt"), body.get("suffix")
        if isinstance(prompt, list) and len(prompt) == 1:
            prompt = prompt[0]
        if not isinstance(prompt, str) or not prompt:
            raise InputError("prompt must be one text, and not empty.")
        if not isinstance(suffix, str | None):
            raise InputError("suffix must be a text.")
        for name, harmless in _HARMLESS.items():
            if body.get(name) is not None and body[name] is not harmless:
                raise InputError(f"{name} is not offered here: leave it out.")
        rest = {name: value for name, value in body.items() if name not in _OWN}
        chat = ChatRequest.read({**rest, "messages": [{"role": "user", "content": prompt}]})
        if not suffix:
            return cls(chat, None)
        room = _room(body)
        return cls(chat, CompleteAsk(chat.audience, prompt, suffix, max_tokens=room))


def _room(body: Mapping[str, Any]) -> int:
    room = body.get("max_tokens")
    if room is None:
        return _USUAL
    if isinstance(room, bool) or not isinstance(room, int) or room < 1:
        raise InputError("max_tokens must be a whole number from 1 up.")
    return min(room, _MOST)


def completion(body: Mapping[str, Any]) -> Body:
    """A chat completion, or a chunk of one, as a text completion."""
    rows = body.get("choices")
    choices = [_choice(row) for row in rows or () if isinstance(row, dict)]
    return {**body, "object": "text_completion", "choices": choices}


def piece(text: str, finish: str | None = None) -> Body:
    """The one choice of a text completion."""
    return {"text": text, "index": 0, "logprobs": None, "finish_reason": finish}


def delta(head: Mapping[str, Any], said: Delta) -> Body:
    """The next chunk of a filling."""
    return {**head, "object": "text_completion", "choices": [piece(said.text)]}


def _choice(row: Mapping[str, Any]) -> Body:
    said = row.get("message") or row.get("delta")
    text = said.get("content") if isinstance(said, dict) else None
    made = piece(text if isinstance(text, str) else "", row.get("finish_reason"))
    return {**made, "index": row.get("index", 0)}
