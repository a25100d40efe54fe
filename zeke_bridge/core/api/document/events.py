"""The schemas of streams: each describes one event, as OpenAPI before 3.2 is understood.

An event is an object of its ``event`` (``message`` when it has no name) and its ``data``, as of
https://spec.openapis.org/oas/v3.2.0.html#server-sent-event-streams.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_ANTHROPIC = (
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "ping",
)


def chunks(chunk: Schema, fault: Schema) -> Schema:
    """As OpenAI streams: chunks, then ``[DONE]``; or an error in their place."""
    data = {"anyOf": [{"const": "[DONE]"}, _json({"anyOf": [chunk, fault]})]}
    return _event({"const": "message"}, data)


def pieces(answer: Schema, fault: Schema) -> Schema:
    """As the bridge's own endpoints stream: pieces of text, then the whole answer."""
    text = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
    named = {"delta": text, "done": answer, "error": fault}
    return {"oneOf": [_event({"const": name}, _json(told)) for name, told in named.items()]}


def messages(fault: Schema) -> Schema:
    """As Anthropic streams: every event says its own name again."""
    told = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": list(_ANTHROPIC)}},
    }
    usual = _event({"enum": list(_ANTHROPIC)}, _json(told))
    return {"oneOf": [usual, _event({"const": "error"}, _json(fault))]}


def _event(name: Schema, data: Schema) -> Schema:
    return {
        "type": "object",
        "required": ["event", "data"],
        "properties": {"event": name, "data": {"type": "string", **data}},
    }


def _json(content: Schema) -> Schema:
    return {"contentMediaType": "application/json", "contentSchema": content}
