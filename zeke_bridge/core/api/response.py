"""Answers that end when the client leaves: a whole one, and a streamed one.

Both run the work themselves, so that a disconnect cancels it down to the provider. A failure
becomes the error's JSON; after the first byte of a stream, an error event. Does not know what the
work is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from typing import Any, NoReturn

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

        await _attended(run(), _gone(receive))


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
        await _attended(self._run(send), self._attend(receive, send))

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

    async def _attend(self, receive: Receive, send: Send) -> NoReturn:
        """Raise ``_Left`` when the client leaves; until then say that work goes on."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._keepalive):
                    await _gone(receive)
            if self._still:
                await self._write(send, sse.comment("ping"))
            self._still = True


class _Left(Exception):
    """The client has disconnected."""


async def _gone(receive: Receive) -> NoReturn:
    """Raise ``_Left`` when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
    raise _Left


async def _attended(work: Coroutine[Any, Any, None], attend: Coroutine[Any, Any, None]) -> None:
    """Do ``work`` to its end, or to where ``attend`` raises ``_Left``."""
    try:
        async with asyncio.TaskGroup() as group:
            attending = group.create_task(attend)
            await work
            attending.cancel()
    except* _Left:
        _log.debug("the client left")
