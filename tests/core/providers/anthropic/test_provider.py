from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.providers.anthropic.conftest import KEY
from tests.fakes import talk
from tests.fakes.anthropic import FakeAnthropic
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import KeyFile, Keys
from zeke_bridge.core.providers.anthropic.provider import AnthropicProvider
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model import errors
from zeke_bridge.wire.openai import delta_text, usage_of

pytestmark = pytest.mark.anyio

MODEL = "claude-sonnet-5-5"
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
TOOL = {"type": "function", "function": {"name": "read", "parameters": SCHEMA}}
USED = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a b c"}}


def body(model: str = MODEL, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello there"}], **more}


async def collect(provider: AnthropicProvider, asked: dict[str, Any]) -> list[dict[str, Any]]:
    async with contextlib.aclosing(provider.stream(asked)) as events:
        return [chunk.body async for chunks in events for chunk in chunks]


async def test_a_whole_answer(provider: AnthropicProvider, fake: FakeAnthropic) -> None:
    made = await provider.answer(body())
    assert made["choices"][0]["message"]["content"] == "The fake heard: Hello there"
    assert usage_of(made).cache_write_tokens == 5
    assert fake.headers[0]["authorization"] == f"Bearer {KEY}"
    assert fake.headers[0]["x-api-key"] == KEY
    assert fake.headers[0]["anthropic-version"] == "2023-06-01"


async def test_a_stream(provider: AnthropicProvider, fake: FakeAnthropic) -> None:
    events = provider.stream(body(reasoning_effort="low"))
    chunks = [chunk async for came in events for chunk in came]
    assert [json.loads(chunk.text) for chunk in chunks] == [chunk.body for chunk in chunks]
    bodies = [chunk.body for chunk in chunks]
    assert "".join(map(delta_text, bodies)) == "The fake heard: Hello there"
    usage = usage_of(bodies[-1])
    assert (usage.prompt_tokens, usage.cached_tokens, usage.reasoning_tokens) == (126, 100, 12)
    assert fake.requests[0]["stream"] is True


async def test_tools(provider: AnthropicProvider, fake: FakeAnthropic) -> None:
    fake.script += [[USED], [USED]]
    whole = (await provider.answer(body(tools=[TOOL])))["choices"][0]
    assert whole["finish_reason"] == "tool_calls"
    call = whole["message"]["tool_calls"][0]
    chunks = await collect(provider, body(tools=[TOOL]))
    streamed = [
        one["function"]["arguments"]
        for chunk in chunks
        if chunk["choices"]
        for one in chunk["choices"][0]["delta"].get("tool_calls", [])
    ]
    assert json.loads("".join(streamed)) == json.loads(call["function"]["arguments"])
    assert len(streamed) > 3
    told = [*body()["messages"], whole["message"]]
    told.append({"role": "tool", "tool_call_id": call["id"], "content": "found"})
    assert (await provider.answer({**body(tools=[TOOL]), "messages": told}))["choices"]


async def test_thinking_survives_a_round_of_tools(
    provider: AnthropicProvider, fake: FakeAnthropic
) -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "EsEC"}
    fake.script.append([thought, USED])
    asked = body("claude-haiku-4-5", tools=[TOOL], reasoning_effort="low")
    message = (await provider.answer(asked))["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": "toolu_1", "content": "found"}
    await provider.answer({**asked, "messages": [*asked["messages"], message, result]})
    assert fake.requests[-1]["messages"][1]["content"][0] == thought
    assert fake.requests[-1]["thinking"]["type"] == "enabled"


async def test_a_picture(provider: AnthropicProvider, fake: FakeAnthropic) -> None:
    parts = [{"type": "image_url", "image_url": {"url": talk.PNG}}, {"type": "text", "text": "?"}]
    await provider.answer({"model": MODEL, "messages": [{"role": "user", "content": parts}]})
    assert fake.requests[0]["messages"][0]["content"][0]["type"] == "image"


async def test_json_of_a_shape(provider: AnthropicProvider, fake: FakeAnthropic) -> None:
    fake.script.append([{"type": "text", "text": '{"n": 1}'}])
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
    made = await provider.answer(body(response_format=form))
    assert json.loads(made["choices"][0]["message"]["content"]) == {"n": 1}
    assert fake.requests[0]["output_config"]["format"]["schema"]["additionalProperties"] is False


REFUSED = [
    ("claude-unknown", errors.UnknownModelError),
    ("claude-limit-5", errors.RateLimitError),
    ("claude-busy-5", errors.OverloadedError),
    ("claude-boom-5", errors.ProviderError),
    ("claude-late-5", errors.TimedOutError),
    ("claude-huge-5", errors.ContextError),
    ("claude-long-5", errors.ContextError),
    ("claude-context-5", errors.ContextError),
    ("claude-filter-5", errors.FilteredError),
    ("claude-refusal-5", errors.FilteredError),
    ("claude-credit-5", errors.RateLimitError),
    ("claude-spent-5", errors.RateLimitError),
    ("claude-forbidden-5", errors.AuthError),
    ("claude-early-5", errors.UnreachableError),
    ("claude-garbage-5", errors.BadAnswerError),
    ("claude-strange-5", errors.BadAnswerError),
    ("claude-html-5", errors.BadAnswerError),
]


