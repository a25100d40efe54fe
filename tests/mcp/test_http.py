"""``zeke mcp`` over HTTP: who gets in, and the SDK's own client over a real socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.mcp.conftest import FakeLink
from zeke_bridge.mcp.http import HOST, PATH, application, listening
from zeke_bridge.mcp.server import server
from zeke_bridge.model.errors import BrokerError

pytestmark = pytest.mark.anyio

TOKEN = "t" * 43
GOOD = {"Authorization": f"Bearer {TOKEN}"}


@asynccontextmanager
async def served(link: FakeLink) -> AsyncIterator[int]:
    taken = listening(0)
    port = taken.getsockname()[1]
    config = uvicorn.Config(application(server(link), port, TOKEN), log_level="error")
    running = uvicorn.Server(config)
    ready = asyncio.Event()
    start = running.startup

    async def startup(sockets: list[socket.socket] | None = None) -> None:
        await start(sockets)
        ready.set()

    running.startup = startup  # type: ignore[method-assign]
    task = asyncio.create_task(running.serve(sockets=[taken]))
    try:
        async with asyncio.timeout(20):
            await ready.wait()
        yield port
    finally:
        running.should_exit = True
        await task


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {}),
        (401, {"Authorization": "Bearer wrong"}),
        (401, {"Authorization": f"Basic {TOKEN}"}),
        (401, {"Authorization": TOKEN}),
        (401, {"Authorization": f"Bearer {TOKEN}x"}),
        (421, {**GOOD, "Host": "evil.example"}),
        (421, {**GOOD, "Host": f"{HOST}:1"}),
        (421, {"Host": "evil.example"}),
        (403, {**GOOD, "Origin": "https://evil.example"}),
        (403, {**GOOD, "Origin": "null"}),
        (403, {**GOOD, "Origin": "http://localhost:1"}),
    ],
)
async def test_a_request_that_may_not_be_made_is_refused(
    link: FakeLink, status: int, headers: dict[str, str]
) -> None:
    async with served(link) as port, httpx2.AsyncClient(trust_env=False) as client:
        for method in ("GET", "POST", "DELETE", "OPTIONS"):
            answer = await client.request(method, f"http://{HOST}:{port}{PATH}", headers=headers)
            assert answer.status_code == status
            assert ("www-authenticate" in answer.headers) == (status == 401)
            assert "access-control-allow-origin" not in answer.headers
    assert link.asked == []


async def test_with_the_token_it_serves(link: FakeLink) -> None:
    link.known["text"] = {"path": "a.py", "text": "x = 1\n"}
    async with served(link) as port:
        url = f"http://{HOST}:{port}{PATH}"
        async with httpx2.AsyncClient(headers=GOOD, trust_env=False) as http:
            transport = streamable_http_client(url, http_client=http)
            async with Client(transport) as client:
                assert len((await client.list_tools()).tools) == 6
                result = await client.call_tool("read_buffer", {"path": "a.py"})
        assert not result.is_error
        own = {**GOOD, "Origin": f"http://localhost:{port}"}
        async with httpx2.AsyncClient(headers=own, trust_env=False) as http:
            assert (await http.get(f"http://{HOST}:{port}/")).status_code == 404


async def test_it_listens_on_this_machine_alone() -> None:
    with listening(0) as taken:
        host, port = taken.getsockname()
        assert host == "127.0.0.1"
        with pytest.raises(BrokerError, match=r"cannot be used: [^(]*\. `--port`"):
            listening(port)
