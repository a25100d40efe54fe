"""A fake Gemini: ``generateContent``, ``streamGenerateContent``, embeddings and models.

Over a real socket, in shapes recorded from the real server
(https://ai.google.dev/api/generate-content). ``script`` holds lists of parts; ``end`` is why
answers end.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from tests.fakes.native import STREAMED, Body, FakeNative

USAGE = {
    "promptTokenCount": 120,
    "candidatesTokenCount": 30,
    "totalTokenCount": 162,
    "cachedContentTokenCount": 100,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 120}],
    "thoughtsTokenCount": 12,
    "serviceTier": "standard",
}
SIGNATURE = "EmcKZQERTTIP+ioay1Mob3/yO79S3Uw1reSi9ZYBsscvogEBam0cDSSx"
_RETRY = [
    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.4s"},
]
_INVALID_KEY = [
    {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }
]
_FAULTS: dict[str, tuple[int, str, str, list[Body]]] = {
    "limit": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).", []),
    "pause": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", _RETRY),
    "busy": (503, "UNAVAILABLE", "The model is overloaded. Please try again later.", []),
    "boom": (500, "INTERNAL", "An internal error has occurred.", []),
    "late": (504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", []),
    "long": (
        400,
        "INVALID_ARGUMENT",
        "The input token count (1300000) exceeds the maximum number of tokens allowed (1048575).",
        [],
    ),
    "forbidden": (403, "PERMISSION_DENIED", "Your API key was reported as leaked.", []),
}


class FakeGemini(FakeNative):
    """Serves ``/v1beta``; ``models`` are listed two to a page."""

    def __init__(self, key: str = "") -> None:
        super().__init__(key)
        self.models = {
            "gemini-3.8-flash": ["generateContent", "countTokens"],
            "gemini-embedding-2": ["embedContent", "batchEmbedContents"],
            "gemini-2.5-pro": ["generateContent"],
            "imagen-4": ["predict"],
        }
        self.end = "STOP"
        self.paths: list[str] = []

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/v1beta/models", self._list),
            web.post("/v1beta/models/{model}:generateContent", self._whole),
            web.post("/v1beta/models/{model}:streamGenerateContent", self._stream),
            web.post("/v1beta/models/{model}:batchEmbedContents", self._embed),
        ]

    def fault(self, name: str) -> web.Response | None:
        return _error(*_FAULTS[name]) if name in _FAULTS else None

    async def begin(self, request: web.Request) -> web.StreamResponse:
        response = await _open(request)
        await _event(response, {"candidates": [_candidate([{"text": "one "}])], **_tail("gemini")})
        return response

    async def _list(self, request: web.Request) -> web.Response:
        if (refused := self._refused(request)) is not None:
            return refused
        names = list(self.models)
        first = int(request.query.get("pageToken") or "0")
        page = names[first : first + 2]
        rows = [_model(name, self.models[name]) for name in page]
        more = {"nextPageToken": str(first + 2)} if first + 2 < len(names) else {}
        return web.json_response({"models": rows, **more})

    async def _whole(self, request: web.Request) -> web.StreamResponse:
        if (early := await self._early(request, stream=False)) is not None:
            return early
        model, body = request.match_info["model"], self.requests[-1]
        if "blocked" in model:
            return web.json_response(_blocked(model))
        parts = self._said(body)
        made = {"candidates": [_candidate(parts, self.end)], "usageMetadata": USAGE}
        return web.json_response({**made, **_tail(model)})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        assert request.query.get("alt") == "sse"
        if (early := await self._early(request, stream=True)) is not None:
            return early
        model, body = request.match_info["model"], self.requests[-1]
        response = await _open(request)
        if "blocked" in model:
            await _event(response, _blocked(model))
            await response.write_eof()
            return response
        for part in pieces(self._said(body)):
            soon = {"promptTokenCount": 120, "totalTokenCount": 120}
            made = {"candidates": [_candidate([part])], "usageMetadata": soon}
            await _event(response, {**made, **_tail(model)})
            if "overloaded" in model:
                await _event(response, _fault(503, "UNAVAILABLE", "The model is overloaded.", []))
                await response.write_eof()
                return response
        # The last event has no text of its own.
        last = _candidate([{"text": ""}] if self.end == "STOP" else [], self.end)
        await _event(response, {"candidates": [last], "usageMetadata": USAGE, **_tail(model)})
        await response.write_eof()
        return response

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        if (early := await self._early(request, stream=False)) is not None:
            return early
        rows = self.requests[-1]["requests"]
        if len(rows) > 100:
            said = "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch"
            return _error(400, "INVALID_ARGUMENT", said, [])
        vectors = [{"values": _vector(row)} for row in rows]
        tokens = sum(len(row["content"]["parts"][0]["text"].split()) for row in rows)
        return web.json_response(
            {"embeddings": vectors, "usageMetadata": {"promptTokenCount": tokens}}
        )

    async def _early(self, request: web.Request, *, stream: bool) -> web.StreamResponse | None:
        """What ends a call before there is anything to say."""
        if (refused := self._refused(request)) is not None:
            return refused
        body, model = await request.json(), request.match_info["model"]
        self.requests.append(body)
        self.paths.append(request.path_qs)
        request[STREAMED] = stream
        if "contents" in body and (wrong := wrong_with(body)) is not None:
            return _error(400, "INVALID_ARGUMENT", wrong, [])
        if (bad := await self.misbehave(request, model)) is not None:
            return bad
        if not model.startswith("gem") or "unknown" in model:
            said = f"models/{model} is not found for API version v1beta, or is not supported for "
            return _error(404, "NOT_FOUND", said + "generateContent.", [])
        return None

    def _refused(self, request: web.Request) -> web.Response | None:
        if self.key and request.headers.get("x-goog-api-key") != self.key:
            said = "API key not valid. Please pass a valid API key."
            return _error(400, "INVALID_ARGUMENT", said, _INVALID_KEY)
        return None

    def _said(self, body: Body) -> list[Body]:
        if self.script:
            return self.script.popleft()
        thought = body.get("generationConfig", {}).get("thinkingConfig", {}).get("includeThoughts")
        last = [part["text"] for part in body["contents"][-1]["parts"] if "text" in part]
        said = {"text": f"The fake heard: {last[-1] if last else 'nothing'}"}
        return [{"text": "Let me see.", "thought": True}, said] if thought else [said]


def pieces(parts: list[Body]) -> list[Body]:
    """``parts`` as they are streamed: text in words, the rest whole."""
    made: list[Body] = []
    for part in parts:
        words = re.findall(r"\s*\S+|\s+$", part.get("text", "")) if "text" in part else []
        made += [{**part, "text": word} for word in words] if words else [part]
    return made


def wrong_with(body: Body) -> str | None:
    """What the real server would say of ``body``; None when it is right."""
    contents = body["contents"]
    if not contents or contents[0]["role"] != "user":
        return "Please ensure that multiturn requests alternate between user and model."
    calls: list[tuple[str, str]] = []
    for number, content in enumerate(contents):
        if (content["role"] == "user") != (number % 2 == 0) or not content["parts"]:
            return "Please ensure that multiturn requests alternate between user and model."
        answers = [
            _pair(p["functionResponse"]) for p in content["parts"] if "functionResponse" in p
        ]
        if answers != calls:
            return (
                "Please ensure that the number of function response parts is equal to the number "
                "of function call parts of the function call turn."
            )
        calls = [_pair(p["functionCall"]) for p in content["parts"] if "functionCall" in p]
    if contents[-1]["role"] != "user":
        return "Please ensure that multiturn requests ends with a user role."
    mode = body.get("toolConfig", {}).get("functionCallingConfig", {}).get("mode")
    if mode == "ANY" and "responseMimeType" in body.get("generationConfig", {}):
        return "Forced function calling (ANY mode) with a response mime type is unsupported"
    return None


def _pair(part: Body) -> tuple[str, str]:
    return part["id"], part["name"]


def _vector(row: Body) -> list[float]:
    size = row.get("outputDimensionality", 4)
    return [float(len(row["content"]["parts"][0]["text"]))] * size


def _candidate(parts: list[Body], end: str = "") -> Body:
    made: Body = {"content": {"parts": parts, "role": "model"}} if parts else {}
    return {**made, **({"finishReason": end} if end else {}), "index": 0}


def _tail(model: str) -> Body:
    return {"modelVersion": model, "responseId": "kNiDavuDIcja_uMP8tCj-QU"}


def _blocked(model: str) -> Body:
    usage = {"promptTokenCount": 9, "totalTokenCount": 9}
    feedback = {"blockReason": "PROHIBITED_CONTENT"}
    return {"promptFeedback": feedback, "usageMetadata": usage, **_tail(model)}


def _model(name: str, uses: list[str]) -> Body:
    return {
        "name": f"models/{name}",
        "version": "001",
        "displayName": name,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": uses,
    }


def _fault(status: int, word: str, message: str, details: list[Body]) -> Body:
    inner: dict[str, Any] = {"code": status, "message": message, "status": word}
    return {"error": inner | ({"details": details} if details else {})}


def _error(status: int, word: str, message: str, details: list[Body]) -> web.Response:
    return web.json_response(_fault(status, word, message, details), status=status)


async def _open(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    return response


async def _event(response: web.StreamResponse, event: Body) -> None:
    # The real one ends its lines so.
    await response.write(f"data: {json.dumps(event)}\r\n\r\n".encode())
