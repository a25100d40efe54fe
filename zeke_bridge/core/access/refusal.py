"""What a request gets that is not let in: answers made once, the same for everybody.

The body has the shape of ``wire.fault``, and that of ``wire.messages.fault`` as well. Nothing of
the request is in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import orjson
from starlette.types import Send

from zeke_bridge.model.errors import (
    AccessError,
    ConfigError,
    CoreError,
    InputError,
    OverloadedError,
    ZekeError,
)
from zeke_bridge.wire import fault

Headers = Sequence[tuple[bytes, bytes]]
# The rest of what such a client sends is not read.
_CLOSE = ((b"connection", b"close"),)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One answer. ``status`` is HTTP's, where it says more than the error's own."""

    status: int
    headers: Headers
    body: bytes

    async def __call__(self, send: Send, more: Headers = ()) -> None:
        """Send it, with ``more`` headers."""
        headers = [*self.headers, *more]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    def raw(self) -> bytes:
        """The same as it goes over a connection."""
        first = f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}".encode()
        headers = (name + b": " + value for name, value in self.headers)
        return b"\r\n".join((first, *headers, b"", self.body))


def _refusal(status: int, error: ZekeError, headers: Headers = (), kind: str = "") -> Refusal:
    # The first field is what Anthropic's clients look for; OpenAI's know it not.
    content = {"type": "error", **fault.body_of(error)}
    if kind:
        content["error"]["type"] = kind
    body = orjson.dumps(content)
    length = str(len(body)).encode()
    plain = ((b"content-type", b"application/json"), (b"content-length", length))
    return Refusal(status, (*plain, *headers), body)


def too_long(limit: int) -> Refusal:
    """For a body of more than ``limit`` bytes."""
    error = InputError(f"The request is longer than {limit / 2**20:.3g} MiB: select less.")
    return _refusal(413, error, _CLOSE)


INVALID = _refusal(400, InputError("This is no HTTP request that can be read."), _CLOSE)
LATE = _refusal(408, InputError("The request did not come in time: send it again."), _CLOSE)
BROKEN = _refusal(
    500, CoreError("The routing core failed by a mistake of its own: see its log."), _CLOSE
)
FULL = _refusal(
    503,
    OverloadedError("There are too many connections to this core: try again in a moment."),
    (*_CLOSE, (b"retry-after", b"1")),
)
HEADERS = _refusal(431, InputError("The request's headers are too many or too long."), _CLOSE)
ADDRESS = _refusal(414, InputError("The request's address is too long."), _CLOSE)
LENGTH = _refusal(400, InputError("The request's Content-Length is not one number."), _CLOSE)
ONE_HOST = _refusal(400, InputError("The request needs one Host header."), _CLOSE)
HOST = _refusal(
    403,
    AccessError(
        "This core does not answer under that host name: use localhost or 127.0.0.1, or the "
        "address that it listens on."
    ),
    kind="permission_error",
)
ORIGIN = _refusal(
    403,
    AccessError("This page may not use the core: name its origin in the core's configuration."),
    kind="permission_error",
)
# https://www.rfc-editor.org/rfc/rfc6750#section-3
NO_KEY = _refusal(
    401,
    AccessError(
        "This core needs a key: send it as `Authorization: Bearer …`; `ghostllm keys create` makes "
        "one."
    ),
    ((b"www-authenticate", b"Bearer"),),
)
# For who opened the page in a browser, which cannot send a key.
_PAGE = b"""This core needs a key, and a browser cannot send one. In a terminal:

    curl -H "Authorization: Bearer KEY" http://127.0.0.1:PORT/ -o ghostllm.html

and then open that file. `ghostllm keys create` makes a key.
"""
NO_KEY_PAGE = Refusal(
    401,
    (
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(_PAGE)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"www-authenticate", b"Bearer"),
    ),
    _PAGE,
)
WRONG_KEY = _refusal(
    401,
    AccessError("This key opens nothing here: ask for another one."),
    ((b"www-authenticate", b'Bearer error="invalid_token"'),),
)
EXPIRED = _refusal(
    401,
    AccessError("The key has expired: ask for a new one."),
    ((b"www-authenticate", b'Bearer error="invalid_token", error_description="expired"'),),
)
UNREADABLE = _refusal(
    500, ConfigError("The core cannot read the keys of its clients: its log says why.")
)
