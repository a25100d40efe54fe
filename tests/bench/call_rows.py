"""What broker and embedded core add to a call: the same question asked of the provider directly
and through all of Zeke, in turn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgpack

from tests.bench.house import House, house
from tests.bench.row import Row, row
from tests.fakes.provider import FakeProvider
from zeke_bridge import __version__

CALLS = 60


def call_rows() -> Iterator[Row]:
    """Added to one call, and to its first token."""
    with FakeProvider() as fake, house(OPENAI_BASE_URL=fake.base_url, OPENAI_API_KEY="k") as found:
        found.zeke("broker", "run", "--detach")
        whole, first = asyncio.run(_compare(found, fake.base_url))
    yield row("added by broker and core to one call", whole, "ms", 2)
    yield row("added by broker and core to the first token", first, "ms", 2)


async def _compare(found: House, base_url: str) -> tuple[list[float], list[float]]:
    whole: list[float] = []
    first: list[float] = []
    editor = await Editor.connect(found.runtime)
    async with httpx.AsyncClient(base_url=base_url, timeout=20) as direct:
        for number in range(CALLS + 5):
            a = await _direct(direct)
            b = await editor.ask(str(number))
            # The first few warm both sides up.
            if number >= 5:
                first.append(b[0] - a[0])
                whole.append(b[1] - a[1])
    return whole, first


async def _direct(client: httpx.AsyncClient) -> tuple[float, float]:
    """Milliseconds to the first text and to the end."""
    body = {
        "model": "echo",
        "stream": True,
        "messages": [{"role": "user", "content": "def f():\n    return 1"}],
    }
    start = time.perf_counter()
    first = 0.0
    async with client.stream("POST", "/chat/completions", json=body) as answer:
        async for line in answer.aiter_lines():
            if not first and '"content"' in line:
                first = time.perf_counter()
    end = time.perf_counter()
    return (first - start) * 1e3, (end - start) * 1e3


class Editor:
    """Speaks to the broker as Neovim does."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._unpacker = msgpack.Unpacker(raw=False)

    @classmethod
    async def connect(cls, runtime: Path) -> Editor:
        """Connect and say hello."""
        editor = cls(*await asyncio.open_unix_connection(str(runtime / "broker.sock")))
        token = (runtime / "token").read_text()
        hello = {"version": __version__, "token": token, "cwd": "/", "settings": {}, "reply": 1}
        editor._notify("hello", hello)
        await editor._until("broker.ready")
        return editor

    async def ask(self, task: str) -> tuple[float, float]:
        """Milliseconds to the first delta and to the end of one explanation."""
        buffer = {"text": "def f():\n    return 1", "start_line": 1, "end_line": 2}
        start = time.perf_counter()
        self._notify(
            "task.submit",
            {"id": task, "kind": "explain", "cwd": "/", "model": "openai:echo", "buffer": buffer},
        )
        await self._until("task.delta")
        first = time.perf_counter()
        await self._until("task.done")
        return (first - start) * 1e3, (time.perf_counter() - start) * 1e3

    def _notify(self, method: str, params: dict[str, Any]) -> None:
        self._writer.write(msgpack.packb([2, method, [params]]))

    async def _until(self, wanted: str) -> None:
        while True:
            for message in self._unpacker:
                name, payload = message[2][1]
                if name == wanted:
                    return
                if name in ("task.failed", "broker.refused"):
                    raise RuntimeError(payload["message"])
            self._unpacker.feed(await self._reader.read(65536))
