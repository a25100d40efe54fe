"""Answers that end when the client leaves: a whole one, and a streamed one.

Both run the work themselves, so that a disconnect cancels it down to the provider. A failure
becomes the error's JSON; after the first byte of a stream, an error event. Does not know what the
work is.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson
from starlette.types import Receive, Scope, Send

from zeke_bridge.core.alarm import alarm
from zeke_bridge.core.records.log import trace_of
from zeke_bridge.model.errors import CoreError, ZekeError
from zeke_bridge.wire import fault, sse

_log = logging.getLogger(__name__)

JSON = b"application/json"
_STREAM = sse.MEDIA_TYPE.encode()
# How long to work before looking whether the client is still there.
_UNATTENDED = 0.05

Headers = list[tuple[bytes, bytes]]
Head = Callable[[], Headers]
"""Headers that are not known before there is something to send."""
Attend = Callable[[], Coroutine[Any, Any, NoReturn]]
"""What raises when nobody waits for the answer any more."""


def no_head() -> Headers:
    """No headers but the usual ones."""
    return []


@dataclass(frozen=True, slots=True)
class Manner:
    """How a family of clients is told of errors, in a stream too, and that work goes on."""

    status: Callable[[ZekeError], int]
    body: Callable[[ZekeError], Any]
    event: str = ""
    ping: Callable[[], bytes] = lambda: sse.comment("ping")

    def fault_event(self, error: ZekeError) -> bytes:
        """``error`` as an event of a stream."""
        return sse.encode(orjson.dumps(self.body(error)).decode(), self.event)


OPENAI = Manner(fault.status_of, fault.body_of)
"""As OpenAI's clients."""


async def send_json(send: Send, body: Any, status: int = 200, head: Head = no_head) -> None:
    """Send ``body`` as the whole response."""
    raw = orjson.dumps(body)
    headers = [(b"content-type", JSON), (b"content-length", str(len(raw)).encode()), *head()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": raw})


async def send_fault(
    send: Send,
    error: ZekeError,
    head: Head = no_head,
    manner: Manner = OPENAI,
    status: int | None = None,
) -> None:
    """Send ``error`` as the whole response, and whether and when to come again.

    ``status`` is HTTP's where it says more than the error's own.
    """
    again: Headers = []
    if (after := getattr(error, "retry_after", None)) is not None:
        again.append((b"retry-after", str(math.ceil(after)).encode()))
    if not error.retryable:
        # The official clients ask again after many a status, unless they are told not to.
        again.append((b"x-should-retry", b"false"))
    status = status or manner.status(error)
    await send_json(send, manner.body(error), status, lambda: [*head(), *again])


def known(error: Exception) -> ZekeError:
    """``error`` if it is one for a person; else it is logged, and a plain sentence returned."""
    if isinstance(error, ZekeError):
        return error
    _log.error("The routing core failed. %s", trace_of(error))
    return CoreError("The routing core failed by a mistake of its own: see its log.")


class Fault:
    """An error as an ASGI response."""

    def __init__(
        self,
        error: ZekeError,
        manner: Manner = OPENAI,
        status: int | None = None,
        head: Head = no_head,
    ) -> None:
        self._error = error
        self._manner = manner
        self._status = status
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        await send_fault(send, self._error, self._head, self._manner, self._status)


class Whole:
    """The JSON that ``work`` returns."""

    def __init__(
        self,
        work: Callable[[], Awaitable[Any]],
        head: Head = no_head,
        manner: Manner = OPENAI,
    ) -> None:
        self._work = work
        self._head = head
        self._manner = manner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work and send what came of it, unless the client leaves first."""
        await _attended(self._run(send), lambda: _gone(receive))

    async def _run(self, send: Send) -> None:
        try:
            body = await self._work()
        except Exception as error:  # the edge: every error becomes an answer
            await send_fault(send, known(error), self._head, self._manner)
        else:
            await send_json(send, body, head=self._head)


class Last(bytes):
    """A piece of a stream after which nothing comes: the end goes out together with it."""


class Live:
    """The events of ``pieces`` as they come; a ping whenever ``keepalive`` seconds were still.

    The status is sent with the first event or ping, so that an early failure still has its own.
    """

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        keepalive: float,
        head: Head = no_head,
        manner: Manner = OPENAI,
    ) -> None:
        self._pieces = pieces
        self._head = head
        self._manner = manner
        self._keepalive = keepalive
        self._started = False
        self._still = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, unless the client leaves first."""
        await _attended(self._run(send), lambda: self._attend(receive, send))

    async def _run(self, send: Send) -> None:
        last = b""
        try:
            async with contextlib.aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Last):
                        last = piece
                    else:
                        await self._write(send, piece)
        except Exception as error:  # the edge: every error becomes an answer
            failure = known(error)
            if not self._started:
                self._started = True
                await send_fault(send, failure, self._head, self._manner)
                return
            last = self._manner.fault_event(failure)
        await self._write(send, last, more=False)

    async def _write(self, send: Send, piece: bytes, *, more: bool = True) -> None:
        self._still = False
        if not self._started:
            self._started = True
            headers = [(b"content-type", _STREAM), (b"cache-control", b"no-cache"), *self._head()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": piece, "more_body": more})

    async def _attend(self, receive: Receive, send: Send) -> NoReturn:
        """Raise ``_Left`` when the client leaves; until then say that work goes on."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._keepalive):
                    await _gone(receive)
            if self._still:
                await self._write(send, self._manner.ping())
            self._still = True


class _Left(Exception):
    """The client has disconnected."""


async def _gone(receive: Receive) -> NoReturn:
    """Raise ``_Left`` when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
    raise _Left


async def _attended(work: Coroutine[Any, Any, None], attend: Attend) -> None:
    """Do ``work`` to its end, or to where ``attend`` raises ``_Left``."""
    watch = _Watch(attend)
    try:
        await work
    except asyncio.CancelledError:
        if not watch.ended():
            raise
        _log.debug("the client left")
    finally:
        watch.close()


class _Watch:
    """Cancels the task that made it when ``attend`` raises.

    That begins only after a moment, because most answers are there before, and then nobody had to
    look.
    """

    def __init__(self, attend: Attend) -> None:
        self._task: asyncio.Task[Any] | None = asyncio.current_task()
        self._attend = attend
        loop = asyncio.get_running_loop()
        self._alarm = alarm(loop)
        self._alarm.set(self, loop.time() + _UNATTENDED, self._begin)
        self._watching: asyncio.Task[NoReturn] | None = None
        self._over = False
        self._fired = False

    def ended(self) -> bool:
        """Whether the cancellation that came was this one's, and no other came with it.

        Raises what ``attend`` did, unless the client has left.
        """
        if not self._fired or self._watching is None:
            return False
        error = self._watching.exception()
        if error is not None and not isinstance(error, _Left):
            raise error
        return self._task is not None and self._task.cancelling() <= 1

    def close(self) -> None:
        """Watch no longer."""
        self._over = True
        self._alarm.drop(self)
        if self._watching is not None:
            self._watching.cancel()
        if self._fired and self._task is not None:
            self._task.uncancel()

    def _begin(self) -> None:
        self._watching = asyncio.create_task(self._attend())
        self._watching.add_done_callback(self._done)

    def _done(self, watching: asyncio.Task[NoReturn]) -> None:
        # Looked at in any case: asyncio complains of errors that nobody has seen.
        raised = not watching.cancelled() and watching.exception() is not None
        if raised and not self._over and self._task is not None:
            self._fired = True
            self._task.cancel()
