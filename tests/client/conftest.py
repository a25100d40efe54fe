"""A core in front of a fake provider, and a server that is told what to send."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.client.core import CoreClient
from zeke_bridge.client.limits import Limits
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.serving import serve_unix


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with FakeProvider() as running:
        yield running


@pytest.fixture
async def asker(fake: FakeProvider, tmp_path: Path) -> AsyncIterator[CoreClient]:
    """A client of an embedded core that has one provider, ``far``."""
    far = ProviderConfig("far", fake.base_url, preferred="echo")
    core = build_core(GhostConfig(("far",), {"far": far}), KeyFile(tmp_path / "auth.json"))
    served = await serve_unix(core.app, tmp_path / "core.sock")
    client = CoreClient(socket_path=tmp_path / "core.sock")
    yield client
    await client.aclose()
    await served.aclose()
    await core.aclose()


class RawServer:
    """Reads one request, sends ``answer``, and then closes, resets or waits."""

    def __init__(self, answer: bytes, then: str) -> None:
        self.answer = answer
        self.then = then
        self.heard = b""
        self.url = ""
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = await reader.readuntil(b"\r\n\r\n")
        writer.write(self.answer)
        with contextlib.suppress(ConnectionError):
            await writer.drain()
            while self.then == "wait" and await reader.read(65536):
                pass
        self.left.set()
        writer.close()


Raw = Callable[..., contextlib.AbstractAsyncContextManager[tuple[CoreClient, RawServer]]]


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    """A client of a ``RawServer``."""

    @contextlib.asynccontextmanager
    async def running(
        answer: bytes, then: str = "close", **options: Any
    ) -> AsyncIterator[tuple[CoreClient, RawServer]]:
        raw_server = RawServer(answer, then)
        server = await asyncio.start_server(raw_server.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        options.setdefault("limits", Limits(connect=30, silence=30, quick=30))
        raw_server.url = f"http://127.0.0.1:{port}"
        client = CoreClient(raw_server.url, **options)
        try:
            yield client, raw_server
        finally:
            await client.aclose()
            server.close()

    return running
