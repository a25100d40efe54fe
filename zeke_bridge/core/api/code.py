"""``POST /v1/zeke/code/{explain,refactor,analyze}``, whole or as events.

A stream is ``delta`` events ``{"text"}`` and one ``done`` with the whole answer, or ``error``.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.response import Live, Whole
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.tasks import Tasks
from zeke_bridge.model.errors import BadAnswerError, ZekeError
from zeke_bridge.model.exchange import AnalyzeAsk, Answer, CodeAsk, CodeTask, Delta
from zeke_bridge.wire import fault, sse
from zeke_bridge.wire.zeke import (
    AnalyzeAnswer,
    AnalyzeRequest,
    CodeRequest,
    Envelope,
    read_request,
)


class Code:
    """The endpoints."""

    def __init__(self, tasks: Tasks, limits: Limits) -> None:
        self._tasks = tasks
        self._limits = limits

    async def explain(self, request: Request) -> ASGIApp:
        """Explain a snippet."""
        return await self._one("explain", request)

    async def refactor(self, request: Request) -> ASGIApp:
        """Rewrite a snippet."""
        return await self._one("refactor", request)

    async def analyze(self, request: Request) -> ASGIApp:
        """Find what is wrong in several snippets."""
        body = read_request(AnalyzeRequest, await read_json(request, self._limits.upload))
        work = partial(self._analysis, body.ask())
        return self._live(_single(work)) if body.stream else Whole(work)

    async def _one(self, task: CodeTask, request: Request) -> ASGIApp:
        body = read_request(CodeRequest, await read_json(request, self._limits.upload))
        ask = body.ask(task)
        return self._live(self._events(ask)) if body.stream else Whole(partial(self._text, ask))

    def _live(self, events: AsyncGenerator[bytes, None]) -> Live:
        return Live(events, _fault_event, self._limits.keepalive)

    async def _events(self, ask: CodeAsk) -> AsyncGenerator[bytes, None]:
        async with contextlib.aclosing(self._tasks.code(ask)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Delta):
                    yield _event("delta", {"text": piece.text})
                else:
                    yield _event("done", _answer(piece))

    async def _text(self, ask: CodeAsk) -> dict[str, Any]:
        async with contextlib.aclosing(self._tasks.code(ask)) as pieces:
            async for piece in pieces:
                if isinstance(piece, Answer):
                    return _answer(piece)
        raise BadAnswerError("There was no answer: try again.")

    async def _analysis(self, ask: AnalyzeAsk) -> dict[str, Any]:
        analysis = await self._tasks.analyze(ask)
        results = AnalyzeAnswer.results_of(analysis.findings)
        return {"results": results, **Envelope.fields_of(analysis.receipt)}


async def _single(work: partial[Any]) -> AsyncGenerator[bytes, None]:
    yield _event("done", await work())


def _answer(answer: Answer) -> dict[str, Any]:
    return {"text": answer.text, **Envelope.fields_of(answer.receipt)}


def _event(name: str, body: dict[str, Any]) -> bytes:
    return sse.encode(orjson.dumps(body).decode(), name)


def _fault_event(error: ZekeError) -> bytes:
    return _event("error", fault.body_of(error))
