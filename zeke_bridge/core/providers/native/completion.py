"""OpenAI's chat completions, written: whole answers, chunks of a stream, and usage.

The format is https://platform.openai.com/docs/api-reference/chat/object. Beside it:
``reasoning_content`` holds thinking as text (as DeepSeek has it), ``thinking_blocks`` what
Anthropic wants back (as LiteLLM has it), ``extra_content.google.thought_signature`` what Google
wants back (as its own OpenAI dialect has it), ``cache_creation_tokens`` of
``prompt_tokens_details`` what was written to the provider's cache (as LiteLLM has it), and
``stop_reason`` of a choice the text that it stopped at (as vLLM has it). Where thoughts stand
between texts, ``block_order`` (``wire.messages.order``) and ``text_blocks`` of a whole answer say
so. Does not know where an answer comes from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from zeke_bridge.wire.messages import order

Body = dict[str, Any]


@dataclass(slots=True)
class Message:
    """What an assistant said, gathered; ``matched`` is the text that it was to stop at.

    ``order`` names the field of each block (``wire.messages.order``), where there are blocks.
    """

    text: list[str] = field(default_factory=list)
    thinking: list[str] = field(default_factory=list)
    blocks: list[Body] = field(default_factory=list)
    calls: list[Body] = field(default_factory=list)
    extra: Body = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    matched: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing for anybody to read or to do."""
        return not self.calls and not any(self.text)

    def body(self) -> Body:
        """The ``message`` of a choice."""
        content = "".join(self.text)
        made: Body = {"role": "assistant", "content": content, "refusal": None}
        if self.calls:
            made |= {"content": content or None, "tool_calls": self.calls}
        if self.thinking:
            made["reasoning_content"] = "".join(self.thinking)
        if self.blocks:
            made["thinking_blocks"] = self.blocks
        if unusual := order.told(self.order):
            # Thoughts stand between the texts.
            made |= {**unusual, "text_blocks": self.text}
        return made | self.extra


def call(name: str, arguments: str, given: str) -> Body:
    """A tool call."""
    return {"id": given, "type": "function", "function": {"name": name, "arguments": arguments}}


def usage(
    prompt: int,
    completion: int,
    *,
    total: int = 0,
    cached: int = 0,
    written: int = 0,
    reasoning: int = 0,
) -> Body:
    """Tokens; ``cached`` and ``written`` are part of ``prompt``, ``reasoning`` of the other."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": total or prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached, "cache_creation_tokens": written},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }


def completion(
    given: str, model: str, created: int, choices: Sequence[tuple[Message, str]], tokens: Body
) -> Body:
    """A whole answer; ``choices`` are messages and why each ended."""
    rows = [
        {
            "index": index,
            "message": message.body(),
            "logprobs": None,
            "finish_reason": reason,
            **_matched(message.matched),
        }
        for index, (message, reason) in enumerate(choices)
    ]
    head = {"id": given, "object": "chat.completion", "created": created, "model": model}
    return {**head, "choices": rows, "usage": tokens}


def _matched(text: str) -> Body:
    return {"stop_reason": text} if text else {}


class Pen:
    """Writes the chunks of one stream; the first of each choice says the role."""

    def __init__(self, model: str, created: int) -> None:
        self.id = "chatcmpl"
        self.model = model
        self._created = created
        self._begun: set[int] = set()

    def delta(
        self, delta: Body, index: int = 0, finish: str | None = None, matched: str = ""
    ) -> Body:
        """What comes next in one choice; ``matched`` as ``Message`` has it."""
        if index not in self._begun:
            self._begun.add(index)
            delta = {"role": "assistant", **delta}
        choice = {"index": index, "delta": delta, "finish_reason": finish, **_matched(matched)}
        return {**self._head(), "choices": [choice]}

    def usage(self, tokens: Body) -> Body:
        """The last chunk."""
        return {**self._head(), "choices": [], "usage": tokens}

    def _head(self) -> Body:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self.model,
        }
