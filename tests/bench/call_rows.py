"""What broker and embedded core add to a call: the same question asked of the provider directly
and through all of Zeke, in turn, by the same process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import aiohttp
import orjson

from tests.bench.provider import Body, Provider, asking
from tests.bench.row import Row, row
from tests.fakes.editor import Editor
from tests.fakes.house import House
from zeke_bridge.wire import sse

PAIRS = 800
WARM_UP = 50
PLUGINS = 30

_MARK: Body = {
    "model": "echo",
    "messages": [{"role": "user", "content": "From here on"}],
    "stream": True,
}

Times = tuple[float, float]
"""Milliseconds to the first text and to the end."""


def call_rows(fake: Provider) -> Iterator[Row]:
    """Added to one call, and to its first token."""
    with asking(fake) as house:
        house.start()
        pairs = asyncio.run(_pairs(house, fake))
    yield row("first token, provider directly", [direct[0] for direct, _ in pairs], "ms")
    yield row("one call, provider directly", [direct[1] for direct, _ in pairs], "ms")
    added = [(zeke[0] - direct[0], zeke[1] - direct[1]) for direct, zeke in pairs]
    yield row("added to the first token by broker and core", [one[0] for one in added], "ms", 2)
    yield row("added to one call by broker and core", [one[1] for one in added], "ms", 2)


async def _pairs(house: House, fake: Provider) -> list[tuple[Times, Times]]:
    editor = Editor(house.runtime, house.project)
    await editor.connect()
    # GhostWarden looks at each of them whenever it decides.
    editor.hello(runtimepath=[str(house.base / f"plugin{n}") for n in range(PLUGINS)])
    await editor.until("broker.ready")
    async with aiohttp.ClientSession() as direct:
        url = f"{fake.base_url}/chat/completions"
        await _direct(direct, url, _MARK)
        # What was asked before is not what the core is about to ask.
        while await asyncio.to_thread(fake.asked) != _MARK:
            pass
        await _through(editor, house, "first")
        body = await asyncio.to_thread(fake.asked)
        pairs = []
        for number in range(WARM_UP + PAIRS):
            straight = await _direct(direct, url, body)
            pairs.append((straight, await _through(editor, house, str(number))))
    await editor.close()
    return pairs[WARM_UP:]


async def _through(editor: Editor, house: House, task: str) -> Times:
    """Explain a file, which is a read that GhostWarden allows and writes down."""
    buffer = editor.buffer(house.project / "a.py")
    start = time.perf_counter()
    editor.submit(task, "explain", buffer=buffer)
    begun = await editor.until("task.delta", "task.failed", id=task)
    first = time.perf_counter()
    if "text" not in begun:
        raise RuntimeError(begun["message"])
    await editor.until("task.done", id=task)
    return (first - start) * 1e3, (time.perf_counter() - start) * 1e3


async def _direct(session: aiohttp.ClientSession, url: str, body: Body) -> Times:
    """Ask the provider what the core asks it, over a connection that is kept."""
    first = 0.0
    parser = sse.Parser()
    start = time.perf_counter()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-fake"}
    async with session.post(url, data=orjson.dumps(body), headers=headers) as answer:
        async for piece in answer.content.iter_any():
            for event in parser.feed(piece):
                chunk = event.data != "[DONE]" and orjson.loads(event.data)
                if not first and chunk and chunk["choices"][0]["delta"].get("content"):
                    first = time.perf_counter()
    if not first:
        raise RuntimeError("The provider answered without any text.")
    return (first - start) * 1e3, (time.perf_counter() - start) * 1e3
