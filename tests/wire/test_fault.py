from __future__ import annotations

import json

import orjson
import pytest

from zeke_bridge.model import errors
from zeke_bridge.model.errors import ZekeError
from zeke_bridge.wire import fault


def kinds(kind: type[ZekeError] = ZekeError) -> list[type[ZekeError]]:
    return [kind, *(below for sub in kind.__subclasses__() for below in kinds(sub))]


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
        (400, {"error": {"message": "bad temperature"}}, errors.ProviderError),
        (500, "boom", errors.ProviderError),
        (503, [{"error": {"message": "overloaded"}}], errors.ProviderError),
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
