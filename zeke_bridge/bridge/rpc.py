"""The msgpack-rpc codec, sans-IO: bytes in, messages out, and the other way round.

Format: https://github.com/msgpack-rpc/msgpack-rpc/blob/master/spec.md, as Neovim speaks it:
``[0, msgid, method, params]`` request, ``[1, msgid, error, result]`` response,
``[2, method, params]`` notification.

Knows nothing of sockets, of Neovim's API or of what a method means. A message that is not one of
the three shapes raises ``ProtocolError``; after that the stream cannot be read on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgpack

from zeke_bridge.model.errors import BrokerError

# One message at most: a whole buffer of 2 MiB, its JSON and room to spare.
MAX_MESSAGE = 16 * 1024 * 1024

_REQUEST, _RESPONSE, _NOTIFICATION = 0, 1, 2


class ProtocolError(BrokerError):
    """What came is not msgpack-rpc."""

    code = "rpc_protocol"


@dataclass(frozen=True, slots=True)
class Request:
    """Wants a ``Response`` with the same ``msgid``."""

    msgid: int
    method: str
    params: list[Any]


@dataclass(frozen=True, slots=True)
class Response:
    """``error`` is None when the call went well."""

    msgid: int
    error: Any
    result: Any


@dataclass(frozen=True, slots=True)
class Notification:
    """Wants nothing back."""

    method: str
    params: list[Any]


Message = Request | Response | Notification


def encode(message: Message) -> bytes:
    """The bytes of one message. Text that is not valid Unicode is sent with ``?`` for it."""
    match message:
        case Request(msgid, method, params):
            parts: list[Any] = [_REQUEST, msgid, method, params]
        case Response(msgid, error, result):
            parts = [_RESPONSE, msgid, error, result]
        case Notification(method, params):
            parts = [_NOTIFICATION, method, params]
    packed: bytes = msgpack.packb(parts, unicode_errors="replace")
    return packed


class Decoder:
    """Feed it bytes as they come; it yields the messages that are complete."""

    def __init__(self) -> None:
        self._unpacker = msgpack.Unpacker(
            max_buffer_size=MAX_MESSAGE,
            raw=False,
            # Neovim's strings are bytes: what is not UTF-8 stays visible and loses nothing here.
            unicode_errors="surrogateescape",
            strict_map_key=False,
        )

    def feed(self, data: bytes) -> Iterator[Message]:
        """Yield each message that ``data`` completes; raise ``ProtocolError`` on any other."""
        try:
            self._unpacker.feed(data)
        except msgpack.BufferFull as error:
            raise ProtocolError(f"A message over {MAX_MESSAGE} bytes was refused.") from error
        while True:
            try:
                parts = self._unpacker.unpack()
            except msgpack.OutOfData:
                return
            except (ValueError, TypeError, RecursionError) as error:
                raise ProtocolError(f"Not msgpack: {error}.") from error
            yield _message(parts)


def _message(parts: Any) -> Message:
    match parts:
        case [int(0), int(msgid), str(method), list(params)]:
            return Request(msgid, method, params)
        case [int(1), int(msgid), error, result]:
            return Response(msgid, error, result)
        case [int(2), str(method), list(params)]:
            return Notification(method, params)
        case _:
            raise ProtocolError("Not a msgpack-rpc message.")
