"""From the events of Anthropic's Messages API to the chunks of OpenAI's chat completions. Pure.

The events are those of https://platform.claude.com/docs/en/build-with-claude/streaming: one
``message_start``; for each block ``content_block_start``, deltas and ``content_block_stop``; then
``message_delta`` and ``message_stop``, with a ``ping`` anywhere. Each delta becomes one chunk, in
order. Events and blocks of a type that is not known are skipped, as Anthropic demands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from zeke_bridge.core.providers.anthropic import fault
from zeke_bridge.core.providers.anthropic.answer import reason, usage
from zeke_bridge.core.providers.http import nonsense
from zeke_bridge.core.providers.native.completion import Body, Pen, call


@dataclass(slots=True)
class _Open:
    """A block that has begun: as it was announced, its place among the calls, what came of it."""

    block: Body
    place: int = 0
    text: str = ""
    signature: str = ""


class Reader:
    """Takes events and gives chunks; ``done`` after the last one.

    ``feed`` and ``end`` raise a ``CoreError`` for what the stream says or does wrong.
    """

    def __init__(self, who: str, model: str, created: int) -> None:
        self.done = False
        self._who = who
        self._pen = Pen(model, created)
        self._open: dict[int, _Open] = {}
        self._calls = 0
        self._said = False
        self._stop: Body = {}
        self._usage: Body = {}

    def feed(self, event: Body) -> list[Body]:
        """The chunks that ``event`` makes."""
        match event.get("type"):
            case "message_start":
                return self._begin(_part(event, "message"))
            case "content_block_start":
                return self._announce(event.get("index"), _part(event, "content_block"))
            case "content_block_delta":
                return self._add(event.get("index"), _part(event, "delta"))
            case "content_block_stop":
                return self._close(event.get("index"))
            case "message_delta":
                self._stop |= _part(event, "delta")
                self._count(event.get("usage"))
            case "message_stop":
                return self._finish()
            case "error":
                raise fault.broken(event, self._who)
        return []

    def end(self) -> list[Body]:
        """What remains when no more events come."""
        if not self.done:
            raise nonsense(self._who, "half an answer")
        return []

    def _begin(self, message: Mapping[str, Any]) -> list[Body]:
        self._pen.id = str(message.get("id") or self._pen.id)
        self._pen.model = str(message.get("model") or self._pen.model)
        self._count(message.get("usage"))
        chunks: list[Body] = []
        blocks = message.get("content")
        for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
            if isinstance(block, dict):
                chunks += self._announce(-1 - index, block) + self._close(-1 - index)
        return chunks

    def _announce(self, index: Any, block: Body) -> list[Body]:
        opened = _Open(block, self._calls)
        if isinstance(index, int):
            self._open[index] = opened
        kind = block.get("type")
        if kind == "tool_use":
            self._calls += 1
            made = call(str(block.get("name")), "", str(block.get("id")))
            return [self._write({"tool_calls": [{"index": opened.place, **made}]})]
        if kind == "text" and isinstance(block.get("text"), str) and block["text"]:
            return [self._write({"content": block["text"]})]
        if kind == "thinking":
            opened.text = str(block.get("thinking") or "")
            opened.signature = str(block.get("signature") or "")
            return [self._pen.delta({"reasoning_content": opened.text})] if opened.text else []
        return []

    def _add(self, index: Any, delta: Mapping[str, Any]) -> list[Body]:
        opened = self._open.get(index) if isinstance(index, int) else None
        if opened is None:
            return []
        kind = opened.block.get("type")
        match delta:
            case {"type": "text_delta", "text": str(text)} if kind == "text":
                return [self._write({"content": text})]
            case {"type": "input_json_delta", "partial_json": str(text)} if kind == "tool_use":
                opened.text += text
                return [self._arguments(opened, text)]
            case {"type": "thinking_delta", "thinking": str(text)} if kind == "thinking":
                opened.text += text
                return [self._pen.delta({"reasoning_content": text})]
            case {"type": "signature_delta", "signature": str(text)}:
                opened.signature += text
        return []

    def _close(self, index: Any) -> list[Body]:
        opened = self._open.pop(index, None) if isinstance(index, int) else None
        kind = opened.block.get("type") if opened else None
        if opened is None:
            return []
        if kind == "tool_use" and not opened.text:
            # Announced whole, or without arguments, which are an empty object all the same.
            whole = orjson.dumps(opened.block.get("input") or {}).decode()
            return [self._arguments(opened, whole)]
        if kind == "thinking":
            block = {**opened.block, "thinking": opened.text, "signature": opened.signature}
            return [self._pen.delta({"thinking_blocks": [block]})]
        if kind == "redacted_thinking":
            return [self._pen.delta({"thinking_blocks": [opened.block]})]
        return []

    def _finish(self) -> list[Body]:
        stop = self._stop.get("stop_reason")
        if stop == "refusal" and not self._said:
            raise fault.refusal(self._stop.get("stop_details"), self._who)
        self.done = True
        matched = str(self._stop.get("stop_sequence") or "")
        last = self._pen.delta({}, finish=reason(stop), matched=matched)
        return [last, self._pen.usage(usage(self._usage))]

    def _arguments(self, opened: _Open, text: str) -> Body:
        return self._write(
            {"tool_calls": [{"index": opened.place, "function": {"arguments": text}}]}
        )

    def _write(self, delta: Body) -> Body:
        """A chunk with something for somebody to read or to do."""
        self._said = True
        return self._pen.delta(delta)

    def _count(self, counts: Any) -> None:
        """Later counts take the place of earlier ones; those that are null do not."""
        if isinstance(counts, dict):
            self._usage |= {name: count for name, count in counts.items() if count is not None}


def _part(event: Mapping[str, Any], name: str) -> Body:
    part = event.get(name)
    return part if isinstance(part, dict) else {}
