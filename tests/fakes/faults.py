"""More ways for the fake provider to go wrong, by the name of the model; see ``provider``."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

from aiohttp import web

from tests.fakes.behaviours import Call, Handler

# How long a slow loris thinks about its next byte.
_DRIP = 0.005


def refusing(status: int, message: str, code: str = "", headers: Mapping[str, str] = {}) -> Handler:
    """A behaviour that always answers with an error, and ``headers`` beside it."""

    async def refuse(_call: Call) -> web.StreamResponse:
        error = {"message": message, "type": "fake_error", "code": code or None, "param": None}
        return web.json_response({"error": error}, status=status, headers=headers)

    return refuse


def quoting(status: int) -> Handler:
    """A behaviour that answers with an error which repeats what was asked, keys and all."""

    async def quote(call: Call) -> web.StreamResponse:
        said = f"I cannot answer {json.dumps(call.body)} for {call.request.headers}"
        return web.json_response({"error": {"message": said, "code": "odd"}}, status=status)

    return quote


def dripping(text: bytes) -> Handler:
    """A behaviour that sends ``text`` byte by byte, again and again, and never ends."""

    async def drip(call: Call) -> web.StreamResponse:
        response = await call.open("text/event-stream" if call.streamed else "application/json")
        call.fake.held.set()
        while True:
            for number in range(len(text)):
                await response.write(text[number : number + 1])
                await asyncio.sleep(_DRIP)

    return drip


async def huge_event(call: Call) -> web.StreamResponse:
    """One event of more than four million bytes."""
    response = await call.open()
    await call.delta(response, "one ")
    await call.delta(response, "x" * (4 * 2**20))
    return await call.close(response, "")


async def no_done(call: Call) -> web.StreamResponse:
    """A stream that says why it ended, and leaves ``[DONE]`` out."""
    response = await call.open()
    await call.delta(response, "all of it")
    await call.event(response, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
    await response.write_eof()
    return response


async def whole(call: Call) -> web.StreamResponse:
    """A whole answer, whatever was asked for."""
    call.streamed = False
    return await call.say("all at once")


async def toolless(call: Call) -> web.StreamResponse:
    """An error where tools are offered, else an answer."""
    if call.body.get("tools"):
        return await refusing(400, "tools are not supported", "invalid_value")(call)
    return await call.say("without tools")


async def octets(call: Call) -> web.StreamResponse:
    """Bytes of no type, which are neither events nor JSON."""
    response = await call.open("application/octet-stream")
    await response.write(bytes(range(256)))
    await response.write_eof()
    return response


async def redirect(call: Call) -> web.StreamResponse:
    """Another address of the same server."""
    raise web.HTTPTemporaryRedirect(call.request.url.with_query("again=1"))


async def error_without_end(call: Call) -> web.StreamResponse:
    """Status 500, half of its reason, then nothing."""
    response = web.StreamResponse(status=500, headers={"Content-Type": "application/json"})
    await response.prepare(call.request)
    await response.write(b'{"error": {"mess')
    await call.hold()
    return response


async def error_in_answer(call: Call) -> web.StreamResponse:
    """An error with the status of an answer, as OpenRouter sends it."""
    error = {"code": 502, "message": "The upstream is down"}
    if not call.streamed:
        return web.json_response({"error": error})
    response = await call.open()
    await response.write(b": OPENROUTER PROCESSING\n\n")
    choice = {"index": 0, "delta": {"content": ""}, "finish_reason": "error"}
    body = {**call._head("chat.completion.chunk"), "error": error, "choices": [choice]}
    await response.write(f"data: {json.dumps(body)}\n\n".encode())
    await response.write_eof()
    return response


FAULTS: dict[str, Handler] = {
    "limit429-after": refusing(429, "Slow down", headers={"Retry-After": "7"}),
    "quota429": refusing(429, "You exceeded your current quota", "insufficient_quota"),
    "busy503": refusing(503, "Come back", headers={"Retry-After": "3"}),
    "filter400": refusing(400, "The prompt was flagged", "content_filter"),
    "odd400": refusing(400, "temperature must be below 2", "invalid_value"),
    "quote400": quoting(400),
    "quote500": quoting(500),
    "quote200": quoting(200),
    "loris": dripping(b"data: {"),
    "loris-comments": dripping(b":\n"),
    "huge-event": huge_event,
    "no-done": no_done,
    "whole": whole,
    "octets": octets,
    "toolless": toolless,
    "redirect": redirect,
    "error-without-end": error_without_end,
    "error-in-answer": error_in_answer,
}
