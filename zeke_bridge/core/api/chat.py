"""``POST /v1/chat/completions``: OpenAI's, passed through, with the receipt added."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.response import Live, Whole
from zeke_bridge.core.providers.base import Chunk
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.relay import Call, Relay
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.model.exchange import Usage
from zeke_bridge.wire import fault, sse
from zeke_bridge.wire.openai import DONE, ChatRequest, usage_of
from zeke_bridge.wire.zeke import Envelope


class Chat:
    """The endpoint."""

    def __init__(self, relay: Relay, limits: Limits) -> None:
        self._relay = relay
        self._limits = limits

    async def __call__(self, request: Request) -> ASGIApp:
        """Answer ``request``, whole or streamed."""
        asked = ChatRequest.read(await read_json(request, self._limits.upload))
        if asked.stream:
            return Live(self._events(asked), _fault_event, self._limits.keepalive)
        return Whole(lambda: self._answer(asked))

    async def _answer(self, asked: ChatRequest) -> dict[str, Any]:
        call = await self._relay.route(asked.audience, asked.task)
        answer = await self._relay.answer(call, asked.body)
        return {**_receipt(call, usage_of(answer)), **answer}

    async def _events(self, asked: ChatRequest) -> AsyncGenerator[bytes, None]:
        call = await self._relay.route(asked.audience, asked.task)
        events = self._relay.stream(call, asked.body)
        last: dict[str, Any] = {}
        usage: Usage | None = None
        async with contextlib.aclosing(events):
            async for chunks in events:
                for chunk in chunks:
                    usage = usage_of(chunk.body) or usage
                last = chunks[-1].body
                if told := [sse.encode(chunk.text) for chunk in chunks if not _only_usage(chunk)]:
                    yield b"".join(told)
        if asked.include_usage:
            yield sse.encode(orjson.dumps(_usage_chunk(call, last, usage)).decode())
        yield sse.encode(DONE)


def _only_usage(chunk: Chunk) -> bool:
    """Whether the chunk is there only because usage was asked for, which the core always does."""
    return not chunk.body.get("choices") and "usage" in chunk.body


def _usage_chunk(call: Call, last: dict[str, Any], usage: Usage | None) -> dict[str, Any]:
    """The closing chunk, with the receipt; ``usage`` is null when the provider counted none."""
    chunk: dict[str, Any] = {"object": "chat.completion.chunk", "choices": []}
    chunk |= {key: last[key] for key in ("id", "created") if key in last}
    return chunk | _receipt(call, usage)


def _receipt(call: Call, usage: Usage | None) -> dict[str, Any]:
    fields = Envelope.fields_of(call.receipt(usage))
    return fields if usage is not None else {**fields, "usage": None}


def _fault_event(error: ZekeError) -> bytes:
    return sse.encode(orjson.dumps(fault.body_of(error)).decode())
