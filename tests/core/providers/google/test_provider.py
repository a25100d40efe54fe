from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.providers.google.conftest import KEY
from tests.fakes import talk
from tests.fakes.gemini import SIGNATURE, FakeGemini
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.google.provider import GoogleProvider
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model import errors
from zeke_bridge.wire.openai import delta_text, usage_of

pytestmark = pytest.mark.anyio

MODEL = "gemini-3.8-flash"
SCHEMA = {"type": "object", "properties": {"n": {"const": 1}}}
TOOL = {"type": "function", "function": {"name": "read", "parameters": SCHEMA}}
USED = {"functionCall": {"name": "read", "args": {"n": 1}}, "thoughtSignature": SIGNATURE}


def body(model: str = MODEL, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello there"}], **more}


async def collect(provider: GoogleProvider, asked: dict[str, Any]) -> list[dict[str, Any]]:
    async with contextlib.aclosing(provider.stream(asked)) as events:
        return [chunk.body async for chunks in events for chunk in chunks]


async def test_a_whole_answer(provider: GoogleProvider, fake: FakeGemini) -> None:
    made = await provider.answer(body())
    assert made["choices"][0]["message"]["content"] == "The fake heard: Hello there"
    assert made["model"] == MODEL
    assert fake.headers[0]["x-goog-api-key"] == KEY
    assert KEY not in fake.paths[0]


async def test_a_stream(provider: GoogleProvider, fake: FakeGemini) -> None:
    events = provider.stream(body(reasoning_effort="low"))
    chunks = [chunk async for came in events for chunk in came]
    assert [json.loads(chunk.text) for chunk in chunks] == [chunk.body for chunk in chunks]
    bodies = [chunk.body for chunk in chunks]
    assert "".join(map(delta_text, bodies)) == "The fake heard: Hello there"
    assert bodies[0]["choices"][0]["delta"]["reasoning_content"] == "Let"
    usage = usage_of(bodies[-1])
    assert (usage.prompt_tokens, usage.cached_tokens, usage.reasoning_tokens) == (120, 100, 12)
    assert fake.paths[0].endswith(":streamGenerateContent?alt=sse")


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_signature_survives_a_round_of_tools(
    provider: GoogleProvider, fake: FakeGemini, streamed: bool
) -> None:
    fake.script.append([USED])
    if streamed:
        chunks = await collect(provider, body(tools=[TOOL]))
        assert chunks[-2]["choices"][0]["finish_reason"] == "tool_calls"
        message = {"role": "assistant", **chunks[0]["choices"][0]["delta"]}
    else:
        choice = (await provider.answer(body(tools=[TOOL])))["choices"][0]
        assert choice["finish_reason"] == "tool_calls"
        message = choice["message"]
    result = {
        "role": "tool",
        "tool_call_id": message["tool_calls"][0]["id"],
        "content": "found",
    }
    await provider.answer({**body(), "messages": [*body()["messages"], message, result]})
    said, heard = fake.requests[-1]["contents"][1:]
    assert said["parts"][0]["thoughtSignature"] == SIGNATURE
    assert heard["parts"][0]["functionResponse"]["response"] == {"output": "found"}
    assert heard["parts"][0]["functionResponse"]["id"] == said["parts"][0]["functionCall"]["id"]


async def test_a_picture(provider: GoogleProvider, fake: FakeGemini) -> None:
    parts = [{"type": "image_url", "image_url": {"url": talk.PNG}}, {"type": "text", "text": "?"}]
    await provider.answer({"model": MODEL, "messages": [{"role": "user", "content": parts}]})
    assert "inlineData" in fake.requests[0]["contents"][0]["parts"][0]


async def test_json_of_a_shape(provider: GoogleProvider, fake: FakeGemini) -> None:
    fake.script.append([{"text": '{"n": 1}'}])
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    made = await provider.answer(body(response_format=form))
    assert json.loads(made["choices"][0]["message"]["content"]) == {"n": 1}
    shape = fake.requests[0]["generationConfig"]["responseJsonSchema"]
    assert shape["properties"] == {"n": {"enum": [1]}}


REFUSED = [
    ("gemini-unknown", errors.UnknownModelError),
    ("../../x?y", errors.UnknownModelError),
    ("gemini-limit", errors.RateLimitError),
    ("gemini-busy", errors.OverloadedError),
    ("gemini-boom", errors.ProviderError),
    ("gemini-late", errors.TimedOutError),
    ("gemini-long", errors.ContextError),
    ("gemini-blocked", errors.FilteredError),
    ("gemini-forbidden", errors.AuthError),
    ("gemini-early", errors.UnreachableError),
    ("gemini-garbage", errors.BadAnswerError),
    ("gemini-strange", errors.BadAnswerError),
    ("gemini-html", errors.BadAnswerError),
]


@pytest.mark.parametrize(("model", "kind"), REFUSED)
async def test_each_fault_is_its_error(
    provider: GoogleProvider, model: str, kind: type[errors.CoreError]
) -> None:
    for asking in (provider.answer(body(model)), collect(provider, body(model))):
        with pytest.raises(errors.CoreError) as caught:
            await asking
        assert type(caught.value) is kind
        assert "google" in caught.value.message


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("gemini-reset", errors.UnreachableError),
        ("gemini-cut", errors.BadAnswerError),
        ("gemini-half", errors.BadAnswerError),
        ("gemini-overloaded", errors.OverloadedError),
    ],
)
async def test_a_stream_that_breaks_gives_what_came_first(
    provider: GoogleProvider, model: str, kind: type[errors.CoreError]
) -> None:
    events = provider.stream(body(model))
    assert delta_text((await anext(events))[0].body)
    with pytest.raises(errors.CoreError) as caught:
        async for _ in events:
            pass
    assert type(caught.value) is kind


