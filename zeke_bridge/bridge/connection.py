"""One connected client: bytes on a socket to method calls, events and answers to bytes.

Knows msgpack-rpc and how Neovim wants to be called, not what any method does.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping
from typing import Any, Protocol

from zeke_bridge.bridge import rpc
from zeke_bridge.bridge.launch import peer

log = logging.getLogger(__name__)

DISPATCH = "require('zeke.events').dispatch(...)"
# An editor that stands at a hit-enter prompt reads nothing. What it has not read by then is
# more than it will ever show, so it is let go and may come back.
MAX_UNREAD = 32 * 1024 * 1024


class Handler(Protocol):
    """Who does what a client asks for; one for each connection."""

    def notified(self, method: str, params: list[Any]) -> None:
        """Take a notification. Must not raise."""
        ...

    def requested(self, method: str, params: list[Any], answer: Answer) -> None:
        """Take a request and call ``answer`` once, now or later. Must not raise."""
        ...

    def lost(self) -> None:
        """The client is gone."""
        ...


class Answer(Protocol):
    """Answers one request, with an error or with a result."""

    def __call__(self, error: Any, result: Any) -> None:
        """One of the two is None."""
        ...


class Accept(Protocol):
    """Makes the handler of a new connection."""

    def __call__(self, connection: Connection) -> Handler:
        """Called once for each client that may come in."""
        ...


class Connection(asyncio.Protocol):
    """An ``EventSink`` for its editor, and the reader of what the editor sends.

    ``sent_away``: the client was told to go elsewhere, and hangs up when it has heard it.
    """

    sent_away = False

    def __init__(self, uid: int, accept: Accept) -> None:
        self._uid = uid
        self._accept = accept
        self._decoder = rpc.Decoder()
        self._transport: asyncio.Transport | None = None
        self._handler: Handler | None = None
        self._reading = False
        self._unsent: list[bytes] = []
        self._ended = asyncio.Event()
        self.pid = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the client in when it is this user's own process, else hang up."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream transport is needed")
        self._transport = transport
        connected: socket.socket = transport.get_extra_info("socket")
        self.pid, uid = peer(connected)
        if uid != self._uid:
            log.warning("refused a connection", extra={"fields": {"uid": uid}})
            transport.abort()
            return
        self._handler = self._accept(self)

    def data_received(self, data: bytes) -> None:
        """Hand each complete message on; hang up on one that is not msgpack-rpc."""
        if self._handler is None:
            return
        self._reading = True
        try:
            for message in self._decoder.feed(data):
                self._take(message, self._handler)
        except rpc.ProtocolError as error:
            log.warning("closed a connection", extra={"fields": {"reason": error.message}})
            self.close()
        finally:
            self._reading = False
            self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the handler, once."""
        handler, self._handler = self._handler, None
        self._transport = None
        self._ended.set()
        if handler is not None:
            handler.lost()

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        """Send an event to the editor; to one that is gone it is lost without a word."""
        self._write(rpc.Notification("nvim_exec_lua", [DISPATCH, [name, payload]]))

    async def ended(self) -> None:
        """Return once the line is cut, by whomever."""
        await self._ended.wait()

    def close(self) -> None:
        """Send what is waiting, then hang up."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def _take(self, message: rpc.Message, handler: Handler) -> None:
        match message:
            case rpc.Notification("nvim_error_event", params):
                log.warning("the editor reports", extra={"fields": {"error": str(params)[:500]}})
            case rpc.Notification(method, params):
                handler.notified(method, params)
            case rpc.Request(msgid, method, params):

                def answer(error: Any, result: Any) -> None:
                    self._write(rpc.Response(msgid, error, result))

                handler.requested(method, params, answer)
            case rpc.Response():
                # Events are notifications, so nothing of ours waits for an answer.
                log.warning("an answer to no question")

    def _write(self, message: rpc.Message) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._unsent.append(rpc.encode(message))
        # What answers one read goes out together and wakes Neovim once.
        if not self._reading:
            self._flush()

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if not unsent or self._transport is None or self._transport.is_closing():
            return
        self._transport.write(b"".join(unsent))
        if self._transport.get_write_buffer_size() > MAX_UNREAD:
            log.warning("an editor stopped reading", extra={"fields": {"pid": self.pid}})
            self._transport.abort()
