from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.wire.sse import Parser

pytestmark = pytest.mark.anyio

URL = "/v1/chat/completions"


def body(model: str = "far:echo", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello there"}], **more}


def data_of(raw: bytes) -> list[Any]:
    parser = Parser()
    events = parser.feed(raw)
    parser.close()
    return [event.data if event.data == "[DONE]" else json.loads(event.data) for event in events]


async def test_a_whole_answer_is_the_providers_with_a_receipt(
    serve: Any, fake: FakeProvider
) -> None:
    fake.script.append("Hi.")
    async with serve() as http:
        answer = (await http.post(URL, json=body("auto"))).json()
    assert answer["choices"][0]["message"]["content"] == "Hi."
    assert answer["id"] == "chatcmpl-fake"
    assert answer["usage"]["total_tokens"] == 3
    assert answer["provider"] == "far"
    assert answer["cost"] == {
        "input_cost": 0.0,
        "output_cost": 0.0,
        "total_cost": 0.0,
        "known": False,
    }
    assert answer["route"]["tried"] == [{"candidate": "far:echo", "outcome": "chosen"}]
    assert answer["request_id"].startswith("zk-")
    assert answer["cached"] is False


async def test_tools_and_formats_pass_untouched(serve: Any, fake: FakeProvider) -> None:
    tool = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}
    more = {"tools": [tool], "response_format": {"type": "json_object"}, "seed": 7}
    async with serve() as http:
        whole = (await http.post(URL, json=body("far:tools", **more))).json()
        stream = (await http.post(URL, json=body("far:tools", **more, stream=True))).content
    call = whole["choices"][0]["message"]["tool_calls"][0]["function"]
    assert call == {"name": "read", "arguments": '{"path": "a.py"}'}
    assert data_of(stream)[0]["choices"][0]["delta"]["tool_calls"][0]["function"] == call
    assert fake.requests[0] == body("tools", **more)
    for key, value in more.items():
        assert fake.requests[1][key] == value


async def test_a_stream_is_the_providers_in_its_order(serve: Any, fake: FakeProvider) -> None:
    words = " ".join(f"w{number}" for number in range(200))
    fake.script.append(words)
    async with serve() as http:
        events = data_of((await http.post(URL, json=body(stream=True))).content)
    assert events[-1] == "[DONE]"
    texts = [event["choices"][0]["delta"].get("content", "") for event in events[:-1]]
    assert "".join(texts) == words
    # Usage was not asked for, so there is no chunk for it.
    assert all(event["choices"] for event in events[:-1])


@pytest.mark.parametrize("model", ["far:echo", "far:tools"])
async def test_usage_when_asked_for_carries_the_receipt(serve: Any, model: str) -> None:
    more: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    more["tools"] = [{"type": "function", "function": {"name": "read"}}]
    async with serve() as http:
        events = data_of((await http.post(URL, json=body(model, **more))).content)
    last = events[-2]
    assert last["choices"] == []
    assert last["object"] == "chat.completion.chunk"
    assert last["provider"] == "far"
    assert last["route"]["reason"]
    # The fake counts no tokens for tools, and none are made up.
    assert (last["usage"] is None) == (model == "far:tools")


async def test_the_first_event_comes_before_the_last_is_there(
    serve: Any, fake: FakeProvider
) -> None:
    async with (
        serve() as http,
        http.stream("POST", URL, json=body("far:held", stream=True)) as response,
    ):
        pieces = response.aiter_raw()
        first = await anext(pieces)
        assert b"first " in first
        fake.release()
        rest = b"".join([piece async for piece in pieces])
    assert b"second" in rest
    assert rest.endswith(b"data: [DONE]\n\n")


async def test_a_client_that_leaves_a_stream_cancels_the_provider(
    serve: Any, fake: FakeProvider
) -> None:
    async with serve() as http:
        async with http.stream("POST", URL, json=body("far:held", stream=True)) as response:
            await anext(response.aiter_raw())
        await fake.until(fake.left)


async def test_an_error_before_the_first_byte_has_its_status(serve: Any) -> None:
    async with serve() as http:
        answer = await http.post(URL, json=body("far:limit429", stream=True))
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limited"


@pytest.mark.parametrize(
    ("model", "code"),
    [("half", "bad_answer"), ("reset", "unreachable"), ("stream-fault", "provider_failed")],
)
async def test_an_error_in_a_stream_is_an_event(serve: Any, model: str, code: str) -> None:
    async with serve() as http:
        answer = await http.post(URL, json=body(f"far:{model}", stream=True))
    events = data_of(answer.content)
    assert answer.status_code == 200
    assert events[0]["choices"][0]["delta"]["content"] == "one "
    assert events[-1]["error"]["code"] == code
    assert "[DONE]" not in events


TOOL = {"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}


async def test_tools_that_are_optional_are_left_out_for_a_model_that_calls_none(
    serve: Any, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lacking(provider: str, model: str) -> frozenset[str]:
        return frozenset({"tools"} if model == "echo" else ())

    monkeypatch.setattr("zeke_bridge.core.routing.traits.lacks", lacking)
    optional = {"tools": [TOOL], "zeke": {"tools_optional": True}}
    async with serve() as http:
        bare = await http.post(URL, json=body("far:echo", **optional))
        able = await http.post(URL, json=body("far:tools", **optional))
        unable = await http.post(URL, json=body("far:echo", tools=[TOOL]))
    assert bare.json()["choices"][0]["message"]["content"]
    assert "tools" not in fake.requests[0]
    assert "optional" not in fake.requests[0]
    assert able.json()["choices"][0]["message"]["tool_calls"]
    assert fake.requests[1]["tools"] == [TOOL]
    assert unable.json()["error"]["code"] == "model_unable"
    assert len(fake.requests) == 2


async def test_a_question_with_optional_tools_is_another_one_than_without(
    serve: Any, fake: FakeProvider
) -> None:
    optional = {"tools": [TOOL], "zeke": {"tools_optional": True}}
    async with serve() as http:
        await http.post(URL, json=body("far:echo", **optional))
        plain = await http.post(URL, json=body("far:echo"))
    assert plain.json()["cached"] is False
    assert len(fake.requests) == 2
