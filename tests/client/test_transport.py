"""Whatever a server sends, each fault is an error with a sentence."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.client.core import CoreClient
from zeke_bridge.client.limits import Limits
from zeke_bridge.model import errors
from zeke_bridge.model.exchange import Audience, CodeAsk, Delta, Snippet

pytestmark = pytest.mark.anyio

ASK = CodeAsk(Audience(), "explain", Snippet("x = 1"))
SHORT = Limits(connect=5, silence=0.05, quick=0.05)
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)
DELTA = b'event: delta\ndata: {"text": "one"}\n\n'


def page(status: str, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def ask(client: CoreClient) -> list[Any]:
    return [piece async for piece in client.code(ASK)]


@pytest.mark.parametrize(
    ("answer", "kind", "word"),
    [
        (page("200 OK", "text/html", b"<p>Login"), errors.BadAnswerError, "web page"),
        (page("502 Bad", "text/html", b"<p>nginx"), errors.BadAnswerError, "status 502"),
        (page("200 OK", "application/json", b"{}"), errors.BadAnswerError, "stream of events"),
        (page("404 No", "application/json", b'{"detail": "x"}'), errors.BadAnswerError, "404"),
        (STREAM, errors.BadAnswerError, "half an answer"),
        (STREAM + DELTA, errors.BadAnswerError, "half an answer"),
        (STREAM + DELTA + b'data: {"te', errors.BadAnswerError, "half an event"),
        (STREAM + b"data: {x\n\n", errors.BadAnswerError, "not JSON"),
        (STREAM + b"data: 3\n\n", errors.BadAnswerError, "no object"),
        (STREAM + b"data: \xff\n\n", errors.BadAnswerError, "UTF-8"),
        (STREAM + b"event: done\ndata: {}\n\n", errors.BadAnswerError, "text"),
        (CHUNKED + b"24\r\n" + DELTA + b"\r\n", errors.UnreachableError, "broke off"),
        (b"", errors.UnreachableError, "broke off"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", errors.BadAnswerError, "not HTTP"),
        (
            page(
                "429 Slow",
                "application/json",
                b'{"error": {"code": "rate_limited", "message": "Wait."}}',
            ),
            errors.RateLimitError,
            "Wait.",
        ),
    ],
)
async def test_each_fault_of_a_stream(
    raw: Any, answer: bytes, kind: type[errors.ZekeError], word: str
) -> None:
    async with raw(answer) as (client, _):
        with pytest.raises(kind, match=word) as caught:
            await ask(client)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (page("200 OK", "text/html", b"<p>Login"), errors.BadAnswerError),
        (page("200 OK", "application/json", b"{x"), errors.BadAnswerError),
        (page("200 OK", "application/json", b"[]"), errors.BadAnswerError),
        (page("500 Bad", "text/plain", b"oops"), errors.BadAnswerError),
        (b"", errors.UnreachableError),
    ],
)
async def test_each_fault_of_a_whole_answer(
    raw: Any, answer: bytes, kind: type[errors.ZekeError]
) -> None:
    async with raw(answer) as (client, _):
        with pytest.raises(kind):
            await client.health()


@pytest.mark.parametrize("answer", [b"", STREAM, STREAM + DELTA, STREAM + b"data: {"])
async def test_silence_has_an_end(raw: Any, answer: bytes) -> None:
    async with raw(answer, then="wait", limits=SHORT) as (client, server):
        with pytest.raises(errors.TimedOutError):
            await ask(client)
        await asyncio.wait_for(server.left.wait(), 30)


async def test_what_came_before_a_fault_stays(raw: Any) -> None:
    async with raw(STREAM + DELTA) as (client, _):
        pieces = client.code(ASK)
        assert await anext(pieces) == Delta("one")
        with pytest.raises(errors.BadAnswerError):
            await anext(pieces)


async def test_closing_closes_the_connection_at_once(raw: Any) -> None:
    async with raw(STREAM + DELTA, then="wait") as (client, server):
        pieces = client.code(ASK)
        await anext(pieces)
        await pieces.aclose()
        await asyncio.wait_for(server.left.wait(), 30)


async def test_nobody_there(tmp_path: Path) -> None:
    for client in (
        CoreClient("http://127.0.0.1:1/v1"),
        CoreClient(socket_path=tmp_path / "none.sock"),
    ):
        with pytest.raises(errors.UnreachableError, match="cannot be reached"):
            await ask(client)
        with pytest.raises(errors.UnreachableError):
            await client.models()
        await client.aclose()


async def test_a_key_is_sent_and_never_shown(raw: Any) -> None:
    body = b'{"error": {"code": "auth_failed", "message": "sk-secret is wrong"}}'
    answer = page("401 No", "application/json", body)
    async with raw(answer, key="sk-secret") as (client, server):
        with pytest.raises(errors.AuthError) as caught:
            await ask(client)
        assert b"authorization: bearer sk-secret" in server.heard.lower()
    assert caught.value.message == "(key) is wrong"


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://x", "http://", "http://x:99999"])
def test_a_base_url_that_is_none(url: str) -> None:
    with pytest.raises(errors.ConfigError, match="base_url"):
        CoreClient(url)


async def test_a_far_core_is_asked_through_the_proxy(
    raw: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with raw(page("200 OK", "application/json", b'{"status": "healthy"}')) as (_, server):
        monkeypatch.setenv("http_proxy", server.url)
        far = CoreClient("http://far.example")
        assert (await far.health()).status == "healthy"
        assert server.heard.startswith(b"GET http://far.example/health ")
        await far.aclose()


async def test_a_base_url_may_end_in_v1(raw: Any) -> None:
    body = b'{"status": "healthy"}'
    async with raw(page("200 OK", "application/json", body)) as (_, server):
        with_v1 = CoreClient(f"{server.url}/v1/")
        assert (await with_v1.health()).status == "healthy"
        assert server.heard.startswith(b"GET /health ")
        await with_v1.aclose()
