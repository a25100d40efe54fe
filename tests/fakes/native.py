"""What the fakes of providers with an API of their own share: a server in a thread, and its faults.

A fake is chosen what to do by the model's name: ``claude-held-5`` holds, ``claude-reset-5`` resets
(see ``FAULTS``); any other name that it lists answers. ``requests`` and ``headers`` are the calls
so far; ``script`` is what the next answers say, in the API's own words.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

Body = dict[str, Any]
PATIENCE = 20.0
STREAMED = web.RequestKey("streamed", bool)


class FakeNative(ABC):
    """The fake in a thread; ``with`` starts and ends it.

    ``held`` is set when a call waits, ``left`` when a client went away before its answer ended.
    """

    def __init__(self, key: str = "") -> None:
        self.key = key
        self.base_url = ""
        self.requests: list[Body] = []
        self.headers: list[dict[str, str]] = []
        self.script: deque[Any] = deque()
        self.held = threading.Event()
        self.left = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()), daemon=True)
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._gate: asyncio.Event

    @abstractmethod
    def routes(self) -> list[web.RouteDef]:
        """What it serves."""

    @abstractmethod
    def fault(self, name: str) -> web.Response | None:
        """The error that ``name`` stands for, with the body the real server sends."""

    @abstractmethod
    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Open a stream and send its first piece of text."""

    def __enter__(self) -> Any:
        self._thread.start()
        assert self._ready.wait(PATIENCE)
        return self

    def __exit__(self, *_: object) -> None:
        self._call(lambda: self._stop.set())
        self._thread.join(PATIENCE)

    async def until(self, event: threading.Event) -> None:
        """Wait for ``held`` or ``left`` without blocking the loop."""
        assert await asyncio.to_thread(event.wait, PATIENCE), "it did not happen"

    def _call(self, what: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(what)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop, self._gate = asyncio.Event(), asyncio.Event()
        app = web.Application(client_max_size=64 * 2**20, middlewares=[self._watch])
        app.add_routes(self.routes())
        # An address where something else answers.
        app.router.add_get("/odd/models", _odd)
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()

    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        try:
            return await handler(request)
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise

    async def misbehave(self, request: web.Request, model: str) -> web.StreamResponse | None:
        """What the name of ``model`` asks for, if it is something bad."""
        for word in model.split("-"):
            if (answer := self.fault(word)) is not None:
                return answer
            if word in _FAULTS:
                return await _FAULTS[word](self, request)
        return None

    async def hold(self) -> None:
        """Say that this call waits, and wait for the end."""
        self.held.set()
        await self._gate.wait()


async def _held(fake: FakeNative, request: web.Request) -> web.StreamResponse:
    """Some text, then nothing."""
    response = await fake.begin(request)
    await fake.hold()
    return response


async def _silent(fake: FakeNative, _request: web.Request) -> web.StreamResponse:
    """Nothing at all."""
    await fake.hold()
    return web.Response()


async def _reset(fake: FakeNative, request: web.Request) -> web.StreamResponse:
    """Some text, then the connection is reset."""
    await fake.begin(request)
    return await _abort(request)


async def _early(_fake: FakeNative, request: web.Request) -> web.StreamResponse:
    """The connection is reset before any answer."""
    return await _abort(request)


async def _cut(fake: FakeNative, request: web.Request) -> web.StreamResponse:
    """Some text, then the end, as if that were all."""
    response = await fake.begin(request)
    await response.write_eof()
    return response


async def _half(fake: FakeNative, request: web.Request) -> web.StreamResponse:
    """Some text, half an event, the end."""
    response = await fake.begin(request)
    await response.write(b'data: {"type": "content_bl')
    await response.write_eof()
    return response


async def _garbage(_fake: FakeNative, request: web.Request) -> web.StreamResponse:
    """Bytes that mean nothing, with the right type."""
    kind = "text/event-stream" if _streams(request) else "application/json"
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    await response.write(b"data: {not json\xff\xfe\n\n\x00\x01\x02")
    await response.write_eof()
    return response


async def _strange(_fake: FakeNative, request: web.Request) -> web.StreamResponse:
    """JSON of another kind."""
    if not _streams(request):
        return web.json_response([1, 2, 3])
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"data: [1, 2, 3]\n\n")
    await response.write_eof()
    return response


async def _html(_fake: FakeNative, _request: web.Request) -> web.StreamResponse:
    """A web page."""
    return web.Response(text="<!doctype html><title>Login</title>", content_type="text/html")


async def _whole(_fake: FakeNative, _request: web.Request) -> web.StreamResponse:
    """JSON, whatever was asked for."""
    return web.json_response({"type": "message"})


async def _abort(request: web.Request) -> web.StreamResponse:
    own = request.transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    # There is nobody to answer. The loop cancels this handler.
    await asyncio.Event().wait()
    raise AssertionError


async def _odd(_request: web.Request) -> web.Response:
    return web.json_response({"surprise": 1})


def _streams(request: web.Request) -> bool:
    return request.get(STREAMED, False)


_FAULTS = {
    "held": _held,
    "silent": _silent,
    "reset": _reset,
    "early": _early,
    "cut": _cut,
    "half": _half,
    "garbage": _garbage,
    "strange": _strange,
    "html": _html,
    "whole": _whole,
}
