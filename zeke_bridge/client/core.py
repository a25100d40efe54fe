"""The broker's ``ModelClient``: what is asked, as requests to a routing core over HTTP.

The bodies and their mapping to values are those of ``wire``. Does not know whether the core is
embedded or remote.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from zeke_bridge.client.limits import Limits
from zeke_bridge.client.transport import Transport
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    Answer,
    Budget,
    ChatAsk,
    CodeAsk,
    CompleteAsk,
    ContextAsk,
    CoreHealth,
    Delta,
    ModelInfo,
    Piece,
    TerminalAsk,
)
from zeke_bridge.model.stats import Stats
from zeke_bridge.wire.openai import DONE, chat_body, delta_text, finish_reason
from zeke_bridge.wire.stats import read_stats
from zeke_bridge.wire.tool_calls import GrowingCalls
from zeke_bridge.wire.zeke import (
    AnalyzeAnswer,
    AnalyzeRequest,
    BudgetAnswer,
    CodeRequest,
    CompleteRequest,
    ContextRequest,
    Envelope,
    HealthAnswer,
    KeysAnswer,
    ModelsAnswer,
    SuggestAnswer,
    TerminalRequest,
    TextAnswer,
    read_answer,
)


class CoreClient:
    """Asks the core at ``base_url``, or behind the unix socket ``socket_path``.

    ``key`` is sent as a bearer token when there is one. Every method raises a ``ZekeError``: what
    the core said, or ``UnreachableError``, ``TimedOutError``, ``BadAnswerError``.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        socket_path: Path | None = None,
        key: str = "",
        limits: Limits | None = None,
    ) -> None:
        self._http = Transport(base_url, socket_path, key, limits or Limits())

    async def chat(self, ask: ChatAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``. Closing it cancels the work."""
        texts: list[str] = []
        calls, finish = GrowingCalls(), ""
        receipt: dict[str, Any] = {}
        events = self._http.events("/v1/chat/completions", chat_body(ask))
        async with contextlib.aclosing(events):
            async for event in events:
                if event.data == DONE:
                    break
                chunk = self._http.parsed(event)
                if text := delta_text(chunk):
                    texts.append(text)
                    yield Delta(text)
                calls.feed(chunk)
                finish = finish_reason(chunk) or finish
                if "route" in chunk:
                    receipt = chunk
            else:
                raise self._http.cut_short()
        told = read_answer(Envelope, receipt).receipt()
        yield Answer("".join(texts), told, calls=calls.calls(), finish=finish)

    def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``. Closing it cancels the work."""
        return self._pieces(f"/v1/zeke/code/{ask.task}", CodeRequest.of, ask)

    def complete(self, ask: CompleteAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``, which may be empty. Closing it cancels the work."""
        return self._pieces("/v1/zeke/code/complete", CompleteRequest.of, ask)

    def context(self, ask: ContextAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``. Closing it cancels the work."""
        return self._pieces("/v1/zeke/project/context", ContextRequest.of, ask)

    def terminal(self, ask: TerminalAsk) -> AsyncGenerator[Piece, None]:
        """Deltas (none for ``suggest``), then exactly one ``Answer``. Closing it cancels the work.

        The answer to ``suggest`` has a ``suggestion``.
        """
        return self._pieces(f"/v1/zeke/terminal/{ask.task}", TerminalRequest.of, ask)

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        """One upstream call for all items of ``ask``."""
        events = self._http.events("/v1/zeke/code/analyze", AnalyzeRequest.of(ask).body())
        async with contextlib.aclosing(events):
            async for event in events:
                parsed = self._http.parsed(event)
                if event.name == "done":
                    return read_answer(AnalyzeAnswer, parsed).analysis(ask)
        raise self._http.cut_short()

    async def models(self) -> list[ModelInfo]:
        """What can be asked now."""
        return read_answer(ModelsAnswer, await self._http.get("/v1/models")).infos()

    async def health(self) -> CoreHealth:
        """The state of the core and its providers."""
        return read_answer(HealthAnswer, await self._http.get("/health")).health()

    async def keys(self) -> dict[str, str]:
        """Where the key of each provider comes from: see ``core.keys.Keys.source``."""
        return read_answer(KeysAnswer, await self._http.get("/auth/status")).sources()

    async def budget(self) -> Budget | None:
        """The cost limit that is nearest to its end."""
        return read_answer(BudgetAnswer, await self._http.get("/budget")).value()

    async def stats(self) -> Stats:
        """The figures of the core."""
        return read_stats(await self._http.get("/stats"))

    async def aclose(self) -> None:
        """Free the connections."""
        await self._http.aclose()

    async def _pieces(
        self, path: str, request_of: Callable[[Any], BaseModel], ask: object
    ) -> AsyncGenerator[Piece, None]:
        """The answer to ``ask``, whose request is not looked at before somebody wants it."""
        events = self._http.events(path, request_of(ask).model_dump())
        async with contextlib.aclosing(events):
            async for event in events:
                parsed = self._http.parsed(event)
                if event.name == "done":
                    answer = _answer(parsed)
                    break
                if isinstance(text := parsed.get("text"), str):
                    yield Delta(text)
            else:
                raise self._http.cut_short()
        yield answer


def _answer(done: dict[str, Any]) -> Answer:
    if "command" in done:
        return read_answer(SuggestAnswer, done).answer()
    answer = read_answer(TextAnswer, done)
    return Answer(answer.text, answer.receipt())
