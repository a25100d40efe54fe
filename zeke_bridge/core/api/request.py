"""The JSON body of a request, within limits."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.requests import Request

from zeke_bridge.model.errors import InputError, TimedOutError

MAX_BODY = 16 * 1024 * 1024


async def read_json(request: Request, limit: float) -> Any:
    """The parsed body. Raises ``InputError``, or ``TimedOutError`` after ``limit`` seconds."""
    # A web page can post text to this machine unasked; it cannot post JSON unasked.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise InputError("Send JSON, with the header Content-Type: application/json.")
    body = bytearray()
    try:
        async with asyncio.timeout(limit):
            async for piece in request.stream():
                body += piece
                if len(body) > MAX_BODY:
                    raise InputError(
                        f"The request is longer than {MAX_BODY // 2**20} MiB: select less."
                    )
    except TimeoutError as error:
        raise TimedOutError("The request's body did not come in time.") from error
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InputError(f"The body is not JSON: {error}.") from error
