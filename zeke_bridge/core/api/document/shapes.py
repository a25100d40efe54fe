"""The schemas of the document: those of the core's own shapes, and those of what passes through.

JSON Schema as of https://json-schema.org/draft/2020-12. What passes through has many more fields
than are written here; they go to the provider, and come from it, as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from zeke_bridge.wire.messages.shapes import MessagesRequest, TokensRequest
from zeke_bridge.wire.openai import ZekeFields
from zeke_bridge.wire.stats import stats_schema
from zeke_bridge.wire.zeke import (
    AnalyzeAnswer,
    AnalyzeRequest,
    BudgetAnswer,
    CodeRequest,
    CompleteRequest,
    ContextRequest,
    Envelope,
    HealthAnswer,
    ModelsAnswer,
    SuggestAnswer,
    TerminalRequest,
    TextAnswer,
)

Schema = dict[str, Any]

_PLACE = "#/components/schemas/{model}"
_ASKED = (
    AnalyzeRequest,
    CodeRequest,
    CompleteRequest,
    ContextRequest,
    MessagesRequest,
    TerminalRequest,
    TokensRequest,
    ZekeFields,
)
_ANSWERED = (
    AnalyzeAnswer,
    BudgetAnswer,
    Envelope,
    HealthAnswer,
    ModelsAnswer,
    SuggestAnswer,
    TextAnswer,
)
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_OBJECT: Schema = {"type": "object"}
_OBJECTS: Schema = {"type": "array", "items": _OBJECT}
# More than white space.
_SAID: Schema = {"pattern": r"\S"}
_TRUTH_OR_NULL: Schema = {"type": ["boolean", "null"]}


def ref(name: str) -> Schema:
    """A reference to the schema ``name``."""
    return {"$ref": _PLACE.format(model=name)}


def schemas() -> dict[str, Schema]:
    """Every schema by its name."""
    asked = models_json_schema([(one, "validation") for one in _ASKED], ref_template=_PLACE)[1]
    told = models_json_schema([(one, "serialization") for one in _ANSWERED], ref_template=_PLACE)[1]
    stats = stats_schema()
    parts = stats.pop("$defs")
    return {
        **asked["$defs"],
        **told["$defs"],
        **parts,
        "Stats": stats,
        **_narrowed(asked["$defs"]),
        **_chats(),
        **_embeddings(),
        **_anthropic(),
        **_reports(),
        "Fault": _fault(),
    }


def _object(required: str, **properties: Schema) -> Schema:
    """An object with these fields among others, those in ``required`` always."""
    made: Schema = {"type": "object", "properties": properties}
    return made | ({"required": required.split()} if required else {})


def _narrowed(asked: Mapping[str, Schema]) -> dict[str, Schema]:
    """Requests of which more is demanded than each field says."""

    def narrowed(name: str, *filled: str, **more: Any) -> Schema:
        fields = dict(asked[name]["properties"])
        fields |= {field: {**fields[field], **_SAID} for field in filled}
        return {**asked[name], "properties": fields, "required": [*filled], **more}

    def either(name: str, *filled: str) -> list[Schema]:
        fields = asked[name]["properties"]
        return [_with(field, {**fields[field], **_SAID}) for field in filled]

    told = [*either("ContextRequest", "tree", "history"), _with("files", {"minItems": 1})]
    code = either("CompleteRequest", "prefix", "suffix")
    failed = either("TerminalRequest", "text", "output")
    return {
        "ItemFields": narrowed("ItemFields", "code", required=["code", "id", "kind"]),
        "SnippetQuestion": narrowed("CodeRequest", "code"),
        "RefactorQuestion": narrowed("CodeRequest", "code", "instruction"),
        "CompleteQuestion": narrowed("CompleteRequest", anyOf=code),
        "AnalyzeQuestion": narrowed("AnalyzeRequest", oneOf=_forms()),
        "ContextQuestion": narrowed("ContextRequest", "question", anyOf=told),
        "TerminalQuestion": narrowed("TerminalRequest", "text"),
        "DebugQuestion": narrowed("TerminalRequest", anyOf=failed),
    }


def _with(field: str, schema: Schema) -> Schema:
    """``field`` is there, and like ``schema``."""
    return {"required": [field], "properties": {field: schema}}


def _forms() -> list[Schema]:
    """The two forms of an analysis: several items, or several kinds of one snippet."""
    none: Schema = {"maxItems": 0}
    kinds = {"minItems": 1, "uniqueItems": True}
    several = {"required": ["items"], "properties": {"items": {"minItems": 1}, "kinds": none}}
    fields = {"kinds": kinds, "items": none, "code": _SAID}
    return [several, {"required": ["kinds", "code"], "properties": fields}]


def _chats() -> dict[str, Schema]:
    streamed = {
        "stream": _TRUTH_OR_NULL,
        "stream_options": {
            **_object("", include_usage=_TRUTH_OR_NULL),
            "type": ["object", "null"],
        },
        **_addressed(),
    }
    text: Schema = {**_TEXT, "minLength": 1}
    one = {"type": "array", "minItems": 1, "maxItems": 1, "items": text}
    told = _object("id object choices", id=_TEXT, object=_TEXT, choices=_OBJECTS)
    return {
        "ChatRequest": _object("messages", messages={**_OBJECTS, "minItems": 1}, **streamed),
        "ChatAnswer": {"allOf": [told, _receipt()]},
        "ChatChunk": _object("choices", choices=_OBJECTS),
        "CompletionRequest": _object(
            "prompt",
            prompt={"anyOf": [text, one]},
            suffix={"type": ["string", "null"]},
            echo={"enum": [False, None]},
            logprobs={"type": "null"},
            best_of={"type": "null"},
            **streamed,
        ),
        "CompletionAnswer": {"allOf": [told, _receipt()]},
        "CompletionChunk": _object("choices", choices=_OBJECTS),
    }


def _embeddings() -> dict[str, Schema]:
    text: Schema = {**_TEXT, "minLength": 1}
    tokens = {"type": "array", "minItems": 1, "items": {"type": "integer"}}
    texts = {"type": "array", "minItems": 1, "items": text}
    several = {"type": "array", "minItems": 1, "items": tokens}
    return {
        "EmbeddingRequest": _object(
            "input",
            input={"anyOf": [text, texts, tokens, several]},
            encoding_format={"enum": ["float", "base64", None]},
            **_addressed(),
        ),
        "EmbeddingAnswer": {"allOf": [_object("data", data=_OBJECTS), _receipt()]},
    }


def _addressed() -> dict[str, Schema]:
    """Which model, and what is the bridge's own in a request of another API."""
    own = {"anyOf": [ref("ZekeFields"), {"type": "null"}]}
    return {"model": {**_TEXT, "default": "auto"}, "zeke": own}


