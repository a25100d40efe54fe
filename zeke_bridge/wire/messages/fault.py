"""Errors as Anthropic's clients read them: ``{"type": "error", "error": {"type", "message"}}``.

https://platform.claude.com/docs/en/api/errors. ``code`` and ``retryable`` stand beside the message,
as in ``wire.fault``.
"""

from __future__ import annotations

from typing import Any

from zeke_bridge.model.errors import OverloadedError, ZekeError
from zeke_bridge.wire import fault

_OVERLOADED = 529
_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    _OVERLOADED: "overloaded_error",
}


def status_of(error: ZekeError) -> int:
    """The HTTP status that stands for ``error``."""
    return _OVERLOADED if isinstance(error, OverloadedError) else fault.status_of(error)


def body_of(error: ZekeError) -> dict[str, Any]:
    """The JSON body, and the data of an ``error`` event, that stands for ``error``."""
    fields = fault.body_of(error)["error"]
    fields["type"] = _TYPES.get(status_of(error), "api_error")
    return {"type": "error", "error": fields}
