"""What a client gets that does not speak HTTP as it should, speaks too much of it, or too little."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from zeke_bridge.core import protocol
from zeke_bridge.core.serving import serve_port

pytestmark = pytest.mark.anyio

INVALID = "This is no HTTP request that can be read."
LATE = "The request did not come in time: send it again."
HEADERS = "The request's headers are too many or too long."
FULL = "There are too many connections to this core: try again in a moment."
BROKEN = "The routing core failed by a mistake of its own: see its log."
PLAIN = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


class App:
    """Answers with the body that it got; ``/held`` waits until its client has left."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.headers: list[dict[bytes, bytes]] = []
        self.begun = asyncio.Event()
        self.left = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        self.headers.append(dict(scope["headers"]))
        self.begun.set()
        if scope["path"] == "/broken":
            raise RuntimeError("broken")
        if scope["path"] == "/refused":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
            return
        body, more = b"", True
        while more or scope["path"] == "/held":
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left.set()
                return
            body += message["body"]
            more = message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in (b"got ", body):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@contextlib.asynccontextmanager
async def served(app: Any, most: int | None = None) -> AsyncIterator[Connect]:
    server = await serve_port(app, "127.0.0.1", 0, most)
    port = int(server.address.rpartition(":")[2])
    opened: list[asyncio.StreamWriter] = []

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        opened.append(writer)
        return reader, writer

    try:
        async with asyncio.timeout(10):
            yield connect
    finally:
        for writer in opened:
            writer.close()
        await server.aclose()


async def said(raw: bytes, app: Any = None) -> bytes:
    """All that comes back for ``raw`` until the connection closes."""
    async with served(app or App()) as connect:
        reader, writer = await connect()
        writer.write(raw)
        return await reader.read()


def told(answer: bytes) -> tuple[int, dict[str, bytes], str]:
    """The status, the headers, and the message of an error."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    headers = {}
    for line in lines:
        name, _, value = line.partition(b": ")
        headers[name.decode()] = value
    assert headers["content-type"] == b"application/json"
    assert int(headers["content-length"]) == len(body)
    assert headers["connection"] == b"close"
    error = json.loads(body)["error"]
    assert error.keys() == {"message", "type", "code", "retryable"}
    return int(first.split()[1]), headers, error["message"]


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head has no more than a moment."""
    monkeypatch.setattr(protocol, "_HEAD_S", 0.05)


