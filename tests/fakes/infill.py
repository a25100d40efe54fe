"""llama.cpp's ``/infill`` as its server streams it; what happens is chosen by words in the prefix.

``HOLD`` waits after the first word and ``STAY`` after the last, ``HALF`` ends before the end, ``NOMARKS`` is a model without
marks for filling in, ``FAULT`` fails in the middle, ``LONG`` runs out of room; else the text is
that of ``fake.script``, or ``filled``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

NO_MARKS = "Infill is not supported by this model: prefix token is missing"


async def infill(fake: Any, request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
    """Answer one request."""
    prefix = body["input_prefix"]
    if "NOMARKS" in prefix:
        error = {"code": 501, "message": NO_MARKS, "type": "not_supported_error"}
        return web.json_response({"error": error}, status=501)
    text = fake.script.popleft() if fake.script else "filled"
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    said = {"index": 0, "tokens": [1], "stop": False, "id_slot": -1, "tokens_evaluated": 7}
    progress = {"total": 7, "cache": 2, "processed": 7, "time_ms": 1}
    await _event(response, {**said, "content": "", "prompt_progress": progress})
    words = re.findall(r"\s*\S+|\s+$", text)
    for count, word in enumerate(words, 1):
        await _event(response, {**said, "content": word, "tokens_predicted": count})
        if "HOLD" in prefix or ("STAY" in prefix and count == len(words)):
            fake.held.set()
            await fake.gate.wait()
    if "HALF" in prefix:
        return response
    if "FAULT" in prefix:
        await _event(
            response, {"error": {"code": 500, "message": "It broke", "type": "server_error"}}
        )
        return response
    kind = "limit" if "LONG" in prefix else "eos"
    end = {"stop": True, "stop_type": kind, "timings": {"cache_n": 2}, "content": "", "tokens": []}
    await _event(response, {**said, **end, "tokens_predicted": len(words)})
    await response.write_eof()
    return response


async def _event(response: web.StreamResponse, body: dict[str, Any]) -> None:
    await response.write(f"data: {json.dumps(body)}\n\n".encode())
