from __future__ import annotations

import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.access.guard import guard
from zeke_bridge.core.access.keys import ClientKeys
from zeke_bridge.core.assemble import build_core
from zeke_bridge.core.keys import KeyFile
from zeke_bridge.core.protocol import Protocol
from zeke_bridge.core.serving import serve_port, serve_unix
from zeke_bridge.model.errors import CoreError

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def _behind_the_door(app: ASGIApp, tmp_path: Path) -> ASGIApp:
    clients = ClientKeys(tmp_path / "clients.json")
    return guard(app, clients, GhostConfig((), {}).serving, loopback=True)


async def test_small_answers_are_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With Nagle's algorithm each would wait for some 40 ms."""
    seen: list[int] = []

    class Watching(Protocol):
        def connection_made(self, transport: Any) -> None:
            connection = transport.get_extra_info("socket")
            seen.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            super().connection_made(transport)

    monkeypatch.setattr("zeke_bridge.core.serving.Protocol", Watching)
    served = await serve_port(hello, "127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=served.address, trust_env=False) as http:
        await http.get("/")
    await served.aclose()
    assert seen == [1]


async def test_a_unix_socket_is_private_and_takes_the_place_of_an_old_one(tmp_path: Path) -> None:
    path = tmp_path / "core.sock"
    path.write_text("old")
    served = await serve_unix(hello, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(path))) as http:
        assert (await http.get("http://core/")).text == "hello"
    await served.aclose()
    with socket.socket(socket.AF_UNIX) as probe, pytest.raises(ConnectionRefusedError):
        probe.connect(str(path))


async def test_closing_ends_what_runs_quietly(
    settled: GhostConfig, fake: FakeProvider, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    core = build_core(settled, KeyFile(tmp_path / "auth.json"), None, {"far": KEY})
    served = await serve_unix(core.app, tmp_path / "core.sock")
    body = {"code": "x", "model": "far:held", "stream": True}
    transport = httpx.AsyncHTTPTransport(uds=served.address)
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://core") as http,
        http.stream("POST", "/v1/zeke/code/explain", json=body) as response,
    ):
        pieces = response.aiter_raw()
        await anext(pieces)
        await served.aclose()
        with pytest.raises(httpx.TransportError):
            await anext(pieces)
    await fake.until(fake.left)
    await core.aclose()
    assert caplog.records == []


async def test_a_taken_port_is_a_sentence() -> None:
    served = await serve_port(hello, "127.0.0.1", 0)
    port = int(served.address.rpartition(":")[2])
    with pytest.raises(CoreError, match="--port"):
        await serve_port(hello, "127.0.0.1", port)
    await served.aclose()


async def test_a_path_that_cannot_be_bound_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CoreError, match="cannot listen"):
        await serve_unix(hello, tmp_path / "none" / "core.sock")
    with pytest.raises(CoreError, match="cannot listen"):
        await serve_unix(hello, tmp_path / ("x" * 200))


async def test_only_requests_to_this_machine_by_name_are_answered(tmp_path: Path) -> None:
    served = await serve_port(_behind_the_door(hello, tmp_path), "127.0.0.1", 0)
    async with httpx.AsyncClient(base_url=served.address, trust_env=False) as http:
        assert (await http.get("/")).text == "hello"
        assert (await http.get("/", headers={"Host": "localhost:1"})).status_code == 200
        assert (await http.get("/", headers={"Host": "[::1]"})).status_code == 200
        refused = await http.get("/", headers={"Host": "evil.example:80"})
        assert refused.status_code == 403
    await served.aclose()


async def test_the_official_sdk_understands_it(settled: GhostConfig, tmp_path: Path) -> None:
    core = build_core(settled, KeyFile(tmp_path / "auth.json"), None, {"far": KEY})
    served = await serve_port(_behind_the_door(core.app, tmp_path), "127.0.0.1", 0)
    messages: Any = [{"role": "user", "content": "Hello there"}]
    async with openai.AsyncOpenAI(
        base_url=f"{served.address}/v1", api_key="unused", max_retries=0
    ) as sdk:
        whole = await sdk.chat.completions.create(model="far:echo", messages=messages)
        assert "Hello there" in (whole.choices[0].message.content or "")
        assert whole.usage is not None
        assert (whole.model_extra or {})["provider"] == "far"
        stream = await sdk.chat.completions.create(
            model="auto", messages=messages, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
        assert text == whole.choices[0].message.content
        assert chunks[-1].usage is not None
        assert "far:echo" in [model.id async for model in sdk.models.list()]
        with pytest.raises(openai.RateLimitError, match="slow down"):
            await sdk.chat.completions.create(model="far:limit429", messages=messages)
        with pytest.raises(openai.NotFoundError):
            await sdk.chat.completions.create(model="far:nothing", messages=messages)
        broken = await sdk.chat.completions.create(model="far:half", messages=messages, stream=True)
        with pytest.raises(openai.APIError, match="half an answer"):
            [chunk async for chunk in broken]
    await served.aclose()
    await core.aclose()


async def test_a_connection_to_the_provider_is_used_again(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http:
        for number in range(3):
            body = {"code": f"x = {number}", "model": "far:echo"}
            await http.post("/v1/zeke/code/explain", json=body)
    assert len(fake.requests) == 3
    assert len(set(fake.peers)) == 1


def test_what_it_loads_stays_small() -> None:
    code = (
        "import sys, zeke_bridge.client.core, zeke_bridge.core.assemble\n"
        "import zeke_bridge.core.serving\n"
        "print(sorted({'httpx', 'openai', 'xllamacpp', 'typer', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
