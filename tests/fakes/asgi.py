"""An ASGI app that says what it got, and how to ask one without a server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message

from zeke_bridge.core.access.clients import Client
from zeke_bridge.core.access.guard import CLIENT

Headers = list[tuple[bytes, bytes]]
HOST: Headers = [(b"host", b"localhost:8080")]


class App:
    """An app that reads what it gets and says who asked."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.got = b""
        self.left = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            self.got = b"lifespan"
            return
        self.clients.append(scope[CLIENT])
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left = True
                break
            self.got += message.get("body", b"")
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"1")]})
        await send({"type": "http.response.body", "body": b"{}"})


@dataclass
class Answer:
    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    starts: int = 0

    @property
    def error(self) -> dict[str, Any]:
        return json.loads(self.body)["error"]


def ask(
    app: ASGIApp,
    headers: Headers,
    method: str = "POST",
    path: str = "/v1/chat/completions",
    body: list[bytes] | None = None,
    **scope: Any,
) -> Answer:
    pieces = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in body or []
    ] + [{"type": "http.request", "body": b"", "more_body": False}]
    answer = Answer()

    async def receive() -> Message:
        return pieces.pop(0) if pieces else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.starts += 1
            answer.status = message["status"]
            answer.headers = dict(message["headers"])
        else:
            answer.body += message["body"]

    request = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }
    asyncio.run(app(request | scope, receive, send))  # type: ignore[arg-type]
    return answer


def bearer(secret: str) -> Headers:
    return [*HOST, (b"authorization", b"Bearer " + secret.encode())]
