"""What a question needs of the model that answers it: room, and what it must be able to do.

Tokens are a guess from bytes, because counting them takes each model's own tokenizer. Bodies are
those of OpenAI's chat completions, legacy completions and embeddings
(https://platform.openai.com/docs/api-reference). Does not know models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["chat", "fill", "embed"]

# English and code run at 3.3 to 4.2 bytes a token with the tokenizers of today, other scripts at
# about as much in UTF-8.
_BYTES_A_TOKEN = 3.5
# What providers count for one picture of middling size.
_IMAGE_TOKENS = 1000
# Room for an answer whose length was not said.
_ANSWER_TOKENS = 512
# Of what is wished for, what a model must have room for. Clients send far more as a mere bound.
_ROOM_TOKENS = 2048
_IMAGE_PARTS = frozenset({"image_url", "input_image", "image"})
# Parts whose data is not text: base64 is no measure of their tokens.
_OPAQUE_PARTS = _IMAGE_PARTS | {"input_audio", "file", "input_file"}
_PROMPTS = ("messages", "tools", "functions", "response_format", "prompt", "suffix")


@dataclass(frozen=True, slots=True)
class Need:
    """``tokens`` are the question and the answer that is wished for, ``prompt`` the question alone.

    ``room`` is what a model must be able to read at once: of several inputs the longest one, and of
    the wished answer no more than an ordinary one takes, because most clients wish for more than
    they get. ``json`` asks for an answer that obeys a JSON schema; plain JSON mode is something
    that every provider has.
    """

    tokens: int = 0
    tools: bool = False
    json: bool = False
    images: bool = False
    kind: Kind = "chat"
    prompt: int = field(default=0, compare=False)
    room: int = 0


def need_of(body: Mapping[str, Any], kind: Kind = "chat") -> Need:
    """What ``body`` needs. Total: a malformed body needs little, and its provider refuses it."""
    if kind == "embed":
        sizes = _sizes(body.get("input"))
        every = sum(sizes)
        return Need(every, kind=kind, prompt=every, room=max(sizes, default=0))
    pieces = _pieces(body)
    form = body.get("response_format")
    prompt, answer = pieces.tokens, _answer(body)
    return Need(
        prompt + answer,
        tools=bool(body.get("tools") or body.get("functions")),
        json=isinstance(form, Mapping) and form.get("type") == "json_schema",
        images=pieces.images,
        kind=kind,
        prompt=prompt,
        room=prompt + min(answer, _ROOM_TOKENS),
    )


def prompt_tokens(body: Mapping[str, Any]) -> int:
    """What a model reads of the chat ``body``, as a guess. Total."""
    return _pieces(body).tokens


def _pieces(body: Mapping[str, Any]) -> _Pieces:
    pieces = _Pieces()
    for name in _PROMPTS:
        if (value := body.get(name)) is not None:
            pieces.take(value)
    return pieces


class _Pieces:
    """How much there is in a piece of JSON, however deep."""

    def __init__(self) -> None:
        self.bytes = 0
        self.numbers = 0
        self.opaque = 0
        self.images = False

    @property
    def tokens(self) -> int:
        """The guess."""
        text = round(self.bytes / _BYTES_A_TOKEN)
        return text + self.numbers + self.opaque * _IMAGE_TOKENS

    def take(self, value: Any) -> None:
        """Count ``value`` and all that is in it."""
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                self.bytes += _size(one)
            elif isinstance(one, dict):
                self._table(one, waiting)
            elif isinstance(one, list):
                waiting.extend(one)
            elif one is not None:
                self.numbers += 1

    def _table(self, table: dict[str, Any], waiting: list[Any]) -> None:
        kind = table.get("type")
        if isinstance(kind, str) and kind in _OPAQUE_PARTS and len(table) > 1:
            self.opaque += 1
            self.images = self.images or kind in _IMAGE_PARTS
            return
        for key, value in table.items():
            self.bytes += len(key)
            if isinstance(value, str):
                self.bytes += _size(value)
            else:
                waiting.append(value)


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _sizes(inputs: Any) -> list[int]:
    """The tokens of each of several inputs: a text, tokens, or a list of either."""
    if not isinstance(inputs, list):
        return [_text(inputs)]
    if inputs and not isinstance(inputs[0], str | list):
        return [len(inputs)]
    return [len(one) if isinstance(one, list) else _text(one) for one in inputs]


def _text(value: Any) -> int:
    return round(_size(value) / _BYTES_A_TOKEN) if isinstance(value, str) else 0


def _answer(body: Mapping[str, Any]) -> int:
    for name in ("max_completion_tokens", "max_tokens"):
        wished = body.get(name)
        if isinstance(wished, int) and wished > 0:
            return wished
    return _ANSWER_TOKENS
