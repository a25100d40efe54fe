"""A core in front of a fake provider, served on a private unix socket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.core.assemble import Core, build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.pace import Pace
from zeke_bridge.core.providers.base import Endpoint
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.serving import serve_unix
from zeke_bridge.wire.sse import Event, Parser

KEY = "sk-very-secret"


class Hurried(Pace):
    """Its pauses are over at once, and count all the same; how busy the machine is does not."""

    skipped = 0.0

    @property
    def seconds(self) -> float:
        return self.skipped

    async def pause(self, seconds: float) -> None:
        self.skipped += seconds


QUICK = Limits(15, 15, 15, 15, listing=15, starting=15, upload=15, keepalive=5, pace=Hurried)
# Nothing here is encrypted, and to read the certificates takes longer than most of these tests.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class FakeServer:
    """A local model whose process is a fake provider on a unix socket."""

    def __init__(self, directory: Path) -> None:
        self.path = str(directory / "model.sock")
        self.names = ["tiny"]
        self.started = 0
        self.using = 0
        self.touched = 0
        self.fake: FakeProvider | None = None

    def installed(self) -> list[str]:
        return self.names

    async def ensure(self, model: str) -> Endpoint:
        assert model in self.names
        if self.fake is None:
            Path(self.path).unlink(missing_ok=True)
            self.fake = FakeProvider(self.path, KEY).__enter__()
            self.started += 1
        return Endpoint(self.path, KEY)

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        self.using += 1
        try:
            yield
        finally:
            self.using -= 1

    def touch(self) -> None:
        self.touched += 1

    async def stop(self) -> None:
        if self.fake is not None:
            fake, self.fake = self.fake, None
            fake.__exit__()


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with FakeProvider(key=KEY) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path) -> FakeServer:
    return FakeServer(tmp_path)


@pytest.fixture
def settled(fake: FakeProvider, tmp_path: Path) -> GhostConfig:
    """A configuration with one remote provider, called ``far``."""
    far = ProviderConfig("far", fake.base_url, "FAR_KEY", preferred="echo")
    return GhostConfig(("local", "far"), {"far": far}, path=tmp_path / "config.toml")


Ask = Callable[..., Any]
Serve = Callable[..., contextlib.AbstractAsyncContextManager[httpx.AsyncClient]]


@contextlib.asynccontextmanager
async def reached(core: Core, directory: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of ``core``, which is served as long, and then closed."""
    served = await serve_unix(core.app, directory / "core.sock")
    # The core closes a connection that rests, and httpx may be about to use it.
    limits = httpx.Limits(max_keepalive_connections=0)
    transport = httpx.AsyncHTTPTransport(uds=served.address, verify=NO_TLS, limits=limits)
    try:
        async with httpx.AsyncClient(
            transport=transport, base_url="http://core", timeout=20
        ) as client:
            yield client
    finally:
        await served.aclose()
        await core.aclose()


@pytest.fixture
def serve(settled: GhostConfig, tmp_path: Path) -> Serve:
    """Serves a core; gives an HTTP client of it."""

    @contextlib.asynccontextmanager
    async def serving(
        config: GhostConfig = settled,
        local: FakeServer | None = None,
        limits: Limits = QUICK,
        keys: dict[str, str] | None = None,
    ) -> AsyncIterator[httpx.AsyncClient]:
        extra = {"far": KEY} if keys is None else keys
        core = build_core(config, KeyFile(tmp_path / "auth.json"), local, extra, limits)
        async with reached(core, tmp_path) as client:
            yield client

    return serving


class Ends(logging.Handler):
    """What the core's log says of each question when it has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.told.put_nowait(record.fields)  # type: ignore[attr-defined]

    async def next(self, patience: float = 30.0) -> dict[str, Any]:
        """The next one, waiting for it."""
        async with asyncio.timeout(patience):
            return await self.told.get()


@pytest.fixture
def ends() -> Iterator[Ends]:
    logger, handler = logging.getLogger("zeke_bridge.core.relay.state"), Ends()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(handler)


def events_of(raw: bytes) -> list[Event]:
    parser = Parser()
    events = parser.feed(raw)
    parser.close()
    return events
