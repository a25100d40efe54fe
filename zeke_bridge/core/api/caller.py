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

_TOOL_FIELDS = frozenset({"tools", "tool_choice", "parallel_tool_calls"})


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
    asked: Mapping[str, Any] = chat.body
    if chat.tools_optional and body is None:
        asked, body = _optional(asked)
    return Order(
        chat.audience,
        chat.task,
        asked,
        body,
        client=client_of(request),
        lookup=control.lookup,
        keep=control.keep,
        whole=not chat.stream,
        max_age=control.max_age,
    )


def _optional(
    whole: Mapping[str, Any],
) -> tuple[Mapping[str, Any], Callable[[Aim], Mapping[str, Any]]]:
    """What routing looks at, and what a model gets: its tools only when it can call them.

    What was taken out still tells one question from another.
    """
    bare = {name: value for name, value in whole.items() if name not in _TOOL_FIELDS}
    taken = {name: value for name, value in whole.items() if name in _TOOL_FIELDS}
    return {**bare, "optional": taken}, lambda aim: bare if aim.toolless else whole


def head_of(call: Call) -> Head:
    """The headers of an answer: its id, whether it was kept, and what else may be asked now."""

    def head() -> Headers:
        cached = b"hit" if call.cached else b"miss"
        known = [(b"x-request-id", call.request_id.encode()), (b"x-ghostllm-cache", cached)]
        return known + call.remaining().headers()

    return head
