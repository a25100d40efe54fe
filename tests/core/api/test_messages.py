from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.core.conftest import QUICK, events_of
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

URL = "/v1/messages"


def body(model: str = "far:echo", **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Hello there"}]
    return {"model": model, "max_tokens": 9, "messages": messages, **more}


def named(raw: bytes) -> list[str]:
    """The events' names, which their data say again."""
    events = events_of(raw)
    for event in events:
        assert json.loads(event.data)["type"] == event.name
    return [event.name for event in events]


async def test_a_stream_begins_and_ends_as_anthropic_says(serve: Any) -> None:
    async with serve() as http:
        answer = await http.post(URL, json=body(stream=True))
    names = named(answer.content)
    assert (names[0], names[-1]) == ("message_start", "message_stop")
    last = json.loads(events_of(answer.content)[-2].data)
    assert last["provider"] == "far"
    assert last["route"]["reason"]
    assert answer.headers["request-id"] == answer.headers["x-request-id"] == last["request_id"]


async def test_a_still_stream_says_that_it_lives(serve: Any, fake: FakeProvider) -> None:
    limits = dataclasses.replace(QUICK, keepalive=0.05)
    async with (
        serve(limits=limits) as http,
        http.stream("POST", URL, json=body("far:held", stream=True)) as answer,
    ):
        raw = b""
        async for piece in answer.aiter_raw():
            raw += piece
            if b"event: ping" in raw:
                fake.release()
    names = named(raw)
    assert names[0] == "message_start"
    assert "ping" in names[1:-1]
    assert names[-1] == "message_stop"


async def test_before_it_begins_only_a_comment_says_so(serve: Any, fake: FakeProvider) -> None:
    limits = dataclasses.replace(QUICK, keepalive=0.05)
    async with (
        serve(limits=limits) as http,
        http.stream("POST", URL, json=body("far:silent", stream=True)) as answer,
    ):
        assert await anext(answer.aiter_raw()) == b": ping\n\n"
    await fake.until(fake.left)


async def test_the_same_conversation_is_answered_once(serve: Any, fake: FakeProvider) -> None:
    async with serve() as http:
        first = await http.post(URL, json=body())
        again = await http.post(URL, json=body())
        streamed = await http.post(URL, json=body(stream=True))
    assert len(fake.requests) == 1
    assert first.json()["content"] == again.json()["content"]
    assert again.json()["cached"] is True
    assert again.headers["x-ghostllm-cache"] == streamed.headers["x-ghostllm-cache"] == "hit"
    assert named(streamed.content)[-1] == "message_stop"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", URL, 405), ("POST", f"{URL}/batches", 404), ("GET", f"{URL}/batches/x", 404)],
)
async def test_what_is_not_there_is_said_in_anthropics_way(
    serve: Any, method: str, path: str, status: int
) -> None:
    async with serve() as http:
        answer = await http.request(method, path)
    assert answer.status_code == status
    assert answer.json()["type"] == "error"


@pytest.mark.parametrize("path", [URL, f"{URL}/count_tokens"])
@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"messages": 5}'])
async def test_a_bad_body_is_said_in_anthropics_way(serve: Any, path: str, raw: bytes) -> None:
    async with serve() as http:
        answer = await http.post(path, content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("model", "code"),
    [("half", "bad_answer"), ("reset", "unreachable"), ("stream-fault", "provider_failed")],
)
async def test_an_error_in_a_stream_is_an_event(serve: Any, model: str, code: str) -> None:
    async with serve() as http:
        answer = await http.post(URL, json=body(f"far:{model}", stream=True))
    names = named(answer.content)
    assert (names[0], names[-1]) == ("message_start", "error")
    assert json.loads(events_of(answer.content)[-1].data)["error"]["code"] == code


async def test_an_answer_that_cannot_be_read_is_an_error(serve: Any, fake: FakeProvider) -> None:
    fake.script.append({"choices": [{"message": None}]})
    async with serve() as http:
        answer = await http.post(URL, json=body())
    assert answer.status_code == 502
    assert answer.json()["error"]["type"] == "api_error"
