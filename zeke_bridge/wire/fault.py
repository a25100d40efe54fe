"""Errors as HTTP answers, and back: ``{"error": {"message", "type", "code", "retryable"}}``.

The shape is OpenAI's (https://platform.openai.com/docs/guides/error-codes) with ``retryable``
beside it, and ``code`` the code of ``model.errors``. Does not know who sends or receives it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import orjson

from zeke_bridge.model.errors import (
    AccessError,
    AuthError,
    BadAnswerError,
    ConfigError,
    ConsentError,
    ContextError,
    CoreError,
    CostLimitError,
    FilteredError,
    InputError,
    NoModelError,
    OverloadedError,
    ProviderError,
    RateLimitError,
    RefusedError,
    TimedOutError,
    UnknownModelError,
    UnreachableError,
    ZekeError,
    by_code,
)
from zeke_bridge.wire.patience import retry_after
from zeke_bridge.wire.refusal import Meaning, meaning

# From the narrow to the wide: the first that fits counts.
_STATUS: tuple[tuple[type[ZekeError], int, str], ...] = (
    (InputError, 400, "invalid_request_error"),
    (ContextError, 400, "invalid_request_error"),
    (FilteredError, 400, "invalid_request_error"),
    (RefusedError, 400, "invalid_request_error"),
    (AuthError, 401, "authentication_error"),
    (AccessError, 401, "authentication_error"),
    (CostLimitError, 402, "cost_limit_error"),
    (ConsentError, 403, "permission_error"),
    (UnknownModelError, 404, "not_found_error"),
    (RateLimitError, 429, "rate_limit_error"),
    (OverloadedError, 503, "overloaded_error"),
    (UnreachableError, 502, "upstream_error"),
    (BadAnswerError, 502, "upstream_error"),
    (ProviderError, 502, "upstream_error"),
    (NoModelError, 503, "unavailable_error"),
    (TimedOutError, 504, "upstream_error"),
    (ConfigError, 500, "server_error"),
)
# What a provider means, the error that stands for it, and its sentence.
_SENTENCES: dict[Meaning, tuple[type[CoreError], str]] = {
    "moved": (BadAnswerError, "{who} points to another address: check its base_url."),
    "quota": (
        RateLimitError,
        "The account with {who} has no credit left: add some there, or choose another model.",
    ),
    "filter": (
        FilteredError,
        "{who} refused this text through its content filter: ask in other words.",
    ),
    "context": (ContextError, "The text is too long for this model of {who}: select less."),
    "model": (UnknownModelError, "{who} does not have this model."),
    "key": (AuthError, "{who} refused the key: {set_key}."),
    "late": (TimedOutError, "{who} did not answer in time: try again."),
    "place": (BadAnswerError, "{who} has no chat completions at its base_url: check it."),
    "input": (RefusedError, "{who} does not take this request (status {status}): change it."),
}
_LONGEST_QUOTE = 300
_SET_KEY = "set it with `:ZekeAuth`"


def status_of(error: ZekeError) -> int:
    """The HTTP status that stands for ``error``."""
    return next((status for kind, status, _ in _STATUS if isinstance(error, kind)), 500)


def body_of(error: ZekeError) -> dict[str, Any]:
    """The JSON body that stands for ``error``."""
    kind = next((word for kind, _, word in _STATUS if isinstance(error, kind)), "server_error")
    fields = {"message": error.message, "type": kind, "code": error.code}
    return {"error": {**fields, "retryable": error.retryable}}


def from_core(status: int, body: bytes) -> ZekeError:
    """The error that another core sent; ``BadAnswerError`` when it is not of the shape above."""
    fields = _fields(_parsed(body))
    code, message = fields.get("code"), fields.get("message")
    if isinstance(code, str) and isinstance(message, str):
        return by_code(code, message)
    return BadAnswerError(
        f"The routing core answered with status {status} and no reason that can be read: "
        "check ghostllm.base_url."
    )


def from_event(body: Any) -> ZekeError:
    """The error inside a core's stream event, whose data is ``body`` (already parsed)."""
    fields = _fields(body)
    return by_code(str(fields.get("code", "")), str(fields.get("message", "The core failed.")))


def from_provider(
    status: int,
    body: bytes,
    who: str,
    headers: Mapping[str, str] = {},
    set_key: str = _SET_KEY,
) -> CoreError:
    """The error that the provider ``who`` sent with ``status``, in words for a person.

    ``headers`` in lower case. Status 0 is that of an error inside an answer that began well.
    ``set_key`` is what helps against a wrong key.
    """
    fields = _fields(_parsed(body))
    said = str(fields.get("message") or "")
    quote = f" It said: {quoted(said)}" if said else ""
    meant = meaning(status, fields)
    if meant == "rate":
        wait = retry_after(headers, fields)
        pause = "wait" if wait is None else f"wait {math.ceil(wait)} s"
        return RateLimitError(f"{who} asks to slow down: {pause}, then try again.{quote}", wait)
    if meant == "busy":
        wait = retry_after(headers, fields)
        return OverloadedError(f"{who} is overloaded: try again later.{quote}", wait)
    if meant == "failed":
        code = f" with status {status}" if status else ""
        return ProviderError(f"{who} failed{code}: try again later.{quote}")
    kind, sentence = _SENTENCES[meant]
    error = kind(sentence.format(who=who, status=status, set_key=set_key) + quote)
    # Who has no credit has none a moment later.
    error.retryable = error.retryable and meant != "quota"
    return error


def from_provider_event(body: dict[str, Any], who: str) -> CoreError:
    """The error inside a provider's answer or stream (``body`` has ``error``)."""
    code = str(_fields(body).get("code") or "")
    status = int(code) if re.fullmatch(r"[45]\d\d", code) else 0
    return from_provider(status, orjson.dumps(body), who)


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _fields(body: Any) -> dict[str, Any]:
    """The error's fields, wherever the dialects put them: ``error``, ``detail``, or on top."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return {}
    inner = body.get("error", body.get("detail", body))
    if isinstance(inner, list) and inner and isinstance(inner[0], dict):
        # FastAPI's list of what is wrong with a body.
        inner = {"message": inner[0].get("msg")}
    if isinstance(inner, dict):
        return inner
    return {**body, "message": inner} if isinstance(inner, str) else {}


def quoted(text: str) -> str:
    """A server's words as part of a sentence: short, on one line, and harmless to a terminal."""
    flat = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…"
