"""``POST /v1/chat/completions`` and ``/v1/embeddings``: OpenAI's, passed through, with a receipt.

https://platform.openai.com/docs/api-reference/chat,
https://platform.openai.com/docs/api-reference/embeddings
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.caller import client_of, head_of, order_of
from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.response import Last, Live, Whole
from zeke_bridge.core.order import Order
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.relay.call import Call
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.wire import sse
from zeke_bridge.wire.embeddings import encoded
from zeke_bridge.wire.openai import DONE, ChatRequest, EmbedRequest
from zeke_bridge.wire.zeke import Envelope


class Chat:
    """The two endpoints."""

    def __init__(self, relay: Relay, limits: Limits) -> None:
        self._relay = relay
        self._limits = limits

    async def complete(self, request: Request) -> ASGIApp:
        """Answer a chat, whole or streamed."""
        asked = ChatRequest.read(await read_json(request, self._limits.upload))
        call = self._relay.call(order_of(request, asked))
        if asked.stream:
            events = _events(call, closing=asked.include_usage)
            return Live(events, self._limits.keepalive, head_of(call))
        return Whole(lambda: _answer(call), head_of(call))

    async def embed(self, request: Request) -> ASGIApp:
        """Answer with vectors."""
        asked = EmbedRequest.read(await read_json(request, self._limits.upload))
        order = Order(
            asked.audience,
            "embedding",
            asked.body,
            kind="embed",
            client=client_of(request),
            keep=False,
            whole=True,
        )
        call = self._relay.call(order)
        return Whole(lambda: _vectors(call, asked.body.get("encoding_format")), head_of(call))


async def _answer(call: Call) -> Body:
    answer = await call.whole()
    said: Body = {key: answer[key] for key in ("model", "usage") if key in answer}
    return {**answer, **_receipt(call), **said}


async def _vectors(call: Call, wanted: Any) -> Body:
    return encoded(await _answer(call), wanted)


async def _events(call: Call, *, closing: bool) -> AsyncGenerator[bytes, None]:
    """The provider's events as they came; its usage comes at the end, with the receipt."""
    last: Body = {}
    usage: Any = None
    async with contextlib.aclosing(call.stream()) as pieces:
        async for chunks in pieces:
            told = []
            for chunk in chunks:
                last = chunk.body
                usage = last.get("usage") or usage
                # A chunk without choices is there only because usage was asked for, which the
                # core always does.
                if last.get("choices") or "usage" not in last:
                    told.append(sse.encode(chunk.text))
            if told:
                yield b"".join(told)
    end = sse.encode(DONE)
    if closing:
        end = sse.encode(orjson.dumps(_closing(call, last, usage)).decode()) + end
    yield Last(end)


def _closing(call: Call, last: Body, usage: Any) -> Body:
    """The last chunk, with the receipt; ``usage`` is null when the provider counted none."""
    chunk: Body = {"object": "chat.completion.chunk", "choices": []}
    chunk |= {key: last[key] for key in ("id", "created") if key in last}
    return {**chunk, **_receipt(call), "usage": usage}


def _receipt(call: Call) -> dict[str, Any]:
    return {**Envelope.fields_of(call.receipt()), "usage": None}
