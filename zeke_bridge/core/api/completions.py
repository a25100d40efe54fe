"""``POST /v1/completions``: OpenAI's legacy completions, for clients that know nothing newer.

https://platform.openai.com/docs/api-reference/completions
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.caller import head_of, order_of
from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.response import Last, Live, Whole
from zeke_bridge.core.api.work import terms_of
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.relay.call import Call
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.tasks import Tasks, Work
from zeke_bridge.model.errors import BadAnswerError
from zeke_bridge.model.exchange import Answer, Delta
from zeke_bridge.wire import sse
from zeke_bridge.wire.completions import CompletionRequest, completion, delta, piece
from zeke_bridge.wire.openai import DONE
from zeke_bridge.wire.zeke import Envelope


class Completions:
    """The endpoint."""

    def __init__(self, relay: Relay, tasks: Tasks, limits: Limits) -> None:
        self._relay = relay
        self._tasks = tasks
        self._limits = limits

    async def complete(self, request: Request) -> ASGIApp:
        """Say what follows a text, or stands between two."""
        asked = CompletionRequest.read(await read_json(request, self._limits.upload))
        chat = asked.chat
        if asked.fill is not None:
            work = self._tasks.complete(asked.fill, terms_of(request))
            if not chat.stream:
                return Whole(lambda: _filled(work), head_of(work.call))
            events = _filling(work, closing=chat.include_usage)
            return Live(events, self._limits.keepalive, head_of(work.call))
        call = self._relay.call(order_of(request, chat))
        if not chat.stream:
            return Whole(lambda: _whole(call), head_of(call))
        events = _events(call, closing=chat.include_usage)
        return Live(events, self._limits.keepalive, head_of(call))


async def _whole(call: Call) -> Body:
    answer = await call.whole()
    return {**_receipt(call), "usage": None, **completion(answer)}


async def _events(call: Call, *, closing: bool) -> AsyncGenerator[bytes, None]:
    last: Body = {}
    usage: Any = None
    async with contextlib.aclosing(call.stream()) as pieces:
        async for chunks in pieces:
            for chunk in chunks:
                last = completion(chunk.body)
                usage = last.pop("usage", None) or usage
                if last["choices"]:
                    yield _event(last)
    if closing:
        yield _event({**last, **_receipt(call), "choices": [], "usage": usage})
    yield Last(sse.encode(DONE))


async def _filled(work: Work) -> Body:
    async with contextlib.aclosing(work.pieces) as pieces:
        async for said in pieces:
            if isinstance(said, Answer):
                fields = Envelope.fields_of(said.receipt)
                return {**_head(work.call), **fields, "choices": [piece(said.text, "stop")]}
    raise BadAnswerError("There was no answer: try again.")


async def _filling(work: Work, *, closing: bool) -> AsyncGenerator[bytes, None]:
    head: Body = {}
    async with contextlib.aclosing(work.pieces) as pieces:
        async for said in pieces:
            # Which model it is, is known only now.
            head = head or _head(work.call)
            if isinstance(said, Delta):
                yield _event(delta(head, said))
            elif isinstance(said, Answer):
                yield _event({**head, "choices": [piece("", "stop")]})
                if closing:
                    yield _event({**head, **Envelope.fields_of(said.receipt), "choices": []})
    yield Last(sse.encode(DONE))


def _head(call: Call) -> Body:
    head = {"id": call.request_id, "object": "text_completion", "created": int(time.time())}
    return {**head, "model": call.receipt().model}


def _receipt(call: Call) -> Body:
    fields = Envelope.fields_of(call.receipt())
    return {name: value for name, value in fields.items() if name != "usage"}


def _event(body: Body) -> bytes:
    return sse.encode(orjson.dumps(body).decode())
