"""OpenAI's own endpoints of the embedded core, with a real LiteLLM as its only provider.

By the official SDK, over the core's socket.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import openai
import pytest

from tests.fakes.provider import FakeProvider
from tests.peers.litellm.proxy import MODELS, LiteLLM
from zeke_bridge.app.assembly import server_core
from zeke_bridge.app.embedded import EmbeddedCore
from zeke_bridge.bridge.runtime import Runtime

pytestmark = [pytest.mark.anyio, pytest.mark.peer, pytest.mark.timeout(700)]

ASKED = [{"role": "user", "content": "ANSWER: one two three"}]
READ = {
    "type": "function",
    "function": {
        "name": "read_file",
        "parameters": {"type": "object", "properties": {"path": {"type": "string"}}},
    },
}
SHAPE = {
    "type": "json_schema",
    "json_schema": {
        "name": "person",
        "strict": True,
        "schema": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}


@pytest.fixture
async def sdk(
    runtime: Runtime, proxy: LiteLLM, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[openai.AsyncOpenAI]:
    monkeypatch.setenv("PEER_KEY", proxy.key)
    keys = runtime.directory / "none.keys"
    core = EmbeddedCore(
        runtime.core_socket,
        lambda: server_core("litellm", f"{proxy.base_url}/v1", "PEER_KEY", 60.0, keys),
    )
    await core.client()
    transport = httpx.AsyncHTTPTransport(uds=str(runtime.core_socket))
    async with httpx.AsyncClient(transport=transport, timeout=30) as http:
        yield openai.AsyncOpenAI(
            base_url="http://core/v1", api_key="unused", http_client=http, max_retries=0
        )
    await core.aclose()


async def test_a_chat(sdk: openai.AsyncOpenAI) -> None:
    made = await sdk.chat.completions.create(model="gpt-4o", messages=ASKED)
    assert made.choices[0].message.content == "one two three"
    assert made.usage is not None
    assert made.usage.completion_tokens == 3


async def test_a_stream_with_its_usage(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(
        model="gpt-4o", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == "one two three"
    assert [one.choices[0].finish_reason for one in chunks if one.choices].count("stop") == 1
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 3
    counted = {one.usage.total_tokens for one in chunks if one.usage}
    assert counted == {chunks[-1].usage.total_tokens}


async def test_a_stream_without_it(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True)
    chunks = [chunk async for chunk in stream]
    assert all(chunk.choices for chunk in chunks)
    assert "".join(one.choices[0].delta.content or "" for one in chunks) == "one two three"


@pytest.mark.parametrize("stream", [False, True])
async def test_tools(sdk: openai.AsyncOpenAI, fake: FakeProvider, stream: bool) -> None:
    asked = {"model": "caller", "messages": ASKED, "tools": [READ]}
    if stream:
        calls = [
            call
            async for chunk in await sdk.chat.completions.create(**asked, stream=True)
            for choice in chunk.choices
            for call in choice.delta.tool_calls or ()
        ]
    else:
        made = await sdk.chat.completions.create(**asked)
        assert made.choices[0].finish_reason == "tool_calls"
        calls = made.choices[0].message.tool_calls
    [call] = calls
    assert call.id == "call_1"
    assert (call.function.name, call.function.arguments) == ("read_file", '{"path": "a.py"}')
    assert fake.requests[-1]["tools"] == [READ]


async def test_a_shape(sdk: openai.AsyncOpenAI, fake: FakeProvider) -> None:
    asked = [{"role": "user", "content": "Who?"}]
    made = await sdk.chat.completions.create(model="gpt-4o", messages=asked, response_format=SHAPE)
    assert made.choices[0].message.content == '{"name": "A name of the fake."}'
    assert fake.requests[-1]["response_format"] == SHAPE


@pytest.mark.parametrize("form", ["float", "base64"])
async def test_embeddings(sdk: openai.AsyncOpenAI, form: str) -> None:
    made = await sdk.embeddings.create(
        model="text-embedding-3-small", input=["one", "two"], encoding_format=form
    )
    assert len(made.data) == 2
    assert made.data[0].embedding


async def test_models(sdk: openai.AsyncOpenAI) -> None:
    found = {model.id async for model in await sdk.models.list()}
    assert found == {f"litellm:{name}" for name in MODELS}


async def test_an_unknown_model(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="litellm:nope"):
        await sdk.chat.completions.create(model="litellm:nope", messages=ASKED)
