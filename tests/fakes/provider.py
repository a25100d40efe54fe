"""A fake provider: OpenAI's wire format over a real socket, and every way to get it wrong.

What it does is chosen by the model's name (see ``BEHAVIOURS`` and ``FAULTS``), so that one
running fake serves a whole test. It runs in a thread of its own::

    with FakeProvider() as fake:
        fake.base_url            # http://127.0.0.1:…/v1
        fake.requests            # the parsed bodies of the calls so far
        fake.script.append("x")  # the text of the next answer, whatever the model
    fake.script.append([{…}])  # its chunks, as they are to be sent
    fake.script.append({…})  # the whole of it
        fake.release()           # lets the streams of "held" go on
        fake.step()              # lets that of "slow" say its next word, if its ``delay`` is None

or as a program: ``python tests/fakes/provider.py [--socket PATH]`` prints the base URL first, and
then one line of JSON for each call it gets.

An instruction may carry its own answer: ``ANSWER: text`` up to the end of the line (``\\n`` in it
is a line end).
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import struct
import sys
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fakes.behaviours import BEHAVIOURS, Body, Call, fault
from tests.fakes.faults import FAULTS
from tests.fakes.infill import infill
from tests.fakes.patience import patience

PATIENCE = patience(20.0)
DELAY_S = 0.02
ALL = {**BEHAVIOURS, **FAULTS}


class FakeProvider:
    """The fake in a thread; both ``with`` and ``async with`` start and end it.

    ``held`` is set when a call waits ("held", "hang", "silent") or drips, ``left`` when a client
    went away before its answer ended. ``unix`` listens on that path instead of a port. ``also`` maps
    further paths to the JSON that they answer with, ``on_path`` is told the path of every request.
    ``hides_models``: its models are listed only to who has the ``key``.
    """

    def __init__(
        self,
        unix: str | None = None,
        key: str = "",
        on_call: Any = None,
        also: Mapping[str, Any] | None = None,
    ) -> None:
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.peers: list[object] = []
        self.script: deque[str | list[Body] | Body] = deque()
        self.models = [*ALL, "text-embedding-fake"]
        self.described: dict[str, Body] = {}
        self.held = threading.Event()
        self.left = threading.Event()
        self.base_url = ""
        self.key = key
        self.hides_models = False
        self.delay: float | None = DELAY_S
        self._unix = unix
        self._also = also or {}
        self.on_path: Callable[[str], None] | None = None
        self._on_call = on_call
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.gate: asyncio.Event | None = None
        self.steps: asyncio.Semaphore | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)

    def __enter__(self) -> FakeProvider:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._call(lambda: self._stop.set())
        self._thread.join(PATIENCE)

    async def __aenter__(self) -> FakeProvider:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.__exit__)

    def release(self) -> None:
        """Let what is held go on, now and later."""
        self._call(lambda: self.gate.set())

    def step(self, count: int = 1) -> None:
        """Let what is slow say its next words."""
        self._call(lambda: [self.steps.release() for _ in range(count)])

    def forget(self) -> None:
        """Be as at the beginning, for the next test."""
        self.requests.clear()
        self.headers.clear()
        self.script.clear()
        self.held.clear()
        self.left.clear()
        self.delay = DELAY_S
        self._call(self._hold)

    async def until(self, event: threading.Event) -> None:
        """Wait for ``held`` or ``left`` without blocking the loop."""
        assert await asyncio.to_thread(event.wait, PATIENCE), "it did not happen"

    def _hold(self) -> None:
        self.gate.clear()
        self.steps = asyncio.Semaphore(0)

    def _call(self, what: Callable[[], Any]) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self.gate, self.steps = asyncio.Event(), asyncio.Event(), asyncio.Semaphore(0)
        app = web.Application(client_max_size=64 * 2**20, middlewares=[self._heard])
        app.router.add_get("/v1/models", self._list)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._embed)
        app.router.add_post("/infill", self._infill)
        for path, answer in self._also.items():
            app.router.add_get(path, partial(_told, answer))
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0)
        await runner.setup()
        if self._unix:
            await web.UnixSite(runner, self._unix).start()
            self.base_url = f"unix:{self._unix}"
        else:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    @web.middleware
    async def _heard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.on_path is not None:
            self.on_path(request.path)
        return await handler(request)

    async def _list(self, request: web.Request) -> web.Response:
        if self.hides_models and request.headers.get("Authorization") != f"Bearer {self.key}":
            return fault(401, "Incorrect API key", "auth")
        rows = [
            {"id": name, "object": "model", "created": 0, "owned_by": "f"}
            | self.described.get(name, {})
            for name in self.models
        ]
        return web.json_response({"object": "list", "data": rows})

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        if (behaviour := ALL.get(str(body.get("model")))) is not None and body["model"] != "echo":
            return await self._played(behaviour(Call(self, request, body)))
        one = not isinstance(body["input"], list) or isinstance(body["input"][0], int)
        count = 1 if one else len(body["input"])
        vector: Any = [0.5, -0.25, float(count)]
        if body.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack("<3f", *vector)).decode()
        rows = [{"object": "embedding", "index": n, "embedding": vector} for n in range(count)]
        usage = {"prompt_tokens": count, "total_tokens": count}
        told = {"object": "list", "data": rows, "model": body["model"], "usage": usage}
        return web.json_response(told)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            return fault(401, f"Incorrect API key: {request.headers.get('Authorization')}", "auth")
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        self.peers.append(request.transport.get_extra_info("peername"))
        if self._on_call is not None:
            self._on_call(body)
        call = Call(self, request, body)
        if self.script:
            return await self._played(call.play(self.script.popleft()))
        behaviour = ALL.get(str(body.get("model")))
        if behaviour is None:
            return fault(404, f"The model `{body.get('model')}` does not exist", "model_not_found")
        return await self._played(behaviour(call))

    async def _infill(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        return await self._played(infill(self, request, body))

    async def _played(self, answer: Awaitable[web.StreamResponse]) -> web.StreamResponse:
        """``answer``, and whether its client waited for it."""
        try:
            return await answer
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise


async def _told(answer: Any, _request: web.Request) -> web.Response:
    return web.json_response(answer)


def main() -> None:
    """Run as a program until it is ended."""
    arguments = argparse.ArgumentParser(description="A fake provider of models.")
    arguments.add_argument("--socket", help="listen on this unix socket")
    arguments.add_argument("--key", default="", help="the key it wants")
    chosen = arguments.parse_args()

    def on_call(body: Body) -> None:
        print(json.dumps(body), flush=True)

    with FakeProvider(chosen.socket, chosen.key, on_call) as fake:
        print(fake.base_url, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            fake._thread.join()


if __name__ == "__main__":
    sys.exit(main())
