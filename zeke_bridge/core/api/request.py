"""The JSON body of a request, within limits."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from zeke_bridge.core.alarm import Patience
from zeke_bridge.model.errors import InputError

MAX_BODY = 16 * 1024 * 1024


class LateError(InputError):
    """The client takes too long to send what it asks: HTTP has a status of its own for that."""


async def read_json(request: Request, limit: float) -> Any:
    """The parsed body. Raises ``InputError``, which is a ``LateError`` after ``limit`` seconds."""
    # A web page can post text to this machine unasked; it cannot post JSON unasked.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise InputError("Send JSON, with the header Content-Type: application/json.")
    try:
        with Patience().within(limit):
            body = await _whole(request.receive)
    except TimeoutError as error:
        raise LateError("The request did not come in time: send it again.") from error
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The body is not JSON: {error}.") from error


async def _whole(receive: Receive) -> bytearray:
    """The body. Raises ``InputError`` when it is too long, ``ClientDisconnect``."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise InputError(f"The request is longer than {MAX_BODY // 2**20} MiB: select less.")
        if not message.get("more_body", False):
            return body
