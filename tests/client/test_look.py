"""What answers at an address is found out by its own words, and by nothing that costs money."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import web

from tests.fakes.core import unused_address
from zeke_bridge.client.limits import Limits
from zeke_bridge.client.look import Found, look
from zeke_bridge.client.transport import Transport
from zeke_bridge.model import errors

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
LIMITS = Limits(connect=30, silence=30, quick=30)
Answer = tuple[int, Any]

LIST = (200, {"object": "list", "data": [{"id": "tiny"}]})
ALIVE = (200, "I'm alive!")
HEALTHY = (200, {"status": "healthy", "service": "ghostllm", "version": "0.1.0"})
NO_KEY = (401, {"error": {"message": "No.", "code": "access_denied", "retryable": False}})
LOADING = (503, {"error": {"message": "Loading model", "type": "unavailable_error", "code": 503}})
UNAUTHORIZED = (401, {"error": {"message": "Invalid API Key", "type": "authentication_error"}})
NO_DATABASE = (400, {"error": {"message": "No connected db.", "type": "no_db_connection"}})


class Place:
    """A server with these answers by path; all else is not found."""

    def __init__(self, answers: Mapping[str, Answer], name: str) -> None:
        self.answers = answers
        self.name = name
        self.asked: list[str] = []
        self.keys: set[str | None] = set()
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        self.keys.add(request.headers.get("Authorization"))
        status, body = self.answers.get(request.path, (404, {"detail": "Not Found"}))
        headers = {"Server": self.name}
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, content_type="text/html", headers=headers)
        text = json.dumps(body)
        return web.Response(
            status=status, text=text, content_type="application/json", headers=headers
        )


@contextlib.asynccontextmanager
async def place(answers: Mapping[str, Answer], name: str = "uvicorn") -> AsyncIterator[Place]:
    found = Place(answers, name)
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()


async def found_at(url: str) -> Found:
    http = Transport(url, None, KEY, LIMITS)
    try:
        return await look(http)
    finally:
        await http.aclose()


@pytest.mark.parametrize(
    ("answers", "name", "found"),
    [
        ({"/health": HEALTHY}, "uvicorn", Found("ghostllm", "0.1.0")),
        ({"/health/liveliness": NO_KEY, "/health": HEALTHY}, "", Found("ghostllm", "0.1.0")),
        ({"/health/liveliness": NO_KEY, "/health": NO_KEY}, "", Found("ghostllm")),
        ({"/health": NO_KEY}, "", Found("ghostllm")),
        ({"/health/liveliness": ALIVE, "/health": HEALTHY}, "uvicorn", Found("litellm")),
        ({"/health": (200, {"status": "ok"}), "/v1/models": LIST}, "llama.cpp", Found("llama.cpp")),
        ({"/v1/models": UNAUTHORIZED}, "llama.cpp", Found("llama.cpp")),
        ({"/v1/models": LIST}, "vllm", Found("server")),
        ({"/v1/models": NO_DATABASE}, "", Found("server")),
        ({"/v1/models": (429, {"error": "slow down"})}, "", Found("server")),
        ({"/models": LIST}, "", Found("server", path="")),
        ({"/v1/models": (200, b"<p>Login"), "/models": LIST}, "", Found("server", path="")),
    ],
)
@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/"])
async def test_what_is_there(
    answers: Mapping[str, Answer], name: str, found: Found, end: str
) -> None:
    async with place(answers, name) as there:
        assert await found_at(there.url + end) == found
        assert there.keys == {f"Bearer {KEY}"}


@pytest.mark.parametrize("end", ["", "/v1"])
async def test_under_a_prefix(end: str) -> None:
    async with place({"/team/a/health/liveliness": ALIVE}) as there:
        assert await found_at(f"{there.url}/team/a{end}") == Found("litellm")
        assert there.asked == ["/team/a/health/liveliness"]
    async with place({"/api/paas/v4/models": LIST}) as there:
        assert await found_at(f"{there.url}/api/paas/v4") == Found("server", path="")


async def test_litellm_is_not_made_to_call_its_models() -> None:
    async with place({"/health/liveliness": ALIVE, "/v1/models": LIST}) as there:
        await found_at(there.url)
        assert "/health" not in there.asked


@pytest.mark.parametrize(
    ("answers", "kind", "word"),
    [
        ({}, errors.BadAnswerError, "no chat completions"),
        ({"/v1/models": (200, b"<p>Login")}, errors.BadAnswerError, "a web page"),
        ({"/v1/models": (200, [1])}, errors.BadAnswerError, "no list of models"),
        ({"/v1/models": (302, {})}, errors.BadAnswerError, "another address"),
        ({"/v1/models": (500, {})}, errors.ProviderError, "status 500"),
        ({"/health/liveliness": LOADING}, errors.OverloadedError, "Loading model"),
        ({"/health/liveliness": (502, b"<p>nginx")}, errors.ProviderError, "status 502"),
        ({"/v1/models": (500, {"error": f"for {KEY}"})}, errors.ProviderError, "(key)"),
    ],
)
async def test_what_cannot_be_asked(
    answers: Mapping[str, Answer], kind: type[errors.ZekeError], word: str
) -> None:
    async with place(answers) as there:
        with pytest.raises(kind) as caught:
            await found_at(there.url)
        assert type(caught.value) is kind
        assert word in caught.value.message
        assert there.url in caught.value.message
        assert KEY not in caught.value.message


async def test_nobody_is_there() -> None:
    url = unused_address()
    with pytest.raises(errors.UnreachableError, match="cannot be reached") as caught:
        await found_at(url)
    assert url in caught.value.message
