"""A fake Anthropic: the Messages API over a real socket, with the checks of the real one.

Shapes as recorded from the real server (https://platform.claude.com/docs/en/api/messages); the
official SDK reads them (see the tests). ``script`` holds lists of content blocks.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from tests.fakes.native import STREAMED, Body, FakeNative

USAGE = {
    "input_tokens": 20,
    "cache_creation_input_tokens": 5,
    "cache_read_input_tokens": 100,
    "cache_creation": {"ephemeral_5m_input_tokens": 5, "ephemeral_1h_input_tokens": 0},
    "service_tier": "standard",
    "inference_geo": "global",
}
LAST_USAGE = {
    "input_tokens": 21,
    "cache_creation_input_tokens": 5,
    "cache_read_input_tokens": 100,
    "output_tokens": 42,
    "output_tokens_details": {"thinking_tokens": 12},
}
THINKING = {"type": "thinking", "thinking": "Let me see. It adds.", "signature": "EsECCokBCBAYAg=="}
_FAULTS: dict[str, tuple[int, str, str]] = {
    "limit": (429, "rate_limit_error", "This request would exceed your organization's rate limit."),
    "pause": (429, "rate_limit_error", "Number of requests has exceeded your rate limit."),
    "busy": (529, "overloaded_error", "Overloaded"),
    "boom": (500, "api_error", "Internal server error"),
    "late": (504, "timeout_error", "The request timed out."),
    "huge": (413, "request_too_large", "Request exceeds the maximum size"),
    "long": (400, "invalid_request_error", "prompt is too long: 205000 tokens > 200000 maximum"),
    "context": (
        400,
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000",
    ),
    "filter": (400, "invalid_request_error", "Output blocked by content filtering policy"),
    "credit": (
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API.",
    ),
    "spent": (400, "invalid_request_error", "You have reached your specified API usage limits."),
    "forbidden": (403, "permission_error", "Your API key does not have permission."),
}


class FakeAnthropic(FakeNative):
    """Serves ``/v1/messages`` and ``/v1/models``; ``models`` are listed two to a page."""

    def __init__(self, key: str = "") -> None:
        super().__init__(key)
        self.models = ["claude-sonnet-5-5", "claude-haiku-4-5", "claude-opus-4-6"]

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/v1/models", self._list), web.post("/v1/messages", self._messages)]

    def fault(self, name: str) -> web.Response | None:
        if name not in _FAULTS:
            return None
        headers = {"retry-after": "7"} if name == "pause" else {}
        return _error(*_FAULTS[name], headers)

    async def begin(self, request: web.Request) -> web.StreamResponse:
        response = await _open(request)
        await _event(response, {"type": "message_start", "message": _head("claude", USAGE)})
        await _event(response, _start(0, {"type": "text", "text": ""}))
        await _event(response, _delta(0, {"type": "text_delta", "text": "one "}))
        return response

    async def _list(self, request: web.Request) -> web.Response:
        if (refused := self._refused(request)) is not None:
            return refused
        after = request.query.get("after_id")
        first = self.models.index(after) + 1 if after else 0
        page = self.models[first : first + min(2, int(request.query.get("limit", "20")))]
        more = first + len(page) < len(self.models)
        rows = [_model(name) for name in page]
        ends = {"first_id": page[0], "last_id": page[-1]}
        return web.json_response({"data": rows, "has_more": more, **ends})

    async def _messages(self, request: web.Request) -> web.StreamResponse:
        if (refused := self._refused(request)) is not None:
            return refused
        body = await request.json()
        self.requests.append(body)
        request[STREAMED] = body.get("stream", False)
        if (wrong := wrong_with(body)) is not None:
            return _error(400, "invalid_request_error", wrong)
        model = str(body["model"])
        if (bad := await self.misbehave(request, model)) is not None:
            return bad
        if not model.startswith("claude-") or "unknown" in model:
            return _error(404, "not_found_error", f"model: {model}")
        content, stop, details = self._said(body)
        matched = body["stop_sequences"][0] if stop == "stop_sequence" else None
        ends = {"stop_reason": stop, "stop_sequence": matched, "stop_details": details}
        if not body.get("stream"):
            last = {**USAGE, **LAST_USAGE}
            whole = {**_head(model, last), "content": content, **ends}
            return web.json_response(whole, headers={"request-id": "req_011"})
        return await self._stream(request, model, content, ends)

    def _refused(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        given = given or request.headers.get("x-api-key", "")
        if self.key and given != self.key:
            return _error(401, "authentication_error", f"invalid x-api-key: {given}")
        if "anthropic-version" not in request.headers:
            message = "anthropic-version: header is required"
            return _error(400, "invalid_request_error", message)
        return None

    def _said(self, body: Body) -> tuple[list[Body], str, Body | None]:
        if "refusal" in body["model"]:
            details = {"type": "refusal", "category": "cyber", "explanation": "Not this."}
            return [], "refusal", details
        if self.script:
            content = self.script.popleft()
        else:
            thought = body.get("thinking", {}).get("type") in {"enabled", "adaptive"}
            content = [THINKING] if thought else []
            content = [*content, {"type": "text", "text": f"The fake heard: {_last_text(body)}"}]
        if "stops" in body["model"]:
            return content, "stop_sequence", None
        called = any(block["type"] == "tool_use" for block in content)
        return content, "tool_use" if called else "end_turn", None

    async def _stream(
        self, request: web.Request, model: str, content: list[Body], ends: Body
    ) -> web.StreamResponse:
        response = await _open(request)
        usage = {**USAGE, "output_tokens": 1}
        await _event(response, {"type": "message_start", "message": _head(model, usage)})
        for index, block in enumerate(content):
            await _event(response, _start(index, _announced(block)))
            if index == 0:
                await _event(response, {"type": "ping"})
            for delta in deltas(block):
                await _event(response, _delta(index, delta))
            await _event(response, {"type": "content_block_stop", "index": index})
            if "overloaded" in model:
                inner = {"type": "overloaded_error", "message": "Overloaded"}
                await _event(response, {"type": "error", "error": inner})
                await response.write_eof()
                return response
        await _event(response, {"type": "message_delta", "delta": ends, "usage": LAST_USAGE})
        await _event(response, {"type": "message_stop"})
        await response.write_eof()
        return response


def deltas(block: Body) -> list[Body]:
    """The deltas in which ``block`` is streamed."""
    if block["type"] == "text":
        words = re.findall(r"\s*\S+|\s+$", block["text"])
        return [{"type": "text_delta", "text": word} for word in words]
    if block["type"] == "tool_use":
        # The real one begins with an empty delta, and sends none but that for no arguments.
        text = json.dumps(block["input"]) if block["input"] else ""
        pieces = ["", *(text[at : at + 5] for at in range(0, len(text), 5))]
        return [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    if block["type"] == "thinking":
        words = re.findall(r"\s*\S+", block["thinking"])
        thinking = [{"type": "thinking_delta", "thinking": word} for word in words]
        return [*thinking, {"type": "signature_delta", "signature": block["signature"]}]
    return []


def wrong_with(body: Body) -> str | None:
    """What the real server would say of ``body``; None when it is right."""
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    new = not re.match(r"claude-[a-z]+-4-[56]\b|claude-3", str(body["model"]))
    if new and any(name in body for name in ("temperature", "top_p", "top_k")):
        return "`temperature` is deprecated for this model."
    if not 0 <= body.get("temperature", 0) <= 1:
        return "temperature: range: 0..1"
    thinking = body.get("thinking") or {}
    if thinking.get("type") == "enabled":
        if not re.match(r"claude-[a-z]+-4-5\b", str(body["model"])):
            return '"thinking.type.enabled" is not supported for this model.'
        if not 1024 <= thinking["budget_tokens"] < body["max_tokens"]:
            return "`max_tokens` must be greater than `thinking.budget_tokens`."
    on = thinking.get("type") in {"enabled", "adaptive"}
    if on and body.get("tool_choice", {}).get("type") in {"any", "tool"}:
        return "Thinking may not be enabled when tool_choice forces tool use."
    last = body["messages"][-1] if body.get("messages") else {}
    if last.get("role") == "assistant" and ("-4-5" not in body["model"] or on):
        return "This model does not support assistant message prefill."
    if body.get("tool_choice") and not body.get("tools"):
        return "tool_choice may only be specified while providing tools."
    return _wrong_schema(body) or wrong_with_messages(body.get("messages"))


def wrong_with_messages(messages: Any) -> str | None:
    """What the real server would say of ``messages``."""
    if not messages:
        return "messages: at least one message is required"
    used: list[str] = []
    for number, message in enumerate(messages):
        by_user = message["role"] == "user"
        if by_user != (number % 2 == 0):
            return "messages: roles must alternate between user and assistant"
        blocks = message["content"]
        if not blocks:
            return f"messages.{number}: all messages must have non-empty content"
        if any(b["type"] == "text" and not b["text"].strip() for b in blocks):
            return "messages: text content blocks must contain non-whitespace text"
        results = [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
        if sorted(results) != sorted(used):
            return f"messages.{number}: `tool_use` ids were found without `tool_result` blocks"
        if any(b["type"] != "tool_result" for b in blocks[: len(results)]):
            return f"messages.{number}: `tool_result` blocks must come first"
        used = [b["id"] for b in blocks if b["type"] == "tool_use"]
        if any(not re.fullmatch(r"[a-zA-Z0-9_-]+", one) for one in used):
            return f"messages.{number}: tool_use.id: String should match pattern"
        if len(set(used)) < len(used):
            return "messages: `tool_use` ids must be unique"
    return "messages: `tool_use` ids were found without `tool_result` blocks" if used else None


def _wrong_schema(body: Body) -> str | None:
    form = (body.get("output_config") or {}).get("format")
    pending: list[Any] = [form["schema"]] if form else []
    while pending:
        node = pending.pop()
        if node.get("type") == "object" and node.get("additionalProperties") is not False:
            return "output_config.format.schema: additionalProperties must be false"
        if unknown := {"minimum", "maximum", "pattern", "oneOf"} & set(node):
            return f"output_config.format.schema: For 'integer' type, {unknown} is not supported"
        pending += node.get("properties", {}).values()
        pending += [node["items"]] if "items" in node else []
    return None


def _error(
    status: int, kind: str, message: str, headers: dict[str, str] | None = None
) -> web.Response:
    inner = {"type": kind, "message": message}
    body = {"type": "error", "error": inner, "request_id": "req_011"}
    return web.json_response(body, status=status, headers=headers)


def _head(model: str, usage: Body) -> Body:
    return {
        "model": model,
        "id": "msg_011CdZqGg4K3tq97K7RDtTw7",
        "type": "message",
        "role": "assistant",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "usage": usage,
    }


def _announced(block: Body) -> Body:
    """``block`` as ``content_block_start`` has it: empty."""
    empty = {"text": {"text": ""}, "tool_use": {"input": {}}}
    thinking = {"thinking": {"thinking": "", "signature": ""}}
    return {**block, **{**empty, **thinking}.get(block["type"], {})}


def _start(index: int, block: Body) -> Body:
    return {"type": "content_block_start", "index": index, "content_block": block}


def _delta(index: int, delta: Body) -> Body:
    return {"type": "content_block_delta", "index": index, "delta": delta}


def _model(name: str) -> Body:
    able = {"image_input": {"supported": True}, "structured_outputs": {"supported": True}}
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "2026-08-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": 200_000,
        "max_tokens": 64_000,
        "capabilities": able,
    }


def _last_text(body: Body) -> str:
    texts = [b["text"] for b in body["messages"][-1]["content"] if b["type"] == "text"]
    return texts[-1] if texts else "nothing"


async def _open(request: web.Request) -> web.StreamResponse:
    kind = "text/event-stream; charset=utf-8"
    response = web.StreamResponse(headers={"Content-Type": kind, "request-id": "req_011"})
    await response.prepare(request)
    return response


async def _event(response: web.StreamResponse, event: Body) -> None:
    await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
