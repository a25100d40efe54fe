"""From the chunks of a chat completion to the events of a streamed message, one to one.

The events are those of https://platform.claude.com/docs/en/build-with-claude/streaming: one
``message_start``; for each block ``content_block_start``, its deltas and ``content_block_stop``;
then ``message_delta`` with the usage, and ``message_stop``. Each piece of text, of thinking and of
a tool's arguments becomes one delta of its own, in its order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Usage
from zeke_bridge.wire.messages import answer
from zeke_bridge.wire.openai import usage_of
from zeke_bridge.wire.tool_calls import GrowingCalls

Body = dict[str, Any]

PING: Body = {"type": "ping"}


class Writer:
    """Takes chunks and gives events; ``end`` gives the last ones.

    With ``thinks``, thinking that nobody signed is told too; what is signed always is.
    """

    def __init__(self, request_id: str, model: str, *, thinks: bool) -> None:
        self.began = False
        self._request_id = request_id
        self._model = model
        self._thinks = thinks
        self._open = ""
        self._index = -1
        self._call: int | None = None
        self._calls = GrowingCalls()
        self._places = 0
        self._unsigned: list[str] = []
        self._refused = False
        self._choice: Body = {}
        self._usage: Usage | None = None

    def feed(self, chunk: Mapping[str, Any]) -> list[Body]:
        """The events that ``chunk`` makes. Raises ``BadAnswerError``."""
        self._usage = usage_of(chunk) or self._usage
        choices = chunk.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if not isinstance(choice, dict):
            return []
        events = [] if self.began else [self._start(chunk)]
        delta = choice.get("delta")
        if isinstance(delta, dict):
            events += self._take(delta)
        for name in ("finish_reason", "stop_reason"):
            if choice.get(name) is not None:
                self._choice[name] = choice[name]
        if self._choice.get("finish_reason"):
            events += self._stop()
        return events

    def end(self, receipt: Mapping[str, Any]) -> list[Body]:
        """The last events; ``receipt`` stands beside the usage."""
        events = [] if self.began else [self._start({})]
        events += self._stop()
        ended = answer.ending(self._choice, called=bool(self._places), refused=self._refused)
        last = {"type": "message_delta", "delta": ended, **receipt}
        last["usage"] = answer.counts(self._usage or Usage())
        return [*events, last, {"type": "message_stop"}]

    def _start(self, chunk: Mapping[str, Any]) -> Body:
        self.began = True
        given, model = chunk.get("id") or self._request_id, chunk.get("model") or self._model
        empty: Body = {"content": [], "stop_reason": None, "stop_sequence": None}
        # What was read is known only at the end.
        message = {**answer.head(str(given), str(model)), **empty, "usage": answer.counts(Usage())}
        return {"type": "message_start", "message": message}

    def _take(self, delta: Mapping[str, Any]) -> list[Body]:
        events: list[Body] = []
        if text := answer.reasoning(delta):
            events += self._think(text)
        for block in answer.signed(delta):
            events += self._sign(block)
        for text in answer.texts(delta):
            events += self._say(text)
        self._refused = self._refused or bool(delta.get("refusal"))
        rows = delta.get("tool_calls")
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict):
                events += self._use(row)
        return events

    def _think(self, text: str) -> list[Body]:
        if not self._thinks:
            # It may be signed yet.
            self._unsigned.append(text)
            return []
        return [*self._be_in_thought(), self._delta("thinking_delta", thinking=text)]

    def _sign(self, block: Body) -> list[Body]:
        """The end of a block of thinking, whose text may have been told already."""
        if block["type"] == "redacted_thinking":
            return [*self._begin("redacted_thinking", block), *self._stop()]
        events: list[Body] = []
        if self._open != "thinking":
            events += self._be_in_thought()
            text = "".join(self._unsigned) or block.get("thinking")
            if isinstance(text, str) and text:
                events.append(self._delta("thinking_delta", thinking=text))
        self._unsigned.clear()
        signature = block.get("signature")
        if isinstance(signature, str) and signature:
            events.append(self._delta("signature_delta", signature=signature))
        return [*events, *self._stop()]

    def _be_in_thought(self) -> list[Body]:
        if self._open == "thinking":
            return []
        return self._begin("thinking", {"type": "thinking", "thinking": "", "signature": ""})

    def _say(self, text: str) -> list[Body]:
        if not text:
            return []
        opened = [] if self._open == "text" else self._begin("text", answer.text_block(""))
        return [*opened, self._delta("text_delta", text=text)]

    def _use(self, row: Mapping[str, Any]) -> list[Body]:
        """A piece of a tool call, the first of which names the tool."""
        function = row.get("function")
        arguments = function.get("arguments") if isinstance(function, dict) else None
        place = self._calls.add(row)
        if place is None:
            raise BadAnswerError("The model calls tools without end: try again.")
        events: list[Body] = []
        if place == self._places:
            self._places += 1
            block = answer.call_block(row, place, self._request_id, {})
            events += self._begin("tool_use", block)
            self._call = place
            if not arguments:
                return events
        elif place != self._call:
            raise BadAnswerError("The provider mixes up the pieces of its tool calls: try again.")
        if isinstance(arguments, str):
            events.append(self._delta("input_json_delta", partial_json=arguments))
        return events

    def _begin(self, kind: str, block: Body) -> list[Body]:
        events = self._stop()
        self._open = kind
        self._index += 1
        start = {"type": "content_block_start", "index": self._index, "content_block": block}
        return [*events, start]

    def _delta(self, kind: str, **fields: str) -> Body:
        delta = {"type": kind, **fields}
        return {"type": "content_block_delta", "index": self._index, "delta": delta}

    def _stop(self) -> list[Body]:
        if not self._open:
            return []
        self._open, self._call = "", None
        return [{"type": "content_block_stop", "index": self._index}]
