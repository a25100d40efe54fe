"""The real child with the real model."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from zeke_bridge.core.local.server import LlamaLimits, LlamaServer
from zeke_bridge.core.local.shelf import Shelf, models_directory
from zeke_bridge.core.providers.base import Endpoint
from zeke_bridge.model.errors import ProviderError

pytestmark = [pytest.mark.anyio, pytest.mark.local_model]

MODEL = "qwen2.5-coder-0.5b"
URL = "http://local/v1/chat/completions"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One loop for the module, so that the model is loaded once for those who share it."""
    return "asyncio"


@pytest.fixture(autouse=True, scope="module")
def _installed() -> None:
    if Shelf(models_directory()).find(MODEL) is None:
        pytest.skip(f"{MODEL} is not installed: run `zeke model install 0.5b`")


@asynccontextmanager
async def serving(
    tmp_path: Path, limits: LlamaLimits | None = None, models: Path | None = None
) -> AsyncIterator[LlamaServer]:
    server = LlamaServer(
        models or models_directory(), tmp_path, limits=limits, log=tmp_path / "model.log"
    )
    try:
        yield server
    finally:
        await server.stop()


@pytest.fixture(scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LlamaServer]:
    """One answer at a time."""
    async with serving(tmp_path_factory.mktemp("model"), LlamaLimits(slots=1)) as server:
        yield server


@asynccontextmanager
async def client(
    endpoint: Endpoint, key: str | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        connector=aiohttp.UnixConnector(endpoint.socket_path),
        headers={"Authorization": f"Bearer {endpoint.api_key if key is None else key}"},
        timeout=aiohttp.ClientTimeout(total=90),
    ) as session:
        yield session


def ask(content: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}], "temperature": 0, **more}


async def test_it_answers_whoever_has_the_key_and_reads_a_beginning_only_once(
    shared: LlamaServer,
) -> None:
    source = "def add(a, b):\n    return a + b\n" * 8
    endpoint = await shared.ensure(MODEL)
    async with client(endpoint) as session:
        async with session.post(URL, json=ask(f"{source}What is it?", max_tokens=8)) as reply:
            first = await reply.json()
        async with session.post(URL, json=ask(f"{source}Any bugs?", max_tokens=8)) as reply:
            second = await reply.json()
    for key in ("", "wrong"):
        async with client(endpoint, key) as session, session.post(URL, json=ask("Hi")) as reply:
            assert reply.status == 401
    path = Path(endpoint.socket_path)
    assert path.stat().st_mode & 0o077 == 0
    command = Path(f"/proc/{shared.pid}/cmdline")
    if command.exists():
        assert endpoint.api_key.encode() not in command.read_bytes()
    assert first["model"] == MODEL
    assert first["choices"][0]["message"]["content"]
    assert first["usage"]["completion_tokens"] <= 8
    assert second["timings"]["cache_n"] > second["timings"]["prompt_n"]
    assert (path.parent / "model.log").stat().st_mode & 0o077 == 0


async def test_a_client_who_leaves_frees_the_only_slot(shared: LlamaServer) -> None:
    long = ask("Count from 1 to 9999, in words.", stream=True, ignore_eos=True, max_tokens=8000)
    async with client(await shared.ensure(MODEL)) as session:
        reply = await session.post(URL, json=long)
        await reply.content.readline()
        reply.close()
        async with (
            asyncio.timeout(80),
            session.post(URL, json=ask("Hi", max_tokens=2)) as next_,
        ):
            assert next_.status == 200


async def test_a_client_who_leaves_while_the_prompt_is_read_frees_it_too(
    shared: LlamaServer,
) -> None:
    """With ``return_progress`` the server writes while it reads, so it hears that they left."""
    prompt = "def multiply(a, b):\n    return a * b\n" * 100
    long = ask(prompt, stream=True, return_progress=True, max_tokens=4)
    async with client(await shared.ensure(MODEL)) as session:
        reply = await session.post(URL, json=long)
        while b"prompt_progress" not in (line := await reply.content.readline()):
            assert line
        progress = json.loads(line.removeprefix(b"data: "))["prompt_progress"]
        reply.close()
        async with session.post(URL, json=ask("Hi", max_tokens=2)) as next_:
            timings = (await next_.json())["timings"]
    assert progress["processed"] < progress["total"] / 2
    assert timings["prompt_n"] < 100


async def test_after_kill_it_is_there_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        endpoint = await server.ensure(MODEL)
        async with client(endpoint) as session:
            reply = await session.post(
                URL, json=ask("Count to 9999.", stream=True, ignore_eos=True, max_tokens=8000)
            )
            await reply.content.readline()
            pid = server.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(aiohttp.ClientError):
                await reply.read()
        await dead(pid)
        endpoint = await server.ensure(MODEL)
        question = ask("Hi", max_tokens=2)
        async with client(endpoint) as session, session.post(URL, json=question) as answer:
            assert answer.status == 200


async def dead(pid: int) -> None:
    def wait() -> None:
        try:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            return

    await asyncio.to_thread(wait)


async def test_a_corrupt_file_says_so(tmp_path: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    (models / "broken.gguf").write_bytes(b"GGUF" + bytes(1000))
    async with serving(tmp_path, models=models) as server:
        with pytest.raises(ProviderError, match=r"broken could not be loaded: \S.*model\.log"):
            await server.ensure("broken")


PARENT = """
import asyncio, sys
from pathlib import Path
from zeke_bridge.core.local.server import LlamaServer
from zeke_bridge.core.local.shelf import models_directory

async def main():
    here = Path(sys.argv[1])
    server = LlamaServer(models_directory(), here, log=here / "model.log")
    endpoint = await server.ensure(sys.argv[2])
    print(endpoint.socket_path, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_the_child_does_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), MODEL],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as parent:
        assert parent.stdout is not None
        path = (await asyncio.to_thread(parent.stdout.readline)).decode().strip()
        reader, writer = await asyncio.open_unix_connection(path)
        parent.kill()
        async with asyncio.timeout(60):
            with contextlib.suppress(ConnectionResetError):  # it died with our connection open
                assert await reader.read() == b""
        writer.close()
