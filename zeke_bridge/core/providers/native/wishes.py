"""How an answer is wanted: the fields of a chat request beside its messages and tools.

The fields are those of https://platform.openai.com/docs/api-reference/chat/create. One that is not
here is one that no translator needs. Does not know what a provider can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from zeke_bridge.model.errors import InputError

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Form:
    """JSON is wanted, of the shape ``schema`` when there is one."""

    schema: Mapping[str, Any] | None = None

    def instruction(self) -> str:
        """The same in words, for a model that cannot be held to it."""
        rule = "Answer with one JSON object and nothing else: no prose, no code fence."
        if self.schema is None:
            return rule
        return f"{rule} It must fit this JSON schema:\n{orjson.dumps(self.schema).decode()}"


@dataclass(frozen=True, slots=True)
class Wishes:
    """Every field None (or empty) when it is not set."""

    model: str
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    count: int = 1
    stop: tuple[str, ...] = ()
    effort: str = ""
    user: str = ""
    form: Form | None = None


def read(body: Mapping[str, Any]) -> Wishes:
    """What ``body`` wants. Raises ``InputError`` naming the field that is wrong."""
    most = _whole(body, "max_completion_tokens")
    if most is None:
        most = _whole(body, "max_tokens")
    if most is not None and most < 1:
        raise InputError("max_tokens must be at least 1.")
    effort = body.get("reasoning_effort") or ""
    if effort and effort not in EFFORTS:
        raise InputError(f"reasoning_effort must be one of {', '.join(EFFORTS)}.")
    count = _whole(body, "n")
    if count is not None and count < 1:
        raise InputError("n must be at least 1.")
    return Wishes(
        model=str(body.get("model") or ""),
        max_tokens=most,
        temperature=_number(body, "temperature", 0, 2),
        top_p=_number(body, "top_p", 0, 1),
        top_k=_whole(body, "top_k"),
        frequency_penalty=_number(body, "frequency_penalty", -2, 2),
        presence_penalty=_number(body, "presence_penalty", -2, 2),
        seed=_whole(body, "seed"),
        count=count or 1,
        stop=_stop(body.get("stop")),
        effort=effort,
        user=_user(body),
        form=_form(body.get("response_format")),
    )


def _number(body: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InputError(f"{name} must be a number from {low} to {high}.")
    return value


def _whole(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"{name} must be a whole number.")
    return value


def _stop(value: Any) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value or []
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InputError("stop must be a string or a list of strings.")
    return tuple(text for text in texts if text)


def _user(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    inner: Mapping[str, Any] = metadata if isinstance(metadata, Mapping) else {}
    named = (body.get("safety_identifier"), body.get("user"), inner.get("user_id"))
    found = next((name for name in (*named, inner.get("user")) if name), "")
    return found if isinstance(found, str) else ""


def _form(value: Any) -> Form | None:
    kind = value.get("type") if isinstance(value, Mapping) else None
    if value is None or kind == "text":
        return None
    if kind == "json_object":
        return Form()
    inner = value.get("json_schema") if kind == "json_schema" else None
    schema = inner.get("schema") if isinstance(inner, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(schema, Mapping | None):
        raise InputError("response_format must be text, json_object, or json_schema with a schema.")
    try:
        orjson.dumps(schema)
    except TypeError as error:
        raise InputError("The JSON schema in response_format is nested too deep.") from error
    return Form(schema)
