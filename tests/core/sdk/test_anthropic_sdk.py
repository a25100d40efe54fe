"""The official ``anthropic`` SDK, unchanged, against a core: other providers, and Anthropic's."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from pydantic import BaseModel

from tests.core.sdk.conftest import LAST, chunk, freed, use
from tests.fakes.anthropic import THINKING, FakeAnthropic
from tests.fakes.provider import FakeProvider

pytestmark = pytest.mark.anyio

HELLO: Any = [{"role": "user", "content": "Hello there"}]
SCHEMA = {"type": "object", "properties": {"path": {"type": "string"}}}
TOOLS: Any = [{"name": "read", "description": "Read a file.", "input_schema": SCHEMA}]
KEEP: Any = {"type": "ephemeral"}
IMAGE: Any = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "aWk="},
}
USE: Any = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a.py"}}
CLAUDE = "anthropic:claude-sonnet-5-5"


@contextlib.asynccontextmanager
async def client(opened: Any, *args: Any, **more: Any) -> AsyncIterator[anthropic.AsyncAnthropic]:
    options = {"max_retries": 0, "timeout": 20, **more}
    async with (
        opened(*args) as place,
        anthropic.AsyncAnthropic(base_url=place.url, api_key=place.key, **options) as sdk,
    ):
        yield sdk


async def test_a_message_and_its_receipt(opened: Any, fake: FakeProvider) -> None:
    async with client(opened) as sdk:
        message = await sdk.messages.create(
            model="far:echo",
            max_tokens=50,
            system=[{"type": "text", "text": "Be kind.", "cache_control": KEEP}],
            messages=HELLO,
            stop_sequences=["END"],
            metadata={"user_id": "u1"},
            thinking={"type": "enabled", "budget_tokens": 1024},
        )
    assert message.content[0].type == "text"
    assert "Hello there" in message.content[0].text
    assert (message.role, message.model, message.stop_reason) == ("assistant", "echo", "end_turn")
    assert message.usage.input_tokens > 0
    assert message._request_id is not None
    assert message._request_id.startswith("zk-")
    assert message.model_extra is not None
    assert message.model_extra["provider"] == "far"
    assert fake.requests[0] == {
        "model": "echo",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hello there"},
        ],
        "max_tokens": 50,
        "stop": ["END"],
        "user": "u1",
        "reasoning_effort": "low",
    }


async def test_the_blocking_client_and_the_stream_helper(opened: Any) -> None:
    def ask(url: str, key: str) -> tuple[anthropic.types.Message, anthropic.types.Message]:
        with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as sdk:
            whole = sdk.messages.create(model="far:echo", max_tokens=9, messages=HELLO)
            asked = sdk.messages.stream(model="far:echo", max_tokens=9, messages=HELLO)
            with asked as stream:
                text = "".join(stream.text_stream)
                final = stream.get_final_message()
        assert text == final.content[0].text  # type: ignore[union-attr]
        return whole, final

    async with opened() as place:
        whole, streamed = await asyncio.to_thread(ask, place.url, place.key)
    assert whole.content[0].text == streamed.content[0].text  # type: ignore[union-attr]
    assert whole.usage == streamed.usage


async def test_calls_that_a_server_sends_whole_are_all_there(
    opened: Any, fake: FakeProvider
) -> None:
    calls = [
        use(f'{{"path": "{name}.py"}}', id=f"call_{name}", type="function", name="read")
        for name in "ab"
    ]
    fake.script.append([*calls, chunk({}, "tool_calls"), LAST])
    async with client(opened) as sdk:
        given: Any = {"model": "far:echo", "max_tokens": 9, "messages": HELLO, "tools": TOOLS}
        async with sdk.messages.stream(**given) as stream:
            content = (await stream.get_final_message()).content
    found = [(block.id, block.input) for block in content if block.type == "tool_use"]
    assert found == [("call_a", {"path": "a.py"}), ("call_b", {"path": "b.py"})]


async def test_raw_events_come_in_order(opened: Any, fake: FakeProvider) -> None:
    first = use("", id="call_1", type="function", name="read")
    pieces = ['{"pa', 'th": ', '"a.py"}']
    said = [chunk({"reasoning_content": "Hm."}), chunk({"content": "Look."}), first]
    fake.script.append([*said, *(use(piece) for piece in pieces), chunk({}, "tool_calls"), LAST])
    async with client(opened) as sdk:
        stream = await sdk.messages.create(
            model="far:echo",
            max_tokens=9,
            messages=HELLO,
            tools=TOOLS,
            tool_choice={"type": "any", "disable_parallel_tool_use": True},
            thinking={"type": "adaptive"},
            stream=True,
        )
        events = [event async for event in stream]
    kinds = [event.type for event in events]
    block = ["content_block_start", "content_block_delta", "content_block_stop"]
    calling = [block[0], *[block[1]] * len(pieces), block[2]]
    assert kinds == ["message_start", *block, *block, *calling, "message_delta", "message_stop"]
    told = [
        event.delta.partial_json
        for event in events
        if event.type == "content_block_delta" and event.delta.type == "input_json_delta"
    ]
    assert told == pieces
    last = events[-2]
    assert last.type == "message_delta"
    assert last.delta.stop_reason == "tool_use"
    assert (last.usage.input_tokens, last.usage.cache_read_input_tokens) == (4, 5)
    assert last.usage.output_tokens == 4
    assert fake.requests[0]["tool_choice"] == "required"
    assert fake.requests[0]["parallel_tool_calls"] is False


async def test_a_tool_is_called_answered_and_the_talk_goes_on(
    opened: Any, fake: FakeProvider
) -> None:
    async with client(opened) as sdk:
        called = await sdk.messages.create(
            model="far:tools", max_tokens=9, messages=HELLO, tools=TOOLS
        )
        block = called.content[0]
        assert block.type == "tool_use"
        assert (block.name, block.input) == ("read", {"path": "a.py"})
        assert called.stop_reason == "tool_use"
        result: Any = {
            "type": "tool_result",
            "tool_use_id": block.id,
            "content": [{"type": "text", "text": "x = 1"}, IMAGE],
            "is_error": True,
        }
        answered: Any = [called.to_param(), {"role": "user", "content": [result]}]
        await sdk.messages.create(
            model="far:echo", max_tokens=9, messages=[*HELLO, *answered], tools=TOOLS
        )
    _, calls, tool, shown = fake.requests[1]["messages"]
    assert calls["tool_calls"][0]["id"] == tool["tool_call_id"] == block.id
    assert tool["content"] == "The tool failed: x = 1"
    assert shown["content"][0]["image_url"]["url"] == "data:image/png;base64,aWk="


class Verdict(BaseModel):
    """What the model is to fill in."""

    score: int
    reason: str


async def test_structured_output(opened: Any, fake: FakeProvider) -> None:
    async with client(opened) as sdk:
        parsed = await sdk.messages.parse(
            model="far:echo", max_tokens=50, messages=HELLO, output_format=Verdict
        )
    assert parsed.parsed_output is not None
    assert parsed.parsed_output.score == 1
    assert fake.requests[0]["response_format"]["type"] == "json_schema"


async def test_tokens_are_guessed_and_said_to_be(opened: Any, fake: FakeProvider) -> None:
    async with client(opened) as sdk:
        short = await sdk.messages.count_tokens(model="far:echo", messages=HELLO)
        long = await sdk.messages.count_tokens(
            model="far:echo", messages=[{"role": "user", "content": "word " * 700}], tools=TOOLS
        )
    assert 0 < short.input_tokens < 40
    assert 900 < long.input_tokens < 1200
    assert short.model_extra == {"estimated": True}
    assert fake.requests == []


async def test_models_are_listed_for_this_sdk_too(opened: Any) -> None:
    async with client(opened) as sdk:
        listed = [model.id async for model in sdk.models.list()]
        one = await sdk.models.retrieve("far:echo")
    assert "far:echo" in listed
    assert one.id == "far:echo"


@pytest.mark.parametrize(
    ("model", "status", "kind"),
    [
        ("far:refuse401", 401, "authentication_error"),
        ("far:nothing", 404, "not_found_error"),
        ("far:long400", 400, "invalid_request_error"),
        ("far:quota429", 429, "rate_limit_error"),
        ("far:html", 502, "api_error"),
        ("anthropic:claude-busy-5-5", 529, "overloaded_error"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_errors_are_the_sdks_own(
    opened: Any, both: Any, model: str, status: int, kind: str, stream: bool
) -> None:
    async with client(opened, both) as sdk:
        with pytest.raises(anthropic.APIStatusError) as caught:
            await sdk.messages.create(model=model, max_tokens=9, messages=HELLO, stream=stream)
    assert caught.value.status_code == status
    body: Any = caught.value.body
    assert (body["type"], body["error"]["type"]) == ("error", kind)
    assert caught.value.request_id is not None


async def test_a_wrong_key_and_a_wrong_question(opened: Any) -> None:
    async with client(opened) as sdk:
        stranger = sdk.with_options(api_key="gk-nobody")
        with pytest.raises(anthropic.AuthenticationError) as refused:
            await stranger.messages.create(model="auto", max_tokens=9, messages=HELLO)
        told: Any = refused.value.body
        assert (told["type"], told["error"]["type"]) == ("error", "authentication_error")
        with pytest.raises(anthropic.BadRequestError, match="messages") as caught:
            await sdk.messages.create(model="auto", max_tokens=9, messages=[])
        body: Any = caught.value.body
        assert body["error"]["type"] == "invalid_request_error"
        search: Any = [{"type": "web_search_20250305", "name": "web_search"}]
        with pytest.raises(anthropic.BadRequestError, match="web_search_20250305"):
            await sdk.messages.create(model="auto", max_tokens=9, messages=HELLO, tools=search)


async def test_an_error_in_a_stream_is_an_event(opened: Any) -> None:
    async with client(opened) as sdk:
        stream = await sdk.messages.create(
            model="far:stream-fault", max_tokens=9, messages=HELLO, stream=True
        )
        with pytest.raises(anthropic.APIStatusError, match="exploded"):
            [event async for event in stream]


async def test_a_client_that_leaves_frees_the_provider(opened: Any, fake: FakeProvider) -> None:
    async with client(opened) as sdk:
        stream = await sdk.messages.create(
            model="far:held", max_tokens=9, messages=HELLO, stream=True
        )
        await anext(aiter(stream))
        await stream.close()
        await freed(fake)


async def test_nothing_is_lost_on_the_way_to_anthropic(
    opened: Any, both: Any, claude: FakeAnthropic
) -> None:
    result: Any = {"type": "tool_result", "tool_use_id": "toolu_1", "is_error": True}
    result |= {"content": [{"type": "text", "text": "x = 1"}, IMAGE], "cache_control": KEEP}
    marked: Any = {"type": "text", "text": "Why?", "cache_control": KEEP}
    messages: Any = [
        {"role": "user", "content": [{"type": "text", "text": "Read it."}, IMAGE]},
        {"role": "assistant", "content": [THINKING, {"type": "text", "text": "Yes."}, USE]},
        {"role": "user", "content": [result, marked]},
    ]
    tools: Any = [{**TOOLS[0], "cache_control": KEEP}]
    async with client(opened, both) as sdk:
        await sdk.messages.create(
            model=CLAUDE,
            max_tokens=2048,
            system=[{"type": "text", "text": "Be kind.", "cache_control": KEEP}],
            messages=messages,
            tools=tools,
            tool_choice={"type": "auto", "disable_parallel_tool_use": True},
            thinking={"type": "adaptive", "display": "summarized"},
            output_config={"effort": "xhigh"},
            stop_sequences=["END"],
            metadata={"user_id": "u1"},
        )
    assert claude.requests[0] == {
        "model": "claude-sonnet-5-5",
        "max_tokens": 2048,
        "system": [{"type": "text", "text": "Be kind.", "cache_control": KEEP}],
        "messages": messages,
        "tools": tools,
        "tool_choice": {"type": "auto", "disable_parallel_tool_use": True},
        "thinking": {"type": "adaptive", "display": "summarized"},
        "output_config": {"effort": "xhigh"},
        "stop_sequences": ["END"],
        "metadata": {"user_id": "u1"},
    }


@pytest.mark.parametrize("stream", [False, True])
async def test_nothing_is_lost_on_the_way_back(
    opened: Any, both: Any, claude: FakeAnthropic, stream: bool
) -> None:
    said = [THINKING, {"type": "redacted_thinking", "data": "x1"}]
    said += [{"type": "text", "text": "Let me look."}, USE, {**USE, "id": "toolu_2"}]
    claude.script.append(said)
    options: Any = {"max_tokens": 99, "messages": HELLO, "thinking": {"type": "adaptive"}}
    async with client(opened, both) as sdk:
        if stream:
            async with sdk.messages.stream(model=CLAUDE, **options) as events:
                message = await events.get_final_message()
        else:
            message = await sdk.messages.create(model=CLAUDE, **options)
    fields = {"type", "text", "id", "name", "input", "thinking", "signature", "data"}
    found = [block.model_dump(include=fields) for block in message.content]
    assert json.loads(json.dumps(found)) == said
    assert message.stop_reason == "tool_use"
    assert (message.usage.input_tokens, message.usage.output_tokens) == (21, 42)
    assert message.usage.cache_read_input_tokens == 100
    assert message.usage.cache_creation_input_tokens == 5


@pytest.mark.parametrize("stream", [False, True])
async def test_what_it_stopped_at_is_said(opened: Any, both: Any, stream: bool) -> None:
    model = "anthropic:claude-stops-5-5"
    options: Any = {"max_tokens": 99, "messages": HELLO, "stop_sequences": ["END"]}
    async with client(opened, both) as sdk:
        if stream:
            async with sdk.messages.stream(model=model, **options) as events:
                message = await events.get_final_message()
        else:
            message = await sdk.messages.create(model=model, **options)
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "END")
