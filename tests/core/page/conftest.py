"""A core behind its guard on a loopback port, in front of two fake providers; and a browser."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.chromium import Chromium, chromium
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ModelConfig, ProviderConfig
from zeke_bridge.config.ghostllm.schema import Serving
from zeke_bridge.core.access.guard import guard
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.serving import serve_port

QUICK = Limits(connect=15, first_byte=15, silence=15, listing=15, starting=15, upload=15)
# The core closes a connection that rests, and httpx may be about to use it.
ANEW = httpx.Limits(max_keepalive_connections=0)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    program = chromium()
    if program is None:
        pytest.skip("Chromium is not installed here (Debian: apt-get install chromium)")
    running = Chromium(program, tmp_path_factory.mktemp("chromium"))
    yield running
    running.close()


@pytest.fixture
def keys(tmp_path: Path) -> ClientKeys:
    return ClientKeys(tmp_path / "clients.json")


@pytest.fixture
def settled(tmp_path: Path) -> Iterator[GhostConfig]:
    """Two providers, of whose models some have a price."""
    with FakeProvider() as far, FakeProvider() as near:
        rows = {
            "far": ProviderConfig("far", far.base_url, preferred="echo"),
            "near": ProviderConfig("near", near.base_url, preferred="echo"),
            "shut": ProviderConfig("shut", far.base_url, "SHUT_KEY"),
        }
        prices = {
            name: ModelConfig(name, input_cost=2e-3, output_cost=6e-3)
            for name in ("far:echo", "far:slow", "near:tools")
        }
        yield GhostConfig(
            tuple(rows),
            rows,
            path=tmp_path / "config.toml",
            models=prices,
            sources=(tmp_path / "config.toml",),
        )


@dataclass
class Site:
    """Where the core listens, and a client of it."""

    address: str
    http: httpx.AsyncClient

    async def chat(self, model: str, text: str, **more: Any) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": text}], **more}
        return await self.http.post("/v1/chat/completions", json=body)


@pytest.fixture
def serve(settled: GhostConfig, keys: ClientKeys, tmp_path: Path) -> Callable[..., Any]:
    @contextlib.asynccontextmanager
    async def serving(
        config: GhostConfig = settled,
        load: Callable[[], GhostConfig] | None = None,
        host: str = "127.0.0.1",
    ) -> AsyncIterator[Site]:
        core = build_core(config, KeyFile(tmp_path / "auth.json"), limits=QUICK, load=load)
        app = guard(core.app, keys, Serving(), loopback=True)
        served = await serve_port(app, host, 0)
        try:
            async with httpx.AsyncClient(
                base_url=served.address, timeout=20, limits=ANEW
            ) as client:
                yield Site(served.address, client)
        finally:
            await served.aclose()
            await core.aclose()

    return serving