@pytest.mark.parametrize(("model", "kind"), REFUSED)
async def test_each_fault_is_its_error(
    provider: AnthropicProvider, model: str, kind: type[errors.CoreError]
) -> None:
    for asking in (provider.answer(body(model)), collect(provider, body(model))):
        with pytest.raises(errors.CoreError) as caught:
            await asking
        assert type(caught.value) is kind
        assert "anthropic" in caught.value.message


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("claude-reset-5", errors.UnreachableError),
        ("claude-cut-5", errors.BadAnswerError),
        ("claude-half-5", errors.BadAnswerError),
        ("claude-overloaded-5", errors.OverloadedError),
    ],
)
async def test_a_stream_that_breaks_gives_what_came_first(
    provider: AnthropicProvider, model: str, kind: type[errors.CoreError]
) -> None:
    events = provider.stream(body(model))
    assert delta_text((await anext(events))[0].body)
    with pytest.raises(errors.CoreError) as caught:
        async for _ in events:
            pass
    assert type(caught.value) is kind


async def test_json_where_a_stream_was_asked_for(provider: AnthropicProvider) -> None:
    with pytest.raises(errors.BadAnswerError, match="where a stream"):
        await collect(provider, body("claude-whole-5"))


async def test_an_answer_that_cannot_be_written_again(
    provider: AnthropicProvider, fake: FakeAnthropic
) -> None:
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    fake.script.append([{**USED, "input": {"path": deep}}])
    with pytest.raises(errors.BadAnswerError, match="too deep"):
        await provider.answer(body(tools=[TOOL]))


async def test_the_server_says_how_long_to_wait(provider: AnthropicProvider) -> None:
    with pytest.raises(errors.RateLimitError) as caught:
        await provider.answer(body("claude-pause-5"))
    assert caught.value.retry_after == 7


async def test_a_wrong_key_is_not_repeated(fake: FakeAnthropic, tmp_path: Path) -> None:
    config = ProviderConfig("anthropic", fake.base_url + "/v1", "ANTHROPIC_API_KEY")
    keys = Keys(KeyFile(tmp_path / "auth.json"), {"anthropic": "sk-ant-wrong"}, {})
    provider = AnthropicProvider(config, keys, Limits())
    with pytest.raises(errors.AuthError) as caught:
        await provider.models()
    assert "sk-ant-wrong" not in caught.value.message
    assert "(key)" in caught.value.message
    await provider.aclose()


async def test_anthropic_itself_gets_the_key_once(tmp_path: Path) -> None:
    keys = Keys(KeyFile(tmp_path / "auth.json"), {}, {})
    far = AnthropicProvider(
        ProviderConfig("anthropic", "https://api.anthropic.com/v1"), keys, Limits()
    )
    assert far._headers(KEY) == {
        "anthropic-version": "2023-06-01",
        "Authorization": f"Bearer {KEY}",
    }
    assert far._headers("") == {"anthropic-version": "2023-06-01"}


async def test_an_address_where_something_else_answers(fake: Any, tmp_path: Path) -> None:
    config = ProviderConfig("anthropic", fake.base_url + "/odd")
    provider = AnthropicProvider(config, Keys(KeyFile(tmp_path / "auth.json"), {}, {}), Limits())
    with pytest.raises(errors.BadAnswerError, match="base_url"):
        await provider.models()
    await provider.aclose()


async def test_silence_has_an_end(fake: FakeAnthropic, tmp_path: Path) -> None:
    config = ProviderConfig("anthropic", fake.base_url + "/v1", "ANTHROPIC_API_KEY")
    keys = Keys(KeyFile(tmp_path / "auth.json"), {"anthropic": KEY}, {})
    provider = AnthropicProvider(config, keys, Limits(first_byte=0.05, silence=0.05))
    for model in ("claude-silent-5", "claude-held-5"):
        with pytest.raises(errors.TimedOutError):
            await collect(provider, body(model))
    assert provider.state() == "unreachable"
    await provider.aclose()


async def test_who_leaves_frees_the_connection(
    provider: AnthropicProvider, fake: FakeAnthropic
) -> None:
    events = provider.stream(body("claude-held-5"))
    await anext(events)
    await fake.until(fake.held)
    await events.aclose()
    await fake.until(fake.left)


async def test_cancelling_frees_the_connection(
    provider: AnthropicProvider, fake: FakeAnthropic
) -> None:
    task = asyncio.create_task(collect(provider, body("claude-silent-5")))
    await fake.until(fake.held)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fake.until(fake.left)


async def test_models_are_listed_page_by_page(
    provider: AnthropicProvider, fake: FakeAnthropic
) -> None:
    assert provider.offer().models is None
    assert await provider.models() == tuple(fake.models)
    assert provider.offer().models == tuple(fake.models)
    assert len(fake.headers) == 2
    traits = provider.traits(MODEL)
    assert (traits.context, traits.tools, traits.images) == (200_000, True, True)


async def test_what_it_does_not_do(provider: AnthropicProvider) -> None:
    await provider.probe()
    assert not provider.fills(MODEL)
    with pytest.raises(errors.InputError):
        await provider.embed({"model": MODEL, "input": "x"})
    with pytest.raises(errors.InputError):
        await anext(provider.fill({"model": MODEL, "prompt": "x"}))
    with pytest.raises(errors.InputError, match="n out"):
        await collect(provider, body(n=3))
