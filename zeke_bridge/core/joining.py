"""A transport on which the head of an answer goes out together with the first of its body.

On its own it is a packet and a call to the system for each, and the client wakes up twice. Does not
know HTTP but by the look of a head.
"""

from __future__ import annotations

import asyncio
from typing import Any

_HEAD, _END, _CONTINUE = b"HTTP/1.1 ", b"\r\n\r\n", b"HTTP/1.1 100"


class Joining(asyncio.Transport):
    """``transport``, where what looks like the head of an answer waits for the next write.

    ``flush`` sends what waits: to be called when an answer has ended, which may have no body.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._head = b""

    def write(self, data: Any) -> None:
        """Send ``data``, with the head that waits for it."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(_HEAD) and data.endswith(_END) and not data.startswith(_CONTINUE):
            self._head = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Send the head that waits, if there is one."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close, after what was written."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def write_eof(self) -> None:
        """Say that nothing more comes."""
        self.flush()
        self._transport.write_eof()

    def is_closing(self) -> bool:
        """Whether it is closing or closed."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What asyncio tells of a transport."""
        return self._transport.get_extra_info(name, default)
