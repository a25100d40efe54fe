"""What a page gets that the user named: leave to ask, and to read the answer (CORS).

See https://fetch.spec.whatwg.org/#http-cors-protocol. Does not know which pages are named.
"""

from __future__ import annotations

import re

from starlette.types import Message, Send

from zeke_bridge.core.access.head import Head

_METHODS = b"GET, POST, DELETE"
_NAMES = re.compile(rb"[A-Za-z0-9-]{1,64}(?:\s*,\s*[A-Za-z0-9-]{1,64}){0,63}")
_READABLE = (
    b"retry-after, x-request-id, x-ratelimit-limit-requests, x-ratelimit-limit-tokens, "
    b"x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, "
    b"x-ratelimit-reset-tokens"
)
_VARY = (b"vary", b"Origin")


def readable(send: Send, origin: bytes) -> Send:
    """``send`` that lets the page ``origin`` read the answer."""
    allowed = [(b"access-control-allow-origin", origin), _VARY]
    allowed.append((b"access-control-expose-headers", _READABLE))

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *allowed]}
        await send(message)

    return sending


async def preflight(send: Send, head: Head) -> None:
    """Answer the question a browser asks before the page's own request; ``send`` is ``readable``.

    Every header that the page wishes to send is allowed: those of the official clients vary.
    """
    headers = [(b"access-control-allow-methods", _METHODS), (b"access-control-max-age", b"600")]
    wished = head.values.get(b"access-control-request-headers", b"")
    if _NAMES.fullmatch(wished):
        headers.append((b"access-control-allow-headers", wished))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
