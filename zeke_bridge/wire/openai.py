"""What the bridge needs of OpenAI's chat completions, and what it adds to them.

The format is https://platform.openai.com/docs/api-reference/chat. Requests and answers pass
through as they are; here are only the fields somebody looks at. A request may carry ``zeke``
(taken out before it goes on): the project, its privacy and the task class. An answer, or the last
usage chunk of a stream, also carries the receipt (``wire.zeke.Envelope``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zeke_bridge.model.errors import InputError
from zeke_bridge.model.exchange import Audience, ChatAsk, Usage
from zeke_bridge.wire.tool_calls import message_body, tool_body
from zeke_bridge.wire.zeke import invalid

DONE = "[DONE]"


class ZekeFields(BaseModel):
    """The bridge's own part of a chat request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    project: str = Field(default="", max_length=256)
    local_only: bool = False
    task: str = Field(default="chat", max_length=32)
    tools_optional: bool = False
    """The tools are left out for a model that calls none, and no other model is taken for them."""


_NOTHING = ZekeFields()
# What of a chat request does not go on as it came.
_TAKEN = frozenset({"zeke", "stream", "stream_options", "model"})


@dataclass(frozen=True, slots=True)
class EmbedRequest:
    """A request for vectors: ``body`` is what goes on to the provider, all but the model's name."""

    body: dict[str, Any]
    audience: Audience

    @classmethod
    def read(cls, body: Any) -> EmbedRequest:
        """Take ``body`` apart; raises ``InputError`` naming the field that is wrong."""
        if not isinstance(body, dict):
            raise InputError("The body must be a JSON object.")
        model, text = body.get("model", "auto"), body.get("input")
        if not isinstance(model, str):
            raise InputError("model must be a string.")
        if not (_is_text(text) or _is_list_of(text, _is_text) or _is_tokens(text)):
            raise InputError("input must be a text, tokens, or a list of either, and not empty.")
        if body.get("encoding_format") not in (None, "float", "base64"):
            raise InputError("encoding_format must be float or base64.")
        own = _own(body)
        rest = {key: value for key, value in body.items() if key not in {"zeke", "model"}}
        return cls(rest, Audience(model or "auto", own.project, own.local_only))


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A chat request: ``body`` is what goes on to the provider, all but the model's name."""

    body: dict[str, Any]
    audience: Audience
    task: str
    stream: bool
    include_usage: bool
    tools_optional: bool = False

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
        stream = body.get("stream")
        if not isinstance(model, str) or not (stream is None or isinstance(stream, bool)):
            raise InputError("model must be a string and stream true or false.")
        options = body.get("stream_options")
        options = {} if options is None else options
        if not isinstance(options, dict):
            raise InputError("stream_options must be an object.")
        include = options.get("include_usage")
        if not (include is None or isinstance(include, bool)):
            raise InputError("stream_options.include_usage must be true or false.")
        own = _own(body)
        rest = {key: value for key, value in body.items() if key not in _TAKEN}
        return cls(
            rest,
            Audience(model or "auto", own.project, own.local_only),
            own.task,
            bool(stream),
            bool(include),
            own.tools_optional,
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_token(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


def _is_list_of(value: Any, kind: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and bool(value) and all(kind(one) for one in value)


def _is_tokens(value: Any) -> bool:
    """One text in tokens, or several."""
    return _is_list_of(value, _is_token) or _is_list_of(
        value, lambda one: _is_list_of(one, _is_token)
    )


def _own(body: Mapping[str, Any]) -> ZekeFields:
    own = body.get("zeke")
    if own is None:
        return _NOTHING
    try:
        return ZekeFields.model_validate(own)
    except ValidationError as error:
        raise invalid(error, "zeke.") from error


def chat_body(ask: ChatAsk) -> dict[str, Any]:
    """The streaming request that asks a core for ``ask``."""
    who = ask.audience
    body: dict[str, Any] = {
        "model": who.model,
        "messages": [message_body(turn) for turn in ask.messages],
        "stream": True,
        "stream_options": {"include_usage": True},
        "zeke": {"project": who.project, "local_only": who.local_only, "task": ask.task},
    }
    if ask.schema is not None:
        body["response_format"] = json_schema("answer", ask.schema)
    if ask.max_tokens is not None:
        body["max_tokens"] = ask.max_tokens
    if ask.temperature is not None:
        body["temperature"] = ask.temperature
    if ask.tools:
        body["tools"] = [tool_body(tool) for tool in ask.tools]
        if ask.tools_optional:
            body["zeke"]["tools_optional"] = True
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
    """The tokens an answer or chunk reports; None when it reports none.

    ``cache_creation_tokens`` is what the translators (and LiteLLM) call the prompt tokens that a
    provider wrote to its own cache.
    """
    raw = body.get("usage")
    if not isinstance(raw, dict):
        return None
    prompt, completion = _count(raw, "prompt_tokens"), _count(raw, "completion_tokens")
    asked, said = raw.get("prompt_tokens_details"), raw.get("completion_tokens_details")
    return Usage(
        prompt,
        completion,
        _count(raw, "total_tokens") or prompt + completion,
        _count(asked, "cached_tokens"),
        _count(asked, "cache_creation_tokens"),
        _count(said, "reasoning_tokens"),
    )


def _count(raw: Any, key: str) -> int:
    count = raw.get(key) if isinstance(raw, dict) else None
    return count if isinstance(count, int) and count > 0 else 0


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
