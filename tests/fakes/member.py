"""What the fakes of single services share: an app over a real socket, in the test's own loop."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from aiohttp import web

Body = dict[str, Any]
KEY = "sk-member"


class Member:
    """A fake service; ``async with`` starts and ends it.

    ``key`` is the bearer token it wants; ``said`` what it answers, in pieces.
    """

    who = "member"
    prefix = "/v1"
    key = KEY
    said: tuple[str, ...] = ("Hello", " there")

    def __init__(self) -> None:
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.base_url = ""

    async def __aenter__(self) -> Member:
        app = web.Application()
        app.router.add_get(self.prefix + "/models", self.guarded(self.models))
        app.router.add_post(self.prefix + "/chat/completions", self.guarded(self.chat))
        self.route(app.router)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.root = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.base_url = self.root + self.prefix
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def route(self, router: web.UrlDispatcher) -> None:
        """Add what only this service has."""

    def guarded(self, handler: Any) -> Any:
        """``handler`` behind the key; what it was asked is kept."""

        async def guard(request: web.Request) -> web.StreamResponse:
            self.headers.append(dict(request.headers))
            if not self.knows(request.headers.get("Authorization", "").removeprefix("Bearer ")):
                return self.stranger()
            if request.method == "POST":
                self.requests.append(await request.json())
            return await handler(request)

        return guard

    def knows(self, token: str) -> bool:
        """Whether ``token`` opens this service."""
        return token == self.key

    def stranger(self) -> web.Response:
        """The answer to a wrong key."""
        return refusal(401, "Incorrect API key provided", code="invalid_api_key")

    async def models(self, _request: web.Request) -> web.Response:
        """The list of models."""
        return web.json_response({"object": "list", "data": list(self.rows())})

    def rows(self) -> Iterable[Body]:
        """The rows of the list."""
        return [{"id": "small", "object": "model", "created": 1, "owned_by": self.who}]

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """The answer to a chat request."""
        body = self.requests[-1]
        if body.get("stream"):
            return await self.send(request, self.events(body))
        return web.json_response(self.whole(body))

    def whole(self, body: Body) -> Body:
        """A whole answer."""
        message = {"role": "assistant", "content": "".join(self.said)}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {**self.head("chat.completion", body), "choices": [choice], "usage": self.usage()}

    def events(self, body: Body) -> Iterable[Body | str]:
        """The chunks of a stream; a string goes out as it is."""
        for text in self.said:
            yield self.chunk(body, {"content": text})
        yield self.chunk(body, {}, "stop")
        if (body.get("stream_options") or {}).get("include_usage"):
            yield {**self.head("chat.completion.chunk", body), "choices": [], "usage": self.usage()}

    def chunk(self, body: Body, delta: Body, reason: str | None = None, **more: Any) -> Body:
        """One chunk with one choice."""
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {**self.head("chat.completion.chunk", body), "choices": [choice], **more}

    def head(self, kind: str, body: Body) -> Body:
        """The fields every answer has."""
        return {"id": f"{self.who}-1", "object": kind, "created": 1, "model": body["model"]}

    def usage(self) -> Body:
        """The tokens."""
        return {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}

    async def send(self, request: web.Request, events: Iterable[Body | str]) -> web.StreamResponse:
        """Send ``events`` and the end."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in events:
            line = event if isinstance(event, str) else f"data: {json.dumps(event)}\n\n"
            await response.write(line.encode())
        await response.write(b"data: [DONE]\n\n")
        await response.write_eof()
        return response


def refusal(status: int, message: str, **more: Any) -> web.Response:
    """An error as OpenAI sends it."""
    return web.json_response({"error": {"message": message, **more}}, status=status)
