"""A provider that costs next to nothing: the same bytes for every question, over a raw protocol.

``python -m tests.bench.core.provider`` prints its base URL. A stream has ``EVENTS`` events in
OpenAI's wire format and comes as fast as the other side takes it.
"""

from __future__ import annotations

import asyncio
import json
import sys

EVENTS = 100
MODEL = "echo"
_USAGE = {"prompt_tokens": 5, "completion_tokens": EVENTS, "total_tokens": EVENTS + 5}


def _chunk(choices: list[object], **more: object) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": MODEL}
    return f"data: {json.dumps({**head, 'choices': choices, **more})}\n\n".encode()


def _whole() -> bytes:
    message = {"role": "assistant", "content": "Hello there."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": MODEL}
    body = json.dumps({**head, "choices": [choice], "usage": _USAGE}).encode()
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    ) + body


def _stream() -> bytes:
    words = [
        _chunk([{"index": 0, "delta": {"content": f"word{number} "}, "finish_reason": None}])
        for number in range(EVENTS)
    ]
    end = _chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    last = end + _chunk([], usage=_USAGE) + b"data: [DONE]\n\n"
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*words, last])
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return head + pieces + b"0\r\n\r\n"


WHOLE, STREAM = _whole(), _stream()


class _Peer(asyncio.Protocol):
    """One connection; requests may come one after another."""

    def __init__(self) -> None:
        self._seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._seen += data
        while (end := self._seen.find(b"\r\n\r\n")) >= 0:
            head = self._seen[:end].lower()
            at = head.find(b"content-length:")
            size = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._seen) < end + 4 + size:
                return
            body = self._seen[end + 4 : end + 4 + size]
            self._seen = self._seen[end + 4 + size :]
            streamed = b'"stream":true' in body or b'"stream": true' in body
            self._transport.write(STREAM if streamed else WHOLE)


async def main() -> None:
    """Answer until the process is ended."""
    server = await asyncio.get_running_loop().create_server(_Peer, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
