"""Uvicorn's HTTP where nothing that a client sends, or leaves out, is without a limit.

The head of a request has a time and a length, connections have a number, and a client that has left
is noticed whatever it sent before. Errors below the app are the API's JSON. Does not know the app.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from zeke_bridge.core.access import refusal
from zeke_bridge.core.access.head import LONGEST, MOST
from zeke_bridge.core.access.refusal import Refusal
from zeke_bridge.core.alarm import alarm
from zeke_bridge.core.crowd import Crowd
from zeke_bridge.core.cycle import Cycle, Unchunked
from zeke_bridge.core.joining import Joining

_HEAD_S = 10.0
# Between two requests; also for what is still to come of one that was answered.
_IDLE_S = 5.0
# How long what a refused client still sends is read: else it might not see why it was refused.
_LINGER_S = 1.0
# Of what is no body: a head with its address, or what stands between the pieces of a body.
_MOST_BYTES = 2 * LONGEST
_UPGRADE = frozenset({b"upgrade", b"http2-settings"})


class _SentAhead(Exception):
    """A request begins before the one before it was answered."""


class _TooMany(Exception):
    """There are too many headers."""


class Protocol(HttpToolsProtocol):
    """One connection, one of the ``crowd``."""

    def __init__(self, *args: Any, crowd: Crowd, **named: Any) -> None:
        super().__init__(*args, **named)
        self._crowd = crowd
        self._alarm = alarm(self.loop)
        self._heading = False
        self._unread = 0
        self._deaf = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, if there is room."""
        super().connection_made(transport)
        self.transport = self._joining = Joining(transport)
        if self._crowd.over(len(self.connections), self.loop.time()):
            self._deaf = True
            self.transport.write(refusal.FULL.raw())
            self.transport.close()
        else:
            self._limit(_HEAD_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """End; what runs for the client is told."""
        self._alarm.drop(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._deaf:
            return
        self._unread += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._stay(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._wrong(error)
        else:
            if self._unread > _MOST_BYTES:
                self._refuse(refusal.HEADERS)

    def on_message_begin(self) -> None:
        """A request begins."""
        if self.cycle is not None and not self.cycle.response_complete:
            raise _SentAhead
        super().on_message_begin()
        self._heading = True
        self._limit(_HEAD_S)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or one of those behind a body, which nobody reads."""
        if self._heading:
            if len(self.headers) == MOST:
                raise _TooMany
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Have the request answered."""
        self._heading, self._unread = False, 0
        parser, scope = self.parser, self.scope
        scope["method"] = parser.get_method().decode("ascii")
        if parser.should_upgrade():
            return
        self._alarm.drop(self)
        version = parser.get_http_version()
        scope["http_version"] = version
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["raw_path"] = url.path
        scope["query_string"] = url.query or b""
        made = Cycle if version == "1.1" else Unchunked
        self.cycle = made(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version == "1.1" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )
        self._start_asgi_task(self.cycle, self.app)

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._unread = 0
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        self._joining.flush()
        self.server_state.total_requests += 1
        if not self.transport.is_closing():
            self.flow.resume_reading()
            self._limit(_IDLE_S)

    def _limit(self, seconds: float) -> None:
        self._alarm.set(self, self.loop.time() + seconds, self._late)

    def _late(self) -> None:
        if self._heading and not self._deaf:
            self._refuse(refusal.LATE)
        else:
            self.transport.close()

    def _stay(self, rest: bytes) -> None:
        """Read a request that wishes for another protocol as if it had not; ``rest`` follows it.

        https://www.rfc-editor.org/rfc/rfc9110#section-7.8
        """
        method = self.scope["method"].encode()
        if method == b"CONNECT":
            self._refuse(refusal.INVALID)
            return
        lines = [b"%s %s HTTP/%s" % (method, self.url, self.parser.get_http_version().encode())]
        for name, value in self.headers:
            if name == b"connection":
                tokens = (token.strip() for token in value.split(b","))
                kept = b", ".join(one for one in tokens if one.lower() not in _UPGRADE)
                lines.append(name + b": " + kept)
            elif name not in _UPGRADE:
                lines.append(name + b": " + value)
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.data_received(b"\r\n".join((*lines, b"", rest)))

    def _wrong(self, error: httptools.HttpParserError) -> None:
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and not cycle.more_body:
            # Reading stops, and not the transport: it has to notice that the client leaves. Who
            # sends ahead sends again what was not answered.
            # https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2
            self._deaf = True
            cycle.keep_alive = False
            return
        many = isinstance(error.__context__, _TooMany)
        self._refuse(refusal.HEADERS if many else refusal.INVALID)

    def _refuse(self, why: Refusal) -> None:
        """Say ``why``, unless an answer has begun, and listen no more."""
        self._deaf = True
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
                return
        self.transport.write(why.raw())
        self.transport.write_eof()
        self._limit(_LINGER_S)
