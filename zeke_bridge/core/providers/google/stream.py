"""From the events of Google's ``streamGenerateContent`` to OpenAI's chunks. Pure.

Each event is a ``GenerateContentResponse`` with what is new, and with the usage so far; there is no
last event, only the end (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent).
A tool call comes whole. Each part becomes one chunk, in order.
"""

from __future__ import annotations

from typing import Any

from zeke_bridge.core.providers.google import fault
from zeke_bridge.core.providers.google.answer import (
    called,
    candidates,
    parts,
    reason,
    signed,
    usage,
)
from zeke_bridge.core.providers.http import nonsense
from zeke_bridge.core.providers.native.completion import Body, Pen


class Reader:
    """Takes events and gives chunks; ``done`` after the last one.

    ``feed`` and ``end`` raise a ``CoreError`` for what the stream says or does wrong.
    """

    def __init__(self, who: str, model: str, created: int) -> None:
        self.done = False
        self._who = who
        self._pen = Pen(model, created)
        self._given = ""
        self._said = False
        self._calls: dict[int, int] = {}
        self._finish: dict[int, Body] = {}
        self._usage: Any = None

    def feed(self, event: Body) -> list[Body]:
        """The chunks that ``event`` makes."""
        self._given = self._given or str(event.get("responseId") or "")
        self._pen.id = self._given or self._pen.id
        self._pen.model = str(event.get("modelVersion") or self._pen.model)
        rows = candidates(event, self._who)
        self._usage = event.get("usageMetadata") or self._usage
        chunks: list[Body] = []
        for place, row in enumerate(rows):
            index = row.get("index")
            choice = index if isinstance(index, int) else place
            deltas = (self._delta(part, choice) for part in parts(row))
            chunks += [self._pen.delta(delta, choice) for delta in deltas if delta]
            if row.get("finishReason"):
                self._finish[choice] = row
        return chunks

    def end(self) -> list[Body]:
        """Why each choice ended, and the usage."""
        if not self._finish:
            raise nonsense(self._who, "half an answer")
        if not self._said:
            first = self._finish[min(self._finish)]
            fault.check_end(first["finishReason"], first.get("finishMessage"), self._who)
        self.done = True
        chunks = []
        for choice, row in sorted(self._finish.items()):
            why = reason(row["finishReason"], called=bool(self._calls.get(choice)))
            chunks.append(self._pen.delta({}, choice, finish=why))
        return [*chunks, self._pen.usage(usage(self._usage))]

    def _delta(self, part: Body, choice: int) -> Body:
        place = self._calls.get(choice, 0)
        made = called(part, f"{self._given}/{choice}", place)
        if made is not None:
            self._said = True
            self._calls[choice] = place + 1
            return {"tool_calls": [{"index": place, **made}]}
        text = part.get("text")
        if not isinstance(text, str):
            return {}
        if part.get("thought"):
            return {"reasoning_content": text} if text else {}
        self._said = self._said or bool(text)
        return ({"content": text} if text else {}) | signed(part)
