"""Server-sent events: bytes in, events out, and back.

The format is https://html.spec.whatwg.org/multipage/server-sent-events.html. Opens no connection
and knows nothing of what an event says.
"""

from __future__ import annotations

from typing import NamedTuple

from zeke_bridge.model.errors import BadAnswerError

MAX_EVENT = 4 * 1024 * 1024
MEDIA_TYPE = "text/event-stream"

_LINE_ENDS = (b"\n", b"\r")
_BOM = b"\xef\xbb\xbf"
# How nearly every line begins.
_DATA = b"data: "


class Event(NamedTuple):
    """One event: its ``data`` lines joined by newlines, and its name (``message`` by default)."""

    data: str
    name: str = "message"


def encode(data: str, name: str = "") -> bytes:
    """One event as bytes; ``name`` must not hold a line end."""
    head = f"event: {name}\n" if name else ""
    if "\n" not in data and "\r" not in data:
        return f"{head}data: {data}\n\n".encode()
    lines = data.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return (head + "".join(f"data: {line}\n" for line in lines) + "\n").encode()


def comment(text: str) -> bytes:
    """A line that parsers skip: it only shows that the sender is alive."""
    return f": {text}\n\n".encode()


class Parser:
    """Takes bytes cut anywhere and gives whole events.

    Raises ``BadAnswerError`` for an event of more than ``max_event`` bytes, for data that is not
    UTF-8, and from ``close`` when the stream ended inside an event; ``who`` is who sent it.
    """

    def __init__(self, who: str = "The other side", max_event: int = MAX_EVENT) -> None:
        self._who = who
        self._max = max_event
        self._buffer = bytearray()
        self._first = True
        self._after_cr = False
        self._name = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """The events that ``chunk`` completes."""
        if self._after_cr and chunk:
            # The second half of a CRLF that two chunks shared.
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        self._buffer += chunk
        self._skip_bom()
        events: list[Event] = []
        # Copied only when there is a line to be taken out, so that a long one is not over and over.
        for line in self._lines() if b"\n" in chunk or b"\r" in chunk else ():
            if line.startswith(_DATA):
                self._keep(line[len(_DATA) :])
            elif line:
                self._take(line)
            elif (event := self._dispatch()) is not None:
                events.append(event)
        self._check_size(len(self._buffer))
        return events

    def close(self) -> None:
        """Say that no more bytes come."""
        if self._buffer or self._data:
            raise BadAnswerError(f"{self._who} sent half an event: try again.")

    def _skip_bom(self) -> None:
        if not self._first or (len(self._buffer) < len(_BOM) and _BOM.startswith(self._buffer)):
            return
        self._first = False
        if self._buffer.startswith(_BOM):
            del self._buffer[: len(_BOM)]

    def _lines(self) -> list[bytes]:
        """The lines that have ended, without their ends; what has not stays in the buffer."""
        whole = bytes(self._buffer)
        lines = whole.splitlines()
        self._after_cr = whole.endswith(b"\r")
        self._buffer.clear()
        if not whole.endswith(_LINE_ENDS):
            self._buffer += lines.pop()
        return lines

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._keep(value)
        elif field == b"event":
            self._name = value

    def _keep(self, value: bytes) -> None:
        self._data.append(value)
        self._size += len(value) + 1
        self._check_size()

    def _dispatch(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._name, self._size = [], b"", 0
        if not data:
            return None
        try:
            text = (data[0] if len(data) == 1 else b"\n".join(data)).decode()
            return Event(text, name.decode() if name else "message")
        except UnicodeDecodeError as error:
            raise BadAnswerError(
                f"{self._who} sent bytes that are not UTF-8: try again."
            ) from error

    def _check_size(self, more: int = 0) -> None:
        if self._size + more > self._max:
            raise BadAnswerError(
                f"{self._who} sent an event of more than {self._max} bytes: ask for less."
            )
