"""``POST /v1/messages`` and ``/v1/messages/count_tokens``: Anthropic's, in front of every model.

https://platform.claude.com/docs/en/api/messages,
https://platform.claude.com/docs/en/api/messages-count-tokens
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import orjson
from starlette.requests import Request
from starlette.types import ASGIApp

from zeke_bridge.core.api.caller import head_of, order_of
from zeke_bridge.core.api.request import read_json
from zeke_bridge.core.api.response import Head, Headers, Last, Live, Manner, Whole
from zeke_bridge.core.order import Aim
from zeke_bridge.core.providers.base import Body
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.relay.call import Call
from zeke_bridge.core.relay.relay import Relay
from zeke_bridge.core.routing.need import prompt_tokens
from zeke_bridge.wire import sse
from zeke_bridge.wire.messages import answer, fault, request, shapes
from zeke_bridge.wire.messages.plain import plain
from zeke_bridge.wire.messages.stream import PING, Writer
from zeke_bridge.wire.openai import ChatRequest
from zeke_bridge.wire.zeke import Envelope

ANTHROPIC = Manner(fault.status_of, fault.body_of, "error")
"""As Anthropic's clients are told of errors."""

# Those whose translators read what Anthropic's format has and OpenAI's has not.
_NATIVE = frozenset({"anthropic", "google"})


class Messages:
    """The two endpoints."""

    def __init__(self, relay: Relay, limits: Limits) -> None:
        self._relay = relay
        self._limits = limits

    async def create(self, asked_for: Request) -> ASGIApp:
        """Answer a conversation, whole or streamed."""
        asked = shapes.read(await read_json(asked_for, self._limits.upload))
        chat, thinks = ChatRequest.read(request.chat_body(asked)), request.thinks(asked)
        call = self._relay.call(order_of(asked_for, chat, self._fields(chat.body)))
        if not chat.stream:
            return Whole(lambda: _whole(call, thinks=thinks), _head(call), ANTHROPIC)
        writer = Writer(call.request_id, chat.audience.model, thinks=thinks)
        manner = replace(ANTHROPIC, ping=lambda: _ping(writer))
        return Live(_events(call, writer), self._limits.keepalive, _head(call), manner)

    async def count(self, asked_for: Request) -> ASGIApp:
        """Guess how many tokens a conversation has; only its model could count them."""
        asked = shapes.read_tokens(await read_json(asked_for, self._limits.upload))

        async def counted() -> Body:
            return {"input_tokens": prompt_tokens(request.prompt(asked)), "estimated": True}

        return Whole(counted, manner=ANTHROPIC)

    def _fields(self, body: Mapping[str, Any]) -> Callable[[Aim], Mapping[str, Any]]:
        """``body`` in the words of whoever is asked."""
        simple = cache(lambda: plain(body))

        def fields(aim: Aim) -> Mapping[str, Any]:
            provider = self._relay.config.providers.get(aim.provider)
            return body if provider is not None and provider.dialect in _NATIVE else simple()

        return fields


async def _whole(call: Call, *, thinks: bool) -> Body:
    said = answer.message(await call.whole(), thinks=thinks, request_id=call.request_id)
    return {**_receipt(call), **said}


async def _events(call: Call, writer: Writer) -> AsyncGenerator[bytes, None]:
    async with contextlib.aclosing(call.stream()) as pieces:
        async for chunks in pieces:
            events = [event for chunk in chunks for event in writer.feed(chunk.body)]
            if events:
                yield _encoded(events)
    yield Last(_encoded(writer.end(_receipt(call))))


def _encoded(events: Iterable[Body]) -> bytes:
    return b"".join(sse.encode(orjson.dumps(event).decode(), event["type"]) for event in events)


def _ping(writer: Writer) -> bytes:
    """A sign of life: an event, once the message has begun."""
    return _encoded([PING]) if writer.began else sse.comment("ping")


def _head(call: Call) -> Head:
    """The usual headers, and the request's id under the name that Anthropic's clients know."""
    usual = head_of(call)

    def head() -> Headers:
        return [*usual(), (b"request-id", call.request_id.encode())]

    return head


def _receipt(call: Call) -> Body:
    """What Anthropic's message has no field for."""
    fields = Envelope.fields_of(call.receipt())
    return {name: value for name, value in fields.items() if name not in {"model", "usage"}}
