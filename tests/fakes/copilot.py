"""A fake GitHub with a Copilot behind it: device flow, token exchange and API, in one server."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from aiohttp import web

from tests.fakes.member import Body, Member, refusal

LOGIN = "gho_the-login"


class Copilot(Member):
    """``polls`` are the answers to the next polls of a login; then comes the token.

    ``exchanges`` counts the tokens given out, of which the last is the one that opens the API;
    ``lasts`` is how long they say they last, ``lasts_code`` how long a code does that is asked
    about every ``interval`` seconds.
    """

    who = "copilot"
    prefix = ""

    def __init__(self) -> None:
        super().__init__()
        self.polls: deque[Body] = deque()
        self.polled: list[Body] = []
        self.exchanges = 0
        self.lasts = 1500
        self.interval = 5.0
        self.lasts_code = 900.0
        self.no_copilot: web.Response | None = None

    def route(self, router: web.UrlDispatcher) -> None:
        router.add_post("/login/device/code", self._device)
        router.add_post("/login/oauth/access_token", self._token)
        router.add_get("/copilot_internal/v2/token", self._exchange)
        router.add_post("/embeddings", self.guarded(self._embed))

    def knows(self, token: str) -> bool:
        return token == f"tid={self.exchanges}"

    def stranger(self) -> web.Response:
        # Copilot's API answers in plain text.
        return web.Response(status=401, text="unauthorized: token expired\n")

    def withdraw(self) -> None:
        """Take back the token that was given out last."""
        self.exchanges += 1

    async def _device(self, request: web.Request) -> web.Response:
        assert (await request.json())["scope"] == "read:user"
        assert request.headers["Accept"] == "application/json"
        return web.json_response(
            {
                "device_code": "the-device",
                "user_code": "ABCD-1234",
                "verification_uri": "https://github.com/login/device",
                "expires_in": self.lasts_code,
                "interval": self.interval,
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        self.polled.append(await request.json())
        if self.polls:
            return web.json_response(self.polls.popleft())
        return web.json_response(
            {"access_token": LOGIN, "token_type": "bearer", "scope": "read:user"}
        )

    async def _exchange(self, request: web.Request) -> web.Response:
        self.headers.append(dict(request.headers))
        if self.no_copilot is not None:
            return self.no_copilot
        if request.headers["Authorization"] != f"token {LOGIN}":
            return web.json_response({"message": "Bad credentials"}, status=401)
        self.exchanges += 1
        return web.json_response(
            {
                "token": f"tid={self.exchanges}",
                "expires_at": 1,
                "refresh_in": self.lasts,
                "chat_enabled": True,
                "sku": "monthly_subscriber",
                "endpoints": {"api": self.root, "telemetry": "https://telemetry.example"},
            }
        )

    def rows(self) -> Iterable[Body]:
        def row(name: str, **more: Any) -> Body:
            limits = {"max_context_window_tokens": 200000, "max_prompt_tokens": 128000}
            supports = {"tool_calls": True, "vision": True, "structured_outputs": True}
            abilities = {"type": "chat", "limits": limits, "supports": supports}
            return {"id": name, "object": "model", "capabilities": abilities, **more}

        yield row("gpt-5-mini", supported_endpoints=["/chat/completions", "/responses"])
        yield row("claude-sonnet-5.5", policy={"state": "enabled"})
        yield row("off", policy={"state": "disabled"})
        yield row("elsewhere", supported_endpoints=["/responses"])
        yield {"id": "text-embedding-3-small", "capabilities": {"type": "embeddings"}}

    async def chat(self, request: web.Request) -> web.StreamResponse:
        if self.requests[-1]["model"] == "elsewhere":
            return refusal(400, "The requested model is not supported.", code="model_not_supported")
        return await super().chat(request)

    def events(self, body: Body) -> Iterable[Body | str]:
        # No ``object``, and first the content filter's word without a choice.
        yield {"choices": [], "created": 0, "id": "", "prompt_filter_results": []}
        for event in super().events(body):
            assert isinstance(event, dict)
            event.pop("object")
            yield event

    def whole(self, body: Body) -> Body:
        if not body["model"].startswith("claude") or "tools" not in body:
            return super().whole(body)
        call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        say = {
            "message": {"role": "assistant", "content": "I look."},
            "finish_reason": "tool_calls",
        }
        do = {"message": {"role": "assistant", "tool_calls": [call]}, "finish_reason": "tool_calls"}
        return {**self.head("chat.completion", body), "choices": [say, do], "usage": self.usage()}

    async def _embed(self, _request: web.Request) -> web.Response:
        texts = self.requests[-1]["input"]
        if not isinstance(texts, list):
            return refusal(400, "input must be an array")
        rows = [{"index": number, "embedding": [1.0]} for number, _ in enumerate(texts)]
        return web.json_response({"data": rows, "usage": {"prompt_tokens": 1, "total_tokens": 1}})
