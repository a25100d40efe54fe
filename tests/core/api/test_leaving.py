"""A client that leaves frees the provider's connection within a second, whatever it asked for."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.core.conftest import QUICK, Ends
from tests.fakes.anthropic import FakeAnthropic
from tests.fakes.clock import no_longer_than
from tests.fakes.gemini import FakeGemini
from tests.fakes.native import FakeNative
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, ProviderConfig
from zeke_bridge.core.pace import Pace

pytestmark = pytest.mark.anyio

SECOND = 1.0
IN_FLIGHT = "ghostllm_requests_in_flight 0.0"
TURNS = [{"role": "user", "content": "Hello"}]
SNIPPET = {"code": "x = 1", "language": "python", "path": "a.py"}
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"messages": TURNS}),
    "messages": ("/v1/messages", {"messages": TURNS, "max_tokens": 9}),
    "completions": ("/v1/completions", {"prompt": "Hello"}),
    "explain": ("/v1/zeke/code/explain", SNIPPET),
    "complete": ("/v1/zeke/code/complete", {"prefix": "x = ", "suffix": "", "language": "python"}),
    "suggest": ("/v1/zeke/terminal/suggest", {"text": "list files", "shell": "bash"}),
    "embeddings": ("/v1/embeddings", {"input": "Hello"}),
}
WAYS = [(name, stream) for name in ASKED for stream in (False, True) if name != "embeddings"]


async def held(http: httpx.AsyncClient, fake: FakeProvider, name: str, **more: Any) -> Any:
    """A question on its way, when the provider has begun to be silent or to drip."""
    path, body = ASKED[name]
    asked = asyncio.create_task(http.post(path, json={**body, **more}))
    await fake.until(fake.held)
    return asked


async def gone(asked: asyncio.Task[Any]) -> None:
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked


@contextlib.asynccontextmanager
async def freed(fake: FakeProvider | FakeNative) -> AsyncIterator[None]:
    """See the provider's connection free within a second, by the core's own clock, of leaving."""
    with no_longer_than(SECOND):
        yield
        await fake.until(fake.left)


@pytest.mark.parametrize("model", ["silent", "hang", "loris", "loris-comments"])
@pytest.mark.parametrize(("name", "stream"), [*WAYS, ("embeddings", False)])
async def test_while_nothing_has_come(
    serve: Any, fake: FakeProvider, ends: Ends, name: str, stream: bool, model: str
) -> None:
    streamed = {"stream": True} if stream else {}
    async with serve() as http:
        asked = await held(http, fake, name, model=f"far:{model}", **streamed)
        async with freed(fake):
            await gone(asked)
        assert (await ends.next())["status"] == "cancelled"
        assert IN_FLIGHT in (await http.get("/metrics")).text
    assert len(fake.requests) == 1


@pytest.mark.parametrize("name", ["chat", "messages", "completions", "explain"])
async def test_in_mid_stream(serve: Any, fake: FakeProvider, name: str) -> None:
    path, body = ASKED[name]
    async with serve() as http:
        asked = http.stream("POST", path, json={**body, "model": "far:held", "stream": True})
        async with contextlib.AsyncExitStack() as leaving, asked as answer:
            assert b"first" in await anext(answer.aiter_raw())
            await leaving.enter_async_context(freed(fake))


@pytest.mark.parametrize("name", ["chat", "messages", "explain"])
async def test_after_a_sign_of_life(serve: Any, fake: FakeProvider, name: str) -> None:
    path, body = ASKED[name]
    async with serve(limits=replace(QUICK, keepalive=0.05)) as http:
        asked = http.stream("POST", path, json={**body, "model": "far:silent", "stream": True})
        async with contextlib.AsyncExitStack() as leaving, asked as answer:
            assert b"ping" in await anext(answer.aiter_raw())
            await leaving.enter_async_context(freed(fake))


NATIVE: dict[str, tuple[type[FakeNative], str, str]] = {
    "anthropic": (FakeAnthropic, "/v1", "claude-silent-5"),
    "google": (FakeGemini, "/v1beta", "gemini-silent"),
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", NATIVE)
async def test_a_provider_of_another_dialect(
    serve: Any, settled: GhostConfig, ends: Ends, dialect: str, stream: bool
) -> None:
    made, path, model = NATIVE[dialect]
    with made("") as native:
        own = ProviderConfig("own", native.base_url + path, models=(model,), dialect=dialect)
        config = replace(settled, order=("own",), providers={"own": own})
        async with serve(config, keys={"own": "key"}) as http:
            body = {"model": f"own:{model}", "messages": TURNS, "stream": stream}
            asked = asyncio.create_task(http.post("/v1/chat/completions", json=body))
            await native.until(native.held)
            async with freed(native):
                await gone(asked)
            assert (await ends.next())["status"] == "cancelled"


async def test_between_two_attempts(serve: Any, fake: FakeProvider, ends: Ends) -> None:
    path, body = ASKED["chat"]
    came, loop = asyncio.Event(), asyncio.get_running_loop()
    fake.on_path = lambda _path: loop.call_soon_threadsafe(came.set)
    async with serve(limits=replace(QUICK, pace=Pace, keepalive=30)) as http:
        # It wants to be left alone for seven seconds.
        asked = asyncio.create_task(http.post(path, json={**body, "model": "far:limit429-after"}))
        await came.wait()
        with no_longer_than(SECOND):
            await gone(asked)
            assert (await ends.next())["status"] == "cancelled"
    assert len(fake.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_after_more_was_sent_ahead(
    serve: Any, fake: FakeProvider, ends: Ends, tmp_path: Path, stream: bool
) -> None:
    path, asked = ASKED["chat"]
    body = json.dumps({**asked, "model": "far:silent", "stream": stream})
    kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
    ask = f"POST {path} HTTP/1.1\r\nHost: core\r\n{kind}\r\n\r\n{body}"
    async with serve() as http:
        _, writer = await asyncio.open_unix_connection(tmp_path / "core.sock")
        writer.write(ask.encode() * 3)
        await fake.until(fake.held)
        async with freed(fake):
            writer.close()
        assert (await ends.next())["status"] == "cancelled"
        assert IN_FLIGHT in (await http.get("/metrics")).text
    assert len(fake.requests) == 1


@pytest.mark.parametrize("manner", ["all at once", "one by one"])
async def test_many_at_once(serve: Any, fake: FakeProvider, ends: Ends, manner: str) -> None:
    path, body = ASKED["chat"]
    async with serve() as http:
        tasks = [
            asyncio.create_task(
                http.post(path, json={**body, "model": "far:silent", "user": str(number)})
            )
            for number in range(20)
        ]
        await fake.until(fake.held)
        async with freed(fake):
            for task in tasks:
                task.cancel()
                if manner == "one by one":
                    await gone(task)
            await asyncio.gather(*tasks, return_exceptions=True)
        while IN_FLIGHT not in (await http.get("/metrics")).text:
            assert (await ends.next())["status"] == "cancelled"
