"""The OpenAPI document, put together once."""

from __future__ import annotations

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp

import zeke_bridge
from zeke_bridge.core.api.document import events
from zeke_bridge.core.api.document.operations import OPERATIONS, Operation
from zeke_bridge.core.api.document.shapes import ref, schemas
from zeke_bridge.core.api.response import Whole
from zeke_bridge.wire import sse

Body = dict[str, Any]

_DESCRIPTION = (
    "One core in front of many models. A model is `auto`, `fast`, `smart`, an alias, "
    "`provider:model`, or the bare name of a model. Every answer says which model gave it, why, "
    "and what it cost. The paths of OpenAI's API also work without `/v1`. On this machine no key "
    "is needed before the first one is made."
)
# Before anything is looked at: the request's form, and who sends it.
_DOOR = {
    400: "The request is malformed: `code` is `bad_input`",
    401: "The client's key is missing or wrong: `access_denied`",
    403: "The Host or Origin is not one that may ask: `access_denied`",
    413: "The body is too long",
    414: "The address is too long",
    431: "The headers are too many or too long",
    500: "A mistake of the core's own",
}
_QUESTION = {
    400: "`bad_input`; `context_too_long`; `content_filtered`",
    401: "The client's key (`access_denied`) or the provider's (`auth_failed`) is missing or wrong",
    402: "A cost limit is reached: `cost_limit`",
    404: "There is no such model: `unknown_model`",
    429: "Too many requests or tokens, or what runs may reach a cost limit: `rate_limited`",
    502: "The provider failed: `unreachable`, `bad_answer`, `provider_failed`",
    503: "No model can answer (`no_model`) or do this (`model_unable`), or the provider is "
    "overloaded (`overloaded`)",
    504: "Nothing came in time: `timed_out`",
}
_OVERLOADED = {529: "The provider is overloaded: `overloaded`"}
_BODY = {504: "The body did not come in time: `timed_out`"}
_AGAIN = {429, 503, 529}


class Document:
    """The endpoint."""

    async def show(self, _request: Request) -> ASGIApp:
        """``GET /openapi.json``."""

        async def shown() -> Body:
            return document()

        return Whole(shown)


@cache
def document() -> Body:
    """The document."""
    paths: dict[str, Body] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "GhostLLM",
            "version": zeke_bridge.__version__,
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [{}, {"bearer": []}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas(), "Document": {"type": "object"}},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
        },
    }


def _operation(operation: Operation) -> Body:
    made: Body = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": {"200": _answer(operation), **_faults(operation)},
    }
    if "{id}" in operation.path:
        schema = {"type": "string", "minLength": 1}
        made["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": schema}]
    if operation.asked:
        content = {"application/json": {"schema": ref(operation.asked)}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _answer(operation: Operation) -> Body:
    told: Body = {"text/plain": {"schema": {"type": "string"}}}
    if operation.told:
        told = {"application/json": {"schema": ref(operation.told)}}
    if operation.streamed:
        told[sse.MEDIA_TYPE] = {"schema": _stream(operation)}
    made: Body = {"description": operation.streamed or "The answer", "content": told}
    if operation.kind == "question":
        made["headers"] = {
            "X-Request-Id": {"schema": {"type": "string"}},
            "X-GhostLLM-Cache": {"schema": {"enum": ["hit", "miss"]}},
            "X-RateLimit-Remaining-Requests": {"schema": {"type": "integer", "minimum": 0}},
            "X-RateLimit-Remaining-Tokens": {"schema": {"type": "integer", "minimum": 0}},
        }
    return made


def _stream(operation: Operation) -> Body:
    """The schema of one event."""
    fault = ref(operation.fault)
    if operation.tag == "openai":
        return events.chunks(ref(operation.told.replace("Answer", "Chunk")), fault)
    if operation.tag == "anthropic":
        return events.messages(fault)
    return events.pieces(ref(operation.told), fault)


def _faults(operation: Operation) -> Body:
    found = dict(_DOOR)
    if operation.kind == "question":
        found |= _QUESTION
    elif operation.asked:
        found |= _BODY
    elif "{id}" in operation.path:
        found[404] = _QUESTION[404]
    if operation.kind == "question" and operation.fault != "Fault":
        found |= _OVERLOADED
    content = {"application/json": {"schema": ref(operation.fault)}}
    return {
        str(status): {"description": said, "content": content, **_when(status)}
        for status, said in sorted(found.items())
    }


def _when(status: int) -> Body:
    """The header that says when to come again."""
    if status not in _AGAIN:
        return {}
    said = "Seconds, where that is known"
    return {"headers": {"Retry-After": {"description": said, "schema": {"type": "integer"}}}}
