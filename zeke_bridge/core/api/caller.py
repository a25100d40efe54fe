"""Who asks what, what they said of caching, and the headers that an answer to them carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request

from zeke_bridge.core.access.clients import ANYONE, Client
from zeke_bridge.core.api.response import Head, Headers
from zeke_bridge.core.cache.control import Control
from zeke_bridge.core.cache.control import control_of as read_control
from zeke_bridge.core.order import Aim, Order
from zeke_bridge.core.relay.call import Call
from zeke_bridge.wire.openai import ChatRequest


def client_of(request: Request) -> Client:
    """The client that the guard let in; ``ANYONE`` where there is no guard."""
    client = request.scope.get("zeke.client", ANYONE)
    return client if isinstance(client, Client) else ANYONE


def control_of(request: Request) -> Control:
    """What the request's ``Cache-Control`` says."""
    return read_control(request.headers.getlist("cache-control"))


def order_of(
    request: Request, chat: ChatRequest, body: Callable[[Aim], Mapping[str, Any]] | None = None
) -> Order:
    """What is asked by ``chat``; ``body`` as ``Order`` has it."""
    control = control_of(request)
    return Order(
        chat.audience,
        chat.task,
        chat.body,
        body,
        client=client_of(request),
        lookup=control.lookup,
        keep=control.keep,
        whole=not chat.stream,
        max_age=control.max_age,
    )


def head_of(call: Call) -> Head:
    """The headers of an answer: its id, and whether it was kept."""

    def head() -> Headers:
        cached = b"hit" if call.cached else b"miss"
        return [(b"x-request-id", call.request_id.encode()), (b"x-ghostllm-cache", cached)]

    return head
