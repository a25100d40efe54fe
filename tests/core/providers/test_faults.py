"""Each way a server can go wrong, and the exact answer that a client of the core gets."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.core.providers.connection import Connection
from zeke_bridge.core.providers.http import Peer
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model.errors import CoreError, OverloadedError, RateLimitError
from zeke_bridge.wire.fault import body_of, status_of
from zeke_bridge.wire.openai import delta_text

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
LIMITS = Limits(connect=30, first_byte=30, silence=30, listing=30)
UNBEGUN = replace(LIMITS, first_byte=0.3)
QUICK = replace(LIMITS, silence=0.1)


class Told:
    """What came of one call: the text before the failure, and the failure itself."""

    def __init__(self, text: str, error: CoreError | None) -> None:
        self.text = text
        self.error = error

    @property
    def answer(self) -> tuple[int, dict[str, Any]]:
        """The status and the body that a client gets."""
        assert self.error is not None, self.text
        return status_of(self.error), body_of(self.error)["error"]


async def streamed(url: str, model: str, limits: Limits = LIMITS) -> Told:
    connection, said = Connection(Peer("far", url), limits), []
    try:
        events = connection.stream(wanted(model), KEY)
        async with contextlib.aclosing(events):
            async for chunks in events:
                said += [delta_text(chunk.body) for chunk in chunks]
    except CoreError as error:
        return Told("".join(said), error)
    finally:
        await connection.aclose()
    return Told("".join(said), None)


async def whole(url: str, model: str, limits: Limits = LIMITS) -> Told:
    connection = Connection(Peer("far", url), limits)
    try:
        answer = await connection.answer(wanted(model), KEY)
    except CoreError as error:
        return Told("", error)
    finally:
        await connection.aclose()
    return Told(answer["choices"][0]["message"]["content"], None)


def wanted(model: str) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello"}]}


def error(message: str, kind: str, code: str, retryable: bool) -> dict[str, Any]:
    return {"message": message, "type": kind, "code": code, "retryable": retryable}


def upstream(message: str, code: str = "bad_answer", retryable: bool = False) -> dict[str, Any]:
    return error(message, "upstream_error", code, retryable)


SILENT = upstream("far has said nothing for too long: try again.", "timed_out", True)
BROKEN = upstream("far broke off the connection: try again.", "unreachable", True)


def nonsense(what: str) -> dict[str, Any]:
    return upstream(f"far sent {what}: try again, and check its base_url if it stays so.")


async def test_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        told = await streamed(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "echo")
    message = "far cannot be reached: check its base_url and that it runs."
    assert told.answer == (502, upstream(message, "unreachable", True))


async def test_reset_before_an_answer(fake: FakeProvider) -> None:
    assert (await whole(fake.base_url, "reset-early")).answer == (502, BROKEN)


async def test_reset_in_mid_stream(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "reset")
    assert told.text == "one "
    assert told.answer == (502, BROKEN)


async def test_hang_before_headers(fake: FakeProvider) -> None:
    assert (await streamed(fake.base_url, "silent", UNBEGUN)).answer == (504, SILENT)
    await fake.until(fake.left)


async def test_hang_after_headers(fake: FakeProvider) -> None:
    assert (await streamed(fake.base_url, "hang", UNBEGUN)).answer == (504, SILENT)
    await fake.until(fake.left)


async def test_hang_in_mid_stream(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "held", QUICK)
    assert told.text == "first "
    assert told.answer == (504, SILENT)
    await fake.until(fake.left)


async def test_429_without_retry_after(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "limit429")
    message = "far asks to slow down: wait, then try again. It said: Rate limit reached"
    assert told.answer == (429, error(message, "rate_limit_error", "rate_limited", True))
    assert isinstance(told.error, RateLimitError)
    assert told.error.retry_after is None


async def test_429_with_retry_after(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "limit429-after")
    message = "far asks to slow down: wait 7 s, then try again. It said: Slow down"
    assert told.answer == (429, error(message, "rate_limit_error", "rate_limited", True))
    assert isinstance(told.error, RateLimitError)
    assert told.error.retry_after == 7


async def test_429_because_there_is_no_credit(fake: FakeProvider) -> None:
    message = (
        "The account with far has no credit left: add some there, or choose another model. "
        "It said: You exceeded your current quota"
    )
    told = await whole(fake.base_url, "quota429")
    assert told.answer == (429, error(message, "rate_limit_error", "rate_limited", False))


async def test_500(fake: FakeProvider) -> None:
    message = "far failed with status 500: try again later. It said: Internal error"
    told = await streamed(fake.base_url, "boom500")
    assert told.answer == (502, upstream(message, "provider_failed", True))


async def test_500_whose_reason_never_ends(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "error-without-end", replace(LIMITS, listing=0.1))
    message = "far failed with status 500: try again later."
    assert told.answer == (502, upstream(message, "provider_failed", True))


async def test_503_with_retry_after(fake: FakeProvider) -> None:
    told = await whole(fake.base_url, "busy503")
    message = "far is overloaded: try again later. It said: Come back"
    assert told.answer == (503, error(message, "overloaded_error", "overloaded", True))
    assert isinstance(told.error, OverloadedError)
    assert told.error.retry_after == 3


async def test_400_for_the_request(fake: FakeProvider) -> None:
    message = (
        "far does not take this request (status 400): change it. "
        "It said: temperature must be below 2"
    )
    told = await whole(fake.base_url, "odd400")
    error = {"message": message, "type": "invalid_request_error", "code": "request_refused"}
    assert told.answer == (400, {**error, "retryable": False})


async def test_a_content_filter(fake: FakeProvider) -> None:
    message = (
        "far refused this text through its content filter: ask in other words. "
        "It said: The prompt was flagged"
    )
    told = await whole(fake.base_url, "filter400")
    assert told.answer == (400, error(message, "invalid_request_error", "content_filtered", False))


async def test_slow_loris(fake: FakeProvider) -> None:
    assert (await streamed(fake.base_url, "loris", QUICK)).answer == (504, SILENT)
    await fake.until(fake.left)


@pytest.mark.parametrize("ask", [streamed, whole])
async def test_slow_loris_that_looks_alive(fake: FakeProvider, ask: Any) -> None:
    told = await ask(fake.base_url, "loris-comments", replace(LIMITS, total=0.1))
    message = "far did not end its answer within 0.1 s: ask for less."
    assert told.answer == (504, upstream(message, "timed_out", True))
    await fake.until(fake.left)


@pytest.mark.parametrize("ask", [streamed, whole])
async def test_garbage(fake: FakeProvider, ask: Any) -> None:
    told = await ask(fake.base_url, "garbage")
    assert told.answer[0] == 502
    assert told.answer[1]["code"] == "bad_answer"


async def test_something_that_is_not_http(fake: FakeProvider) -> None:
    told = await whole(fake.base_url, "noise")
    assert told.answer == (502, nonsense("something that is not HTTP"))


@pytest.mark.parametrize("ask", [streamed, whole])
async def test_wrong_content_type_a_web_page(fake: FakeProvider, ask: Any) -> None:
    assert (await ask(fake.base_url, "html")).answer == (502, nonsense("a web page"))


async def test_wrong_content_type_json_for_a_stream(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "whole")
    assert told.answer == (502, nonsense("a whole answer where a stream was asked for"))


async def test_wrong_content_type_bytes(fake: FakeProvider) -> None:
    assert (await streamed(fake.base_url, "octets")).answer == (502, nonsense("half an answer"))
    told = await whole(fake.base_url, "octets")
    assert told.answer == (502, nonsense("something that is not JSON"))


async def test_huge_event(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "huge-event")
    assert told.text == "one "
    message = "far sent an event of more than 4194304 bytes: ask for less."
    assert told.answer == (502, upstream(message))


@pytest.mark.parametrize("ask", [streamed, whole])
async def test_huge_answer(fake: FakeProvider, ask: Any) -> None:
    fake.script.append("word " * 1000)
    told = await ask(fake.base_url, "echo", replace(LIMITS, answer_bytes=2000))
    assert told.answer == (502, nonsense("more than 2000 bytes"))


async def test_half_an_event(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "half")
    assert told.text == "one "
    assert told.answer == (502, nonsense("half an answer"))


async def test_no_end_at_all(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "cut")
    assert told.text == "one "
    assert told.answer == (502, nonsense("half an answer"))


async def test_no_done_after_a_finish_reason_is_an_answer(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "no-done")
    assert (told.text, told.error) == ("all of it", None)


async def test_error_inside_a_stream(fake: FakeProvider) -> None:
    told = await streamed(fake.base_url, "stream-fault")
    assert told.text == "one "
    message = "far failed with status 500: try again later. It said: The engine exploded"
    assert told.answer == (502, upstream(message, "provider_failed", True))


@pytest.mark.parametrize("ask", [streamed, whole])
async def test_error_inside_an_answer(fake: FakeProvider, ask: Any) -> None:
    message = "far failed with status 502: try again later. It said: The upstream is down"
    told = await ask(fake.base_url, "error-in-answer")
    assert told.answer == (502, upstream(message, "provider_failed", True))


async def test_redirect_is_not_followed(fake: FakeProvider) -> None:
    told = await whole(fake.base_url, "redirect")
    assert told.answer == (502, upstream("far points to another address: check its base_url."))
    assert len(fake.requests) == 1
