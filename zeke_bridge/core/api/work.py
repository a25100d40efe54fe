"""A task's pieces as a response, whole or as events.

A stream is ``delta`` events ``{"text"}`` and one ``done`` with the whole answer, or ``error``.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.caller import client_of, control_of, head_of
from zeke_bridge.core.api.response import Last, Live, Manner, Whole
from zeke_bridge.core.tasks import Terms, Work
from zeke_bridge.core.tasks.work import End
from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Analysis, Delta
from zeke_bridge.wire import fault, sse
from zeke_bridge.wire.zeke import AnalyzeAnswer, Envelope, SuggestAnswer

_EVENTS = Manner(fault.status_of, fault.body_of, "error")


def terms_of(request: Request) -> Terms:
    """Who asks, and what they said of caching."""
    control = control_of(request)
    return Terms(client_of(request), control.lookup, control.keep, control.max_age)


def respond(work: Work, keepalive: float, *, stream: bool) -> ASGIApp:
    """The answer to a client; one that leaves cancels the work."""
    head = head_of(work.call)
    if stream:
        return Live(_events(work), keepalive, head, _EVENTS)
    return Whole(lambda: _whole(work), head)


async def _events(work: Work) -> AsyncGenerator[bytes, None]:
    async with contextlib.aclosing(work.pieces) as pieces:
        async for piece in pieces:
            if isinstance(piece, Delta):
                yield _event("delta", {"text": piece.text})
            else:
                yield Last(_event("done", _fields(piece)))


async def _whole(work: Work) -> dict[str, Any]:
    async with contextlib.aclosing(work.pieces) as pieces:
        async for piece in pieces:
            if not isinstance(piece, Delta):
                return _fields(piece)
    raise BadAnswerError("There was no answer: try again.")


def _fields(end: End) -> dict[str, Any]:
    receipt = Envelope.fields_of(end.receipt)
    if isinstance(end, Analysis):
        return {"results": AnalyzeAnswer.results_of(end.findings), **receipt}
    found = end.suggestion
    own = {"text": end.text} if found is None else SuggestAnswer.fields_for(end.text, found)
    return {**own, **receipt}


def _event(name: str, body: dict[str, Any]) -> bytes:
    return sse.encode(orjson.dumps(body).decode(), name)
