from __future__ import annotations

import json

import orjson
import pytest

from zeke_bridge.model import errors
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.wire import fault


def kinds(kind: type[ZekeError] = ZekeError) -> list[type[ZekeError]]:
    """The tree. What a module keeps to itself goes over no wire."""
    own = [sub for sub in kind.__subclasses__() if sub.__module__ == errors.__name__]
    return [kind, *(below for sub in own for below in kinds(sub))]


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.code)
def test_every_error_comes_back_as_itself(kind: type[ZekeError]) -> None:
    error = kind("Do this.")
    status = fault.status_of(error)
    assert 400 <= status < 600
    back = fault.from_core(status, orjson.dumps(fault.body_of(error)))
    assert type(back) is kind
    assert back.message == "Do this."
    assert type(fault.from_event(fault.body_of(error))) is kind


def test_the_body_has_the_shape_openai_clients_read() -> None:
    assert fault.body_of(errors.RateLimitError("Wait.")) == {
        "error": {
            "message": "Wait.",
            "type": "rate_limit_error",
            "code": "rate_limited",
            "retryable": True,
        }
    }


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": 3}', b'{"detail": "No"}'])
def test_a_core_that_is_none(body: bytes) -> None:
    assert isinstance(fault.from_core(502, body), errors.BadAnswerError)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": {"message": "Incorrect API key"}}, errors.AuthError),
        (403, {"error": "forbidden"}, errors.AuthError),
        (429, {"error": {"message": "slow down"}}, errors.RateLimitError),
        (404, {"error": {"message": "x", "code": "model_not_found"}}, errors.UnknownModelError),
        (404, {"error": "model 'x' not found"}, errors.UnknownModelError),
        (404, {"detail": "Not Found"}, errors.BadAnswerError),
        (400, {"error": {"code": "context_length_exceeded"}}, errors.ContextError),
        (
            400,
            {"error": {"code": 400, "type": "exceed_context_size_error", "message": "too big"}},
            errors.ContextError,
        ),
        (400, {"error": {"message": "bad temperature"}}, errors.RefusedError),
        (500, "boom", errors.ProviderError),
        (503, [{"error": {"message": "overloaded"}}], errors.OverloadedError),
        (302, "", errors.BadAnswerError),
    ],
)
def test_what_providers_send(status: int, body: object, kind: type[ZekeError]) -> None:
    error = fault.from_provider(status, json.dumps(body).encode(), "openai")
    assert type(error) is kind
    assert "openai" in error.message


def test_a_providers_words_are_kept_short_and_on_one_line() -> None:
    body = json.dumps({"error": {"message": "a\n\x1b[31m" + "b" * 5000}}).encode()
    message = fault.from_provider(500, body, "openai").message
    assert len(message) < 500
    assert message.isprintable()


def test_a_wait_is_carried_and_said() -> None:
    error = fault.from_provider(429, b"", "openai", {"retry-after": "6.2"})
    assert isinstance(error, errors.RateLimitError)
    assert error.retry_after == 6.2
    assert "wait 7 s" in error.message
    busy = fault.from_provider(503, b"", "openai", {"retry-after": "2"})
    assert isinstance(busy, errors.OverloadedError)
    assert busy.retry_after == 2


@pytest.mark.parametrize(
    ("status", "body", "retryable"),
    [
        (429, {"error": {"code": "insufficient_quota"}}, False),
        (429, {"error": {"code": "rate_limit_exceeded"}}, True),
        (500, {}, True),
    ],
)
def test_what_would_fail_again_says_so(status: int, body: object, retryable: bool) -> None:
    error = fault.from_provider(status, json.dumps(body).encode(), "openai")
    assert error.retryable is retryable
    assert fault.body_of(error)["error"]["retryable"] is retryable
    # Only that one error, not its class.
    assert type(error)("x").retryable


@pytest.mark.parametrize(
    ("inner", "kind"),
    [
        ({"code": 429, "message": "slow"}, errors.RateLimitError),
        ({"code": "500", "message": "boom"}, errors.ProviderError),
        ({"code": "rate_limit_exceeded", "message": "slow"}, errors.RateLimitError),
        ({"type": "overloaded_error", "message": "Overloaded"}, errors.OverloadedError),
        ({"code": "1301", "message": "…"}, errors.FilteredError),
        ({"code": "context_length_exceeded"}, errors.ContextError),
        ("it broke", errors.ProviderError),
    ],
)
def test_errors_inside_a_stream(inner: object, kind: type[ZekeError]) -> None:
    assert type(fault.from_provider_event({"error": inner}, "openai")) is kind


def test_errors_of_other_shapes() -> None:
    xai = {"code": "invalid-argument", "error": "Incorrect API key provided: x"}
    assert type(fault.from_provider(400, json.dumps(xai).encode(), "xai")) is errors.AuthError
    fastapi = {"detail": [{"loc": ["body", "model"], "msg": "field required", "type": "x"}]}
    assert "field required" in fault.from_provider(422, json.dumps(fastapi).encode(), "x").message