@pytest.mark.parametrize(
    "raw",
    [
        b"this is not HTTP\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused_in_json(
    raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    status, _, message = told(await said(raw))
    assert (status, message) == (400, INVALID)
    assert caplog.records == []


async def test_an_app_that_breaks_is_told_of_in_json() -> None:
    status, _, message = told(await said(b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n"))
    assert (status, message) == (500, BROKEN)


@pytest.mark.usefixtures("hasty")
async def test_who_says_nothing_is_closed() -> None:
    assert await said(b"") == b""


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("raw", [b"GE", b"GET / HTTP/1.1\r\n", PLAIN[:-2]])
async def test_a_head_that_does_not_end_is_closed(raw: bytes) -> None:
    status, _, message = told(await said(raw))
    assert (status, message) == (408, LATE)


async def test_a_head_that_does_not_end_is_closed_however_lively(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "_HEAD_S", 0.3)
    async with served(App()) as connect:
        reader, writer = await connect()
        answer = asyncio.create_task(reader.read())
        writer.write(b"GET / HTTP/1.1\r\n")
        while not answer.done():
            writer.write(b"a: b\r\n")
            await asyncio.wait({answer}, timeout=0.02)
        status, _, message = told(answer.result())
    assert (status, message) == (408, LATE)


async def test_an_idle_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_IDLE_S", 0.05)
    answer = await said(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.endswith(b"got \r\n0\r\n\r\n")


async def test_a_body_that_nobody_wants_does_not_keep_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "_IDLE_S", 0.2)
    async with served(App()) as connect:
        reader, writer = await connect()
        writer.write(b"POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        answer = asyncio.create_task(reader.read())
        while not answer.done():
            writer.write(b"x")
            await asyncio.wait({answer}, timeout=0.02)
        assert answer.result().endswith(b"no\r\n0\r\n\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 102,
        b"GET / HTTP/1.1\r\na: " + b"b" * 70_000,
        b"GET / HTTP/1.1\r\n" + b"a" * 70_000,
        b"GET /" + b"a" * 70_000,
    ],
    ids=["many", "long value", "long name", "long address"],
)
async def test_headers_are_limited_before_all_have_come(raw: bytes) -> None:
    app = App()
    status, _, message = told(await said(raw, app))
    assert (status, message) == (431, HEADERS)
    assert app.paths == []


@pytest.mark.parametrize(
    "more",
    [b"0\r\na: " + b"b" * 500_000, b"1;" + b"x" * 500_000],
    ids=["headers behind it", "a chunk's extension"],
)
async def test_what_stands_between_the_pieces_of_a_body_is_limited(more: bytes) -> None:
    app = App()
    head = b"POST /held HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    status, _, message = told(await said(head + b"1\r\nx\r\n" + more, app))
    assert (status, message) == (431, HEADERS)
    assert app.left.is_set()


async def test_headers_behind_a_body_are_not_the_apps() -> None:
    app = App()
    head = b"POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await said(head + b"1\r\nx\r\n0\r\nauthorization: Bearer x\r\n\r\n", app)
    assert answer.endswith(b"1\r\nx\r\n0\r\n\r\n")
    assert app.headers[0].keys() == {b"connection", b"transfer-encoding"}


async def test_more_connections_than_there_is_room_for(caplog: pytest.LogCaptureFixture) -> None:
    async with served(App(), most=2) as connect:
        for _ in range(2):
            await connect()
        for _ in range(3):
            reader, _writer = await connect()
            status, headers, message = told(await reader.read())
            assert (status, message) == (503, FULL)
            assert headers["retry-after"] == b"1"
    [record] = caplog.records
    assert record.getMessage() == "There are 2 connections: what comes now is refused."


async def test_a_place_that_is_free_again_is_given() -> None:
    async with served(App(), most=1) as connect:
        first, writer = await connect()
        writer.write(PLAIN)
        assert (await first.read()).startswith(b"HTTP/1.1 200 OK\r\n")
        second, writer = await connect()
        writer.write(PLAIN)
        assert (await second.read()).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_who_sends_ahead_and_leaves_is_seen_to_leave() -> None:
    app = App()
    async with served(app) as connect:
        _, writer = await connect()
        writer.write(b"GET /held HTTP/1.1\r\nHost: a\r\n\r\n" + PLAIN)
        await app.begun.wait()
        writer.write(PLAIN * 1000)
        await writer.drain()
        writer.close()
        await app.left.wait()
    assert app.paths == ["/held"]


async def test_who_sends_ahead_gets_one_answer() -> None:
    app = App()
    first = b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = await said(first + b"GET /second HTTP/1.1\r\nHost: a\r\n\r\n" + b"nonsense", app)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"\r\nconnection: close\r\n" in answer
    assert answer.endswith(b"got \r\n0\r\n\r\n")
    assert app.paths == ["/first"]


async def test_nonsense_behind_a_request_does_not_break_its_answer() -> None:
    answer = await said(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}nonsense")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert answer.endswith(b"2\r\n{}\r\n0\r\n\r\n")


UPGRADES = [
    "Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
    "Connection: upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n",
]


@pytest.mark.parametrize("wish", UPGRADES)
@pytest.mark.parametrize("apart", [False, True])
async def test_a_wish_for_another_protocol_is_ignored(
    wish: str, apart: bool, caplog: pytest.LogCaptureFixture
) -> None:
    app = App()
    head = f"POST /a?b=c HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n{wish}\r\n".encode()
    async with served(app) as connect:
        reader, writer = await connect()
        writer.write(head if apart else head + b"body")
        if apart:
            await app.begun.wait()
            writer.write(b"body")
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\nconnection: close\r\n")
    assert answer.endswith(b"4\r\nbody\r\n0\r\n\r\n")
    assert app.paths == ["/a"]
    assert app.headers[0][b"connection"] == b"close"
    assert not {b"upgrade", b"http2-settings"} & app.headers[0].keys()
    assert caplog.records == []


async def test_after_a_wish_for_another_protocol_the_connection_goes_on() -> None:
    wish = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    async with served(App()) as connect:
        reader, writer = await connect()
        writer.write(wish)
        await reader.readuntil(b"0\r\n\r\n")
        writer.write(PLAIN)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")


async def test_an_old_client_gets_no_chunks() -> None:
    answer = await said(b"POST / HTTP/1.0\r\nContent-Length: 4\r\n\r\nbody")
    assert answer == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ngot body"


async def test_an_old_client_that_wants_to_stay_is_closed_all_the_same() -> None:
    answer = await said(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert answer == b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\ngot "
