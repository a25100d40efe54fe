"""The guard behind a real server, asked by raw bytes over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.guard import CLIENT, guard
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.core.serving import serve_port

LIMIT = 10


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Say who asked and how much they sent."""
    length = 0
    while True:
        message = await receive()
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    text = f"{scope[CLIENT].name} {length}".encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@asynccontextmanager
async def serving(keys: ClientKeys) -> AsyncIterator[int]:
    served = await serve_port(
        guard(echo, keys, Serving(), loopback=True, max_body=1000), "127.0.0.1", 0
    )
    try:
        yield int(served.address.rpartition(":")[2])
    finally:
        await served.aclose()


async def say(port: int, request: bytes) -> bytes:
    """The answer's status line and body."""
    async with asyncio.timeout(LIMIT):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            return head.partition(b"\r")[0] + b" " + await reader.readexactly(length)
        finally:
            writer.close()


def post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"\r\n".join([b"POST /x HTTP/1.1", *headers, b"", body])


CHUNKED = b"Transfer-Encoding: chunked"


@pytest.mark.anyio
async def test_what_a_client_gets_over_a_socket(tmp_path: Path) -> None:
    keys = ClientKeys(tmp_path / "clients.json")
    async with serving(keys) as port:
        host = b"Host: 127.0.0.1:%d" % port
        assert await say(port, post(host, b"Content-Length: 2", body=b"{}")) == (
            b"HTTP/1.1 200 OK local 2"
        )
        assert b" 200 " in await say(port, post(b"Host: [::1]:8080", b"Content-Length: 0"))
        assert b" 403 " in await say(port, post(b"Host: evil.example", b"Content-Length: 0"))
        assert b" 400 " in await say(port, post(host, host, b"Content-Length: 0"))
        assert b" 400 " in await say(port, b"POST /x HTTP/1.0\r\nContent-Length: 0\r\n\r\n")
        many = [b"X-%d: 1" % number for number in range(120)]
        assert b" 431 " in await say(port, post(host, *many, b"Content-Length: 0"))
        assert b" 413 " in await say(port, post(host, b"Content-Length: 1001"))
        piece = b"200\r\n" + b"x" * 512 + b"\r\n"
        assert b" 200 " in await say(port, post(host, CHUNKED, body=piece + b"0\r\n\r\n"))
        assert b" 413 " in await say(port, post(host, CHUNKED, body=piece * 2))
        client, secret = keys.create("laptop", 0)
        assert b" 401 " in await say(port, post(host, b"Content-Length: 0"))
        key = b"Authorization: Bearer " + secret.encode()
        assert b"laptop 0" in await say(port, post(host, key, b"Content-Length: 0"))
        assert b" 200 " in await say(port, b"GET /health HTTP/1.1\r\n" + host + b"\r\n\r\n")
        assert client.name == "laptop"
