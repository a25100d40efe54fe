"""The tasks of ``/v1/zeke/code``: prompt, one upstream call, and what its answer means.

The upstream call is always streamed, so that silence is noticed and leaving cancels it.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator

from zeke_bridge.core import analysis, prompts
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.relay import Call, Relay
from zeke_bridge.model.errors import BadAnswerError, ContextError
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    Answer,
    CodeAsk,
    Delta,
    Piece,
    Usage,
)
from zeke_bridge.wire.openai import delta_text, finish_reason, usage_of

_PROMPTS = {"explain": prompts.explain, "refactor": prompts.refactor}


class Tasks:
    """Runs tasks over a ``Relay``."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay

    async def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then one ``Answer``. Raises a ``CoreError``."""
        call = await self._relay.route(ask.audience, ask.task)
        heard = _Heard()
        pieces = self._listen(call, _PROMPTS[ask.task](ask), heard)
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                yield piece
        if not heard.text.strip():
            raise BadAnswerError(f"{call.choice.provider} answered with nothing: try again.")
        if ask.task == "refactor" and heard.reason == "length":
            raise ContextError("The model ran out of room before its rewrite ended: select less.")
        yield Answer(heard.text, call.receipt(heard.usage))

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        """The findings of all items, by one upstream call."""
        call = await self._relay.route(ask.audience, "analyze")
        heard = _Heard()
        pieces = self._listen(call, prompts.analyze(ask.items), heard)
        async with contextlib.aclosing(pieces):
            async for _ in pieces:
                pass
        return Analysis(analysis.parse(heard.text, ask.items), call.receipt(heard.usage))

    async def _listen(
        self, call: Call, prompt: prompts.Prompt, heard: _Heard
    ) -> AsyncGenerator[Delta, None]:
        events = self._relay.stream(call, prompt.body(small=call.local))
        async with contextlib.aclosing(events):
            async for chunks in events:
                if text := "".join([heard.take(chunk.body) for chunk in chunks]):
                    yield Delta(text)


class _Heard:
    """What has come of one answer so far."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self.usage: Usage | None = None
        self.reason = ""

    @property
    def text(self) -> str:
        """All of it."""
        return "".join(self._texts)

    def take(self, chunk: Body) -> str:
        """Note ``chunk``; the text it adds."""
        self.usage = usage_of(chunk) or self.usage
        self.reason = finish_reason(chunk) or self.reason
        if text := delta_text(chunk):
            self._texts.append(text)
        return text
