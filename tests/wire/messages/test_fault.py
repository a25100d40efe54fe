from __future__ import annotations

import pytest

from zeke_bridge.model.errors import (
    AccessError,
    BadAnswerError,
    CostLimitError,
    InputError,
    NoModelError,
    OverloadedError,
    RateLimitError,
    TimedOutError,
    UnknownModelError,
    ZekeError,
)
from zeke_bridge.wire.messages import fault


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (InputError("x"), 400, "invalid_request_error"),
        (AccessError("x"), 401, "authentication_error"),
        (CostLimitError("x"), 402, "billing_error"),
        (UnknownModelError("x"), 404, "not_found_error"),
        (RateLimitError("x"), 429, "rate_limit_error"),
        (BadAnswerError("x"), 502, "api_error"),
        (NoModelError("x"), 503, "api_error"),
        (TimedOutError("x"), 504, "timeout_error"),
        (OverloadedError("x"), 529, "overloaded_error"),
    ],
)
def test_each_error_as_anthropic_says_it(error: ZekeError, status: int, kind: str) -> None:
    fields = {"type": kind, "message": "x", "code": error.code, "retryable": error.retryable}
    assert fault.status_of(error) == status
    assert fault.body_of(error) == {"type": "error", "error": fields}
