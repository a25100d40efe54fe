"""Answers that end when the client leaves: a whole one, and a streamed one.

Both run the work themselves, so that a disconnect cancels it down to the provider. A failure
becomes the error's JSON; after the first byte of a stream, an error event. Does not know what the
work is.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import anyio
import orjson
from starlette.types import Receive, Scope, Send

from zeke_bridge.model.errors import CoreError, ZekeError
from zeke_bridge.wire import fault, sse

_log = logging.getLogger(__name__)

JSON = b"application/json"
_STREAM = sse.MEDIA_TYPE.encode()


async def send_json(send: Send, body: Any, status: int = 200) -> None:
    """Send ``body`` as the whole response."""
    raw = orjson.dumps(body)
    headers = [(b"content-type", JSON), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


async def send_fault(send: Send, error: ZekeError) -> None:
    """Send ``error`` as the whole response."""
    await send_json(send, fault.body_of(error), fault.status_of(error))


def known(error: Exception) -> ZekeError:
    """``error`` if it is one for a person; else it is logged, and a plain sentence returned."""
    if isinstance(error, ZekeError):
        return error
    _log.error("The routing core failed.", exc_info=error)
    return CoreError("The routing core failed by a mistake of its own: see its log.")


class Fault:
    """An error as an ASGI response."""

    def __init__(self, error: ZekeError) -> None:
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send_fault(send, self._error)


class Whole:
    """The JSON that ``work`` returns."""

    def __init__(self, work: Callable[[], Awaitable[Any]]) -> None:
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work and send what came of it, unless the client leaves first."""

        async def run() -> None:
            try:
                body = await self._work()
            except Exception as error:  # the edge: every error becomes an answer
                await send_fault(send, known(error))
            else:
                await send_json(send, body)

        await _until_gone(receive, run)


class Live:
    """The events of ``pieces`` as they come; ``: ping`` whenever ``keepalive`` seconds were still.

    The status is sent with the first event or ping, so that an early failure still has its own.
    ``fault_event`` makes the event for a later one.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        fault_event: Callable[[ZekeError], bytes],
        keepalive: float,
    ) -> None:
        self._pieces = pieces
        self._fault_event = fault_event
        self._keepalive = keepalive
        self._started = False
        self._still = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, unless the client leaves first."""

        async def run() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(self._ping, send)
                await self._run(send)
                group.cancel_scope.cancel()

        await _until_gone(receive, run)

    async def _run(self, send: Send) -> None:
        try:
            async with contextlib.aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    await self._write(send, piece)
        except Exception as error:  # the edge: every error becomes an answer
            failure = known(error)
            if not self._started:
                self._started = True
                await send_fault(send, failure)
                return
            await self._write(send, self._fault_event(failure))
        await send({"type": "http.response.body", "body": b""})

    async def _write(self, send: Send, piece: bytes) -> None:
        self._still = False
        if not self._started:
            self._started = True
            headers = [(b"content-type", _STREAM), (b"cache-control", b"no-cache")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _ping(self, send: Send) -> None:
        while True:
            await anyio.sleep(self._keepalive)
            if self._still:
                await self._write(send, sse.comment("ping"))
            self._still = True


async def _until_gone(receive: Receive, run: Callable[[], Awaitable[None]]) -> None:
    """Run ``run``; cancel it when the client disconnects."""

    async def watch(scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch, group.cancel_scope)
        await run()
        group.cancel_scope.cancel()
