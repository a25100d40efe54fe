"""A provider that answers at once and always the same: what a load test asks behind the core."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

MODEL = "echo"
_ANSWER = {
    "id": "chatcmpl-echo",
    "object": "chat.completion",
    "created": 0,
    "model": MODEL,
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello."},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
}


@contextlib.asynccontextmanager
async def echoing() -> AsyncIterator[str]:
    """The base URL of a running one, on this machine only."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", _answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        await runner.cleanup()


async def _answer(request: web.Request) -> web.Response:
    await request.read()
    return web.json_response(_ANSWER)
