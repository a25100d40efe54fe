"""The broker's ``ModelClient``: what is asked, as requests to a routing core over HTTP.

The bodies and their mapping to values are those of ``wire``. Does not know whether the core is
embedded or remote.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from zeke_bridge.client.limits import Limits
from zeke_bridge.client.transport import Transport
from zeke_bridge.model.exchange import (
    Analysis,
    AnalyzeAsk,
    Answer,
    ChatAsk,
    CodeAsk,
    CoreHealth,
    Delta,
    ModelInfo,
    Piece,
)
from zeke_bridge.wire.openai import DONE, chat_body, delta_text
from zeke_bridge.wire.zeke import (
    AnalyzeAnswer,
    AnalyzeRequest,
    CodeRequest,
    Envelope,
    HealthAnswer,
    ModelsAnswer,
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
                if "route" in chunk:
                    receipt = chunk
            else:
                raise self._http.cut_short()
        yield Answer("".join(texts), read_answer(Envelope, receipt).receipt())

    async def code(self, ask: CodeAsk) -> AsyncGenerator[Piece, None]:
        """Deltas, then exactly one ``Answer``. Closing it cancels the work."""
        body = CodeRequest.of(ask).model_dump()
        events = self._http.events(f"/v1/zeke/code/{ask.task}", body)
        async with contextlib.aclosing(events):
            async for event in events:
                parsed = self._http.parsed(event)
                if event.name == "done":
                    answer = read_answer(TextAnswer, parsed)
                    break
                if isinstance(text := parsed.get("text"), str):
                    yield Delta(text)
            else:
                raise self._http.cut_short()
        yield Answer(answer.text, answer.receipt())

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        """One upstream call for all items of ``ask``."""
        body = AnalyzeRequest.of(ask).model_dump(include={"items", *_ADDRESS})
        events = self._http.events("/v1/zeke/code/analyze", body)
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

    async def aclose(self) -> None:
        """Free the connections."""
        await self._http.aclose()


_ADDRESS = ("model", "project", "local_only", "stream")
