from __future__ import annotations

import json

import pytest

from zeke_bridge.core.providers.anthropic import fault
from zeke_bridge.model import errors


def refused(status: int, kind: str, message: str, **headers: str) -> errors.CoreError:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return fault.refused(status, json.dumps(body).encode(), "anthropic", told)


@pytest.mark.parametrize(
    ("status", "kind", "message", "error"),
    [
        (401, "authentication_error", "invalid x-api-key", errors.AuthError),
        (403, "permission_error", "not allowed", errors.AuthError),
        (404, "not_found_error", "model: claude-nope", errors.UnknownModelError),
        (
            400,
            "invalid_request_error",
            "prompt is too long: 2 tokens > 1 maximum",
            errors.ContextError,
        ),
        (413, "request_too_large", "Request exceeds the maximum size", errors.ContextError),
        (429, "rate_limit_error", "slow down", errors.RateLimitError),
        (529, "overloaded_error", "Overloaded", errors.OverloadedError),
        (500, "api_error", "Internal server error", errors.ProviderError),
        (504, "timeout_error", "too late", errors.TimedOutError),
        (400, "invalid_request_error", "tools.0: Field required", errors.RefusedError),
        (
            400,
            "invalid_request_error",
            "Output blocked by content filtering policy",
            errors.FilteredError,
        ),
    ],
)
def test_each_refusal(status: int, kind: str, message: str, error: type[errors.CoreError]) -> None:
    made = refused(status, kind, message)
    assert type(made) is error
    assert "anthropic" in made.message
    assert message in made.message


def test_how_long_to_wait() -> None:
    made = refused(429, "rate_limit_error", "slow down", retry_after="12")
    assert isinstance(made, errors.RateLimitError)
    assert made.retry_after == 12


@pytest.mark.parametrize(
    "message",
    [
        "Your credit balance is too low to access the Anthropic API.",
        "You have reached your specified API usage limits. You will regain access on 2026-12-01.",
    ],
)
@pytest.mark.parametrize("status", [400, 429])
def test_an_account_without_credit_is_not_asked_again(status: int, message: str) -> None:
    made = refused(status, "invalid_request_error", message)
    assert "credit" in made.message
    assert not made.retryable
