"""Errors as Anthropic sends them: ``{"type": "error", "error": {"type", "message"}}``.

https://platform.claude.com/docs/en/api/errors. What they mean is ``wire.fault``'s to say; here is
what only Anthropic says in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from zeke_bridge.model.errors import CoreError, FilteredError
from zeke_bridge.wire import fault

_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
# A limit that the account's owner set: it comes with 400 or 429, and waiting does not help.
_SPENT = re.compile(r"API usage limits|spend.limit.reached", re.I)


def refused(status: int, body: bytes, who: str, headers: Mapping[str, str] = {}) -> CoreError:
    """The error for an answer with ``status``; ``headers`` in lower case."""
    if _SPENT.search(body.decode("utf-8", "replace")):
        status = 402
    return fault.from_provider(status, body, who, headers)


def broken(event: Mapping[str, Any], who: str) -> CoreError:
    """The error in the ``error`` event of a stream."""
    inner = event.get("error")
    kind = inner.get("type") if isinstance(inner, Mapping) else None
    status = _STATUS.get(kind, 0) if isinstance(kind, str) else 0
    return refused(status, orjson.dumps(event), who)


def refusal(details: Any, who: str) -> FilteredError:
    """The error for an answer that the model refused to give; ``details`` is ``stop_details``."""
    said = details.get("explanation") if isinstance(details, Mapping) else None
    quote = f" It said: {said}" if isinstance(said, str) and said else ""
    return FilteredError(f"{who} refused to answer this: ask in other words.{quote}")
