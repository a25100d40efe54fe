"""A routing core that answers every request with the same bytes, or with none for ever.

A raw socket in a thread: what it sends need not be HTTP. ``ANSWERS`` are the ways to get it wrong
that a client has to survive.
"""

from __future__ import annotations

import contextlib
import functools
import socket
import threading

_STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
_DELTA = b'event: delta\ndata: {"text": "one ", "choices": [{"delta": {"content": "one "}}]}\n\n'
_HTML = b"<!doctype html><title>Please log in</title>"

# ``None`` at the end: then nothing more, and the connection stays open.
ANSWERS: dict[str, tuple[bytes | None, ...]] = {
    "half an event": (_STREAM + _DELTA + b'event: delta\ndata: {"text": "tw',),
    "no end": (_STREAM + _DELTA,),
    "invalid JSON": (_STREAM + b"event: delta\ndata: {not json\n\n",),
    "bytes that are no text": (_STREAM + b"event: delta\ndata: \xff\xfe\n\n",),
    "JSON of another kind": (_STREAM + b"data: [1, 2]\n\n",),
    "HTML": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(_HTML)
        + _HTML,
    ),
    "an error page": (
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
        % len(_HTML)
        + _HTML,
    ),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n",),
    "nothing": (b"",),
    "nothing for ever": (None,),
    "a beginning and nothing for ever": (_STREAM + _DELTA, None),
}


_HEALTH = b'{"status": "healthy", "service": "ghostllm", "version": "0.1.0"}'
_HEALTHY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    % len(_HEALTH)
    + _HEALTH
)


class FakeCore:
    """Use it in a ``with``; ``base_url`` is where it listens.

    With ``known`` it says rightly that it is a GhostLLM, and gets all the rest wrong.
    """

    def __init__(self, answer: str, *, known: bool = False) -> None:
        self._parts = ANSWERS[answer]
        self._known = known
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._kept: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.base_url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> FakeCore:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Closing alone does not wake a thread that accepts.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listening.close()
        for connection in self._kept:
            connection.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with contextlib.suppress(ConnectionError):
                    self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        path = _read_request(connection)
        for part in (_HEALTHY,) if self._known and path.startswith(b"/health") else self._parts:
            if part is None:
                self._kept.append(connection)
                return
            connection.sendall(part)
        connection.close()


def _read_request(connection: socket.socket) -> bytes:
    """Take the whole request in: closing with some of it unread would reset the connection.

    Returns its path.
    """
    data = b""
    while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    left = int(fields.get(b"content-length", b"0")) - len(body)
    while left > 0 and (piece := connection.recv(65536)):
        left -= len(piece)
    return head.split(b" ", 2)[1] if b" " in head else b""


def unused_address() -> str:
    """A URL at which nothing listens, and nothing can come to while this process runs."""
    return f"http://127.0.0.1:{_never_listening().getsockname()[1]}"


@functools.cache
def _never_listening() -> socket.socket:
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound
