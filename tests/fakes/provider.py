"""A fake provider: OpenAI's wire format over a real socket, and every way to get it wrong.

What it does is chosen by the model's name (see ``BEHAVIOURS``), so that one
running fake serves a whole test. It runs in a thread of its own::

    with FakeProvider() as fake:
        fake.base_url            # http://127.0.0.1:…/v1
        fake.requests            # the parsed bodies of the calls so far
        fake.script.append("x")  # the text of the next answer, whatever the model
        fake.release()           # lets the streams of "held" go on

or as a program: ``python tests/fakes/provider.py [--socket PATH]`` prints the base URL first, and
then one line of JSON for each call it gets.

An instruction may carry its own answer: ``ANSWER: text`` up to the end of the line (``\\n`` in it
is a line end).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.fakes.behaviours import BEHAVIOURS, Body, Call, fault

PATIENCE = 20.0


class FakeProvider:
    """The fake in a thread; both ``with`` and ``async with`` start and end it.

    ``held`` is set when a "held", "hang" or "silent" call waits, ``left`` when a client went away
    before its answer ended. ``unix`` listens on that path instead of a port.
    """

    def __init__(self, unix: str | None = None, key: str = "", on_call: Any = None) -> None:
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.peers: list[object] = []
        self.script: deque[str] = deque()
        self.models = [*BEHAVIOURS, "text-embedding-fake"]
        self.held = threading.Event()
        self.left = threading.Event()
        self.base_url = ""
        self.key = key
        self.delay = 0.02
        self._unix = unix
        self._on_call = on_call
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.gate: asyncio.Event | None = None
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

    async def until(self, event: threading.Event) -> None:
        """Wait for ``held`` or ``left`` without blocking the loop."""
        assert await asyncio.to_thread(event.wait, PATIENCE), "it did not happen"

    def _call(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self.gate = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_get("/v1/models", self._list)
        app.router.add_post("/v1/chat/completions", self._chat)
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

    async def _list(self, _request: web.Request) -> web.Response:
        rows = [
            {"id": name, "object": "model", "created": 0, "owned_by": "f"} for name in self.models
        ]
        return web.json_response({"object": "list", "data": rows})

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
        try:
            if self.script:
                return await call.say(self.script.popleft())
            behaviour = BEHAVIOURS.get(str(body.get("model")))
            if behaviour is None:
                return fault(
                    404, f"The model `{body.get('model')}` does not exist", "model_not_found"
                )
            return await behaviour(call)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise


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
