"""What the bridge needs of OpenAI's chat completions, and what it adds to them.

The format is https://platform.openai.com/docs/api-reference/chat. Requests and answers pass
through as they are; here are only the fields somebody looks at. A request may carry ``zeke``
(taken out before it goes on): the project, its privacy and the task class. An answer, or the last
usage chunk of a stream, also carries the receipt (``wire.zeke.Envelope``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Audience, ChatAsk, Usage
from zeke_bridge.wire.zeke import invalid

DONE = "[DONE]"


class ZekeFields(BaseModel):
    """The bridge's own part of a chat request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    project: str = Field(default="", max_length=256)
    local_only: bool = False
    task: str = Field(default="chat", max_length=32)


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request: ``body`` is what goes on to the provider (its ``model`` is replaced)."""

    body: dict[str, Any]
    audience: Audience
    task: str
    stream: bool
    include_usage: bool

    @classmethod
    def read(cls, body: Any) -> ChatRequest:
        """Take ``body`` apart; raises ``InputError`` naming the field that is wrong."""
        if not isinstance(body, dict):
            raise InputError("The body must be a JSON object.")
        messages, model = body.get("messages"), body.get("model", "auto")
        if not isinstance(messages, list) or not messages:
            raise InputError("messages must be a list with at least one message.")
        if not all(isinstance(message, dict) for message in messages):
            raise InputError("messages must hold objects.")
        if not isinstance(model, str) or not isinstance(body.get("stream", False), bool | None):
            raise InputError("model must be a string and stream true or false.")
        options = body.get("stream_options") or {}
        if not isinstance(options, dict):
            raise InputError("stream_options must be an object.")
        try:
            own = ZekeFields.model_validate(body.get("zeke") or {})
        except ValidationError as error:
            raise invalid(error, "zeke.") from error
        rest = {key: value for key, value in body.items() if key not in {"zeke", "stream"}}
        rest.pop("stream_options", None)
        return cls(
            rest,
            Audience(model or "auto", own.project, own.local_only),
            own.task,
            bool(body.get("stream")),
            bool(options.get("include_usage")),
        )


def chat_body(ask: ChatAsk) -> dict[str, Any]:
    """The streaming request that asks a core for ``ask``."""
    who = ask.audience
    body: dict[str, Any] = {
        "model": who.model,
        "messages": [{"role": turn.role, "content": turn.content} for turn in ask.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "zeke": {"project": who.project, "local_only": who.local_only, "task": ask.task},
    }
    if ask.schema is not None:
        body["response_format"] = json_schema("answer", ask.schema)
    if ask.max_tokens is not None:
        body["max_tokens"] = ask.max_tokens
    return body


def json_schema(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The ``response_format`` that demands JSON of the shape ``schema``."""
    inner = {"name": name, "strict": True, "schema": dict(schema)}
    return {"type": "json_schema", "json_schema": inner}


def delta_text(chunk: Mapping[str, Any]) -> str:
    """The text a chunk adds to the first choice; empty when it adds none."""
    choice = _first_choice(chunk)
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else None
    return text if isinstance(text, str) else ""


def finish_reason(chunk: Mapping[str, Any]) -> str:
    """Why the first choice ended (``stop``, ``length`` …); empty while it goes on."""
    reason = _first_choice(chunk).get("finish_reason")
    return reason if isinstance(reason, str) else ""


def usage_of(body: Mapping[str, Any]) -> Usage | None:
    """The tokens an answer or chunk reports; None when it reports none."""
    raw = body.get("usage")
    if not isinstance(raw, dict):
        return None
    counts = [raw.get(key) for key in ("prompt_tokens", "completion_tokens", "total_tokens")]
    prompt, completion, total = (count if isinstance(count, int) else 0 for count in counts)
    return Usage(prompt, completion, total or prompt + completion)


def model_ids(body: Any) -> tuple[str, ...] | None:
    """The ids in an answer to ``GET /models``; None when it is not one."""
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        return None
    ids = (row.get("id") for row in rows if isinstance(row, dict))
    return tuple(name for name in ids if isinstance(name, str) and name)


def _first_choice(chunk: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = chunk.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}
