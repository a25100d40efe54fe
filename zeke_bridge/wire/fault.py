"""Errors as HTTP answers, and back: ``{"error": {"message", "type", "code", "retryable"}}``.

The shape is OpenAI's (https://platform.openai.com/docs/guides/error-codes) with ``retryable``
beside it, and ``code`` the code of ``model.errors``. Does not know who sends or receives it.
"""

from __future__ import annotations

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
    TimedOutError,
    UnknownModelError,
    UnreachableError,
    ZekeError,
    by_code,
)

# From the narrow to the wide: the first that fits counts.
_STATUS: tuple[tuple[type[ZekeError], int, str], ...] = (
    (InputError, 400, "invalid_request_error"),
    (ContextError, 400, "invalid_request_error"),
    (FilteredError, 400, "invalid_request_error"),
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
_CONTEXT = re.compile(
    r"context.{0,12}(length|size|window)|maximum context|too many tokens|prompt is too long", re.I
)
_MODEL = re.compile(r"model.{0,80}(not.{0,3}found|does not exist|unknown|not exist)", re.I | re.S)
_LONGEST_QUOTE = 300


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


def from_provider(status: int, body: bytes, who: str, headers: Mapping[str, str] = {}) -> CoreError:
    """The error that the provider ``who`` sent with ``status``, in words for a person.

    ``headers`` in lower case.
    """
    fields = _fields(_parsed(body))
    said = str(fields.get("message") or "")
    hints = " ".join(str(fields.get(key) or "") for key in ("code", "type")) + " " + said
    quote = f" It said: {_short(said)}" if said else ""
    if status in {401, 403}:
        return AuthError(f"{who} refused the key: set it with `:ZekeAuth`.{quote}")
    if status in {400, 413} and _CONTEXT.search(hints.replace("_", " ")):
        return ContextError(f"The text is too long for this model of {who}: select less.{quote}")
    if status == 429:
        return RateLimitError(f"{who} asks to slow down: wait, then try again.{quote}")
    if status == 404 and (said and _MODEL.search(hints.replace("_", " "))):
        return UnknownModelError(f"{who} does not have this model.{quote}")
    if status == 404:
        return BadAnswerError(f"{who} has no chat completions at its base_url: check it.{quote}")
    if 300 <= status < 400:
        return BadAnswerError(f"{who} points to another address: check its base_url.")
    return ProviderError(f"{who} failed with status {status}: try again later.{quote}")


def from_provider_event(body: dict[str, Any], who: str) -> CoreError:
    """The error inside a provider's stream (``body`` has ``error``)."""
    code = _fields(body).get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
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
    if isinstance(inner, dict):
        return inner
    return {"message": inner} if isinstance(inner, str) else {}


def _short(text: str) -> str:
    flat = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return flat if len(flat) <= _LONGEST_QUOTE else flat[: _LONGEST_QUOTE - 1] + "…"