def _fault() -> Schema:
    error = _object(
        "message type code retryable",
        message=_TEXT,
        type=_TEXT,
        code=_TEXT,
        retryable={"type": "boolean"},
    )
    return _object("error", error=error)


def _receipt() -> Schema:
    """What stands beside an answer that is a provider's own."""
    own = "provider route cost cached request_id budget"
    fields = {name: ref("Envelope")["$ref"] + f"/properties/{name}" for name in own.split()}
    return _object(own, **{name: {"$ref": place} for name, place in fields.items()})


def _anthropic() -> dict[str, Schema]:
    usage = _object("input_tokens output_tokens", input_tokens=_COUNT, output_tokens=_COUNT)
    block = _object("type", type={"enum": ["text", "thinking", "redacted_thinking", "tool_use"]})
    message = _object(
        "id type role model content stop_reason stop_sequence usage",
        id=_TEXT,
        type={"const": "message"},
        role={"const": "assistant"},
        model=_TEXT,
        content={"type": "array", "items": block},
        stop_reason=_TEXT,
        stop_sequence={"type": ["string", "null"]},
        usage=usage,
    )
    return {
        "Message": {"allOf": [message, _receipt()]},
        "TokensAnswer": _object(
            "input_tokens estimated", input_tokens=_COUNT, estimated={"const": True}
        ),
        "MessagesFault": {
            "allOf": [_object("type", type={"const": "error"}), ref("Fault")],
        },
    }


def _reports() -> dict[str, Schema]:
    provider = _object("key ready", key=_TEXT, ready={"type": "boolean"})
    return {
        "AuthAnswer": _object(
            "client authenticated providers",
            client=_TEXT,
            authenticated={"type": "boolean"},
            providers={"type": "object", "additionalProperties": provider},
        ),
        "Cleared": _object("cleared", cleared=_COUNT),
    }