async def test_a_safety_stop_in_a_stream(provider: GoogleProvider, fake: FakeGemini) -> None:
    fake.end = "SAFETY"
    chunks = await collect(provider, body())
    assert chunks[-2]["choices"][0]["finish_reason"] == "content_filter"
    fake.script.append([])
    with pytest.raises(errors.FilteredError, match="SAFETY"):
        await collect(provider, body())


async def test_the_server_says_how_long_to_wait(provider: GoogleProvider) -> None:
    with pytest.raises(errors.RateLimitError) as caught:
        await provider.answer(body("gemini-pause"))
    assert caught.value.retry_after == 34.4


async def test_a_wrong_key(fake: FakeGemini, tmp_path: Path) -> None:
    config = ProviderConfig("google", fake.base_url + "/v1beta", "GEMINI_API_KEY")
    keys = Keys(KeyFile(tmp_path / "auth.json"), {"google": "AIza-wrong"}, {})
    provider = GoogleProvider(config, keys, Limits())
    for asking in (
        provider.models(),
        provider.answer(body()),
        provider.embed({"input": "x"} | body()),
    ):
        with pytest.raises(errors.AuthError) as caught:
            await asking
        assert "AIza-wrong" not in caught.value.message
    await provider.aclose()


async def test_an_address_where_something_else_answers(fake: Any, tmp_path: Path) -> None:
    config = ProviderConfig("google", fake.base_url + "/odd")
    provider = GoogleProvider(config, Keys(KeyFile(tmp_path / "auth.json"), {}, {}), Limits())
    with pytest.raises(errors.BadAnswerError, match="base_url"):
        await provider.models()
    await provider.aclose()


async def test_silence_has_an_end(fake: FakeGemini, tmp_path: Path) -> None:
    config = ProviderConfig("google", fake.base_url + "/v1beta", "GEMINI_API_KEY")
    keys = Keys(KeyFile(tmp_path / "auth.json"), {"google": KEY}, {})
    provider = GoogleProvider(config, keys, Limits(first_byte=0.05, silence=0.05))
    for model in ("gemini-silent", "gemini-held"):
        with pytest.raises(errors.TimedOutError):
            await collect(provider, body(model))
    await provider.aclose()


async def test_who_leaves_frees_the_connection(provider: GoogleProvider, fake: FakeGemini) -> None:
    events = provider.stream(body("gemini-held"))
    await anext(events)
    await fake.until(fake.held)
    await events.aclose()
    await fake.until(fake.left)


async def test_cancelling_frees_the_connection(provider: GoogleProvider, fake: FakeGemini) -> None:
    task = asyncio.create_task(collect(provider, body("gemini-silent")))
    await fake.until(fake.held)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fake.until(fake.left)


async def test_models_are_listed_page_by_page(provider: GoogleProvider, fake: FakeGemini) -> None:
    assert await provider.models() == (MODEL, "gemini-embedding-2", "gemini-2.5-pro")
    assert len(fake.headers) == 2
    assert provider.traits(MODEL).context == 1_048_576
    await provider.probe()


async def test_embeddings(provider: GoogleProvider, fake: FakeGemini) -> None:
    asked = {"model": "gemini-embedding-2", "input": ["a", "bb"], "dimensions": 2}
    made = await provider.embed(asked)
    assert [row["embedding"] for row in made["data"]] == [[1.0, 1.0], [2.0, 2.0]]
    assert made["usage"]["prompt_tokens"] == 2
    many = await provider.embed({"model": "gemini-embedding-2", "input": ["a"] * 101})
    assert len(many["data"]) == 101
    assert len(fake.requests) == 3
    with pytest.raises(errors.UnknownModelError):
        await provider.embed({"model": "gemini-unknown", "input": "a"})
