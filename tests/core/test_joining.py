"""What the client gets is the same as ever; only the packets are fewer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from zeke_bridge.core.protocol import Protocol
from zeke_bridge.core.serving import serve_port

pytestmark = pytest.mark.anyio

_LENGTH = [(b"content-length", b"5")]


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers in the way that the path says."""
    headers = _LENGTH if scope["path"] == "/whole" else []
    status = 204 if scope["path"] == "/empty" else 200
    if scope["path"] == "/asked":
        while (await receive())["more_body"]:
            pass
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if scope["path"] == "/broken":
        raise RuntimeError("broken")
    body = b"" if status == 204 else b"hello"
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Everything that was handed to the system, one item for each time."""
    seen: list[bytes] = []

    class Watched(Protocol):
        def connection_made(self, transport: Any) -> None:
            write = transport.write

            def noted(data: bytes) -> None:
                seen.append(bytes(data))
                write(data)

            transport.write = noted
            super().connection_made(transport)

    monkeypatch.setattr("zeke_bridge.core.serving.Protocol", Watched)
    return seen


async def _said(raw: bytes) -> bytes:
    """Everything that comes back for ``raw`` until the connection closes."""
    served = await serve_port(_app, "127.0.0.1", 0)
    port = int(served.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(raw)
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
        await served.aclose()


def _ask(method: str, path: str, *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *headers, "", ""]).encode()


async def test_head_and_body_go_out_together(written: list[bytes]) -> None:
    said = await _said(_ask("GET", "/whole", "Connection: close"))
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert said.endswith(b"\r\n\r\nhello")
    assert written == [said]


async def test_the_first_piece_of_a_stream_goes_out_with_its_head(written: list[bytes]) -> None:
    said = await _said(_ask("GET", "/stream", "Connection: close"))
    assert said.endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    assert b"hello" in written[0]


@pytest.mark.parametrize(("method", "path"), [("HEAD", "/whole"), ("GET", "/empty")])
async def test_an_answer_without_a_body_is_sent_too(method: str, path: str) -> None:
    served = await serve_port(_app, "127.0.0.1", 0)
    port = int(served.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(10):
        writer.write(_ask(method, path))
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 20")
        writer.write(_ask("GET", "/whole", "Connection: close"))
        assert (await reader.read()).endswith(b"hello")
    writer.close()
    await served.aclose()


async def test_the_word_to_go_on_does_not_wait(written: list[bytes]) -> None:
    asked = _ask("POST", "/asked", "Content-Length: 2", "Expect: 100-continue", "Connection: close")
    said = await _said(asked + b"{}")
    assert said.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert written[0] == b"HTTP/1.1 100 Continue\r\n\r\n"


async def test_what_breaks_after_its_head_is_closed(
    written: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    said = await _said(_ask("GET", "/broken"))
    assert said == b"".join(written)
    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert "broken" in caplog.text
