"""Each service of OpenAI's dialect, against a server that has its ways."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.fakes.family import GLM, VLLM, XAI, Groq, LiteLLM, OpenAI, OpenRouter
from tests.fakes.member import Member
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.base import Chunk, Describing, Provider
from zeke_bridge.core.providers.build import build
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import AuthError, UnknownModelError
from zeke_bridge.model.exchange import Usage
from zeke_bridge.wire.openai import delta_text, usage_of

pytestmark = pytest.mark.anyio

Meet = Callable[..., contextlib.AbstractAsyncContextManager[tuple[Member, Provider]]]
USAGE = Usage(5, 2, 7)


@pytest.fixture
def meet(keys: Callable[..., Keys], limits: Limits) -> Meet:
    """A running member and the provider that talks to it."""

    @contextlib.asynccontextmanager
    async def meeting(
        member: Member, key: str = "", dialect: str = "openai"
    ) -> AsyncIterator[tuple[Member, Provider]]:
        async with member:
            config = ProviderConfig(member.who, member.base_url, "A_KEY", dialect=dialect)
            provider = build(config, keys(**{member.who: key or member.key}), limits)
            try:
                yield member, provider
            finally:
                await provider.aclose()

    return meeting


def asked(model: str = "small", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hi"}], **more}


async def streamed(provider: Provider, body: dict[str, Any]) -> list[Chunk]:
    async with contextlib.aclosing(provider.stream(body)) as events:
        return [chunk async for chunks in events for chunk in chunks]


def last_usage(chunks: list[Chunk]) -> Usage | None:
    return [usage for chunk in chunks if (usage := usage_of(chunk.body))][-1]


@pytest.mark.parametrize("kind", [OpenAI, Groq, XAI, OpenRouter, LiteLLM, GLM])
async def test_a_stream_and_its_usage(meet: Meet, kind: type[Member]) -> None:
    async with meet(kind(), dialect="glm" if kind is GLM else "openai") as (_, provider):
        chunks = await streamed(provider, asked())
        assert "".join(delta_text(chunk.body) for chunk in chunks) == "Hello there"
        usage = last_usage(chunks)
        assert usage is not None
        assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (5, 2, 7)


@pytest.mark.parametrize("kind", [OpenAI, Groq, XAI, OpenRouter, LiteLLM, GLM])
async def test_a_whole_answer(meet: Meet, kind: type[Member]) -> None:
    async with meet(kind(), dialect="glm" if kind is GLM else "openai") as (_, provider):
        answer = await provider.answer(asked())
        assert answer["choices"][0]["message"]["content"] == "Hello there"
        assert usage_of(answer) is not None


@pytest.mark.parametrize("kind", [OpenAI, Groq, XAI, OpenRouter, LiteLLM, VLLM, GLM])
async def test_a_wrong_key(meet: Meet, kind: type[Member]) -> None:
    dialect = "glm" if kind is GLM else "openai"
    async with meet(kind(), "sk-wrong", dialect) as (_, provider):
        with pytest.raises(AuthError, match="refused the key"):
            await provider.probe()
        with pytest.raises(AuthError, match="refused the key"):
            await streamed(provider, asked())


async def test_openai_gets_what_its_reasoning_models_take(meet: Meet) -> None:
    async with meet(OpenAI()) as (member, provider):
        await provider.answer(asked("gpt-6-luna", max_tokens=9, temperature=0.2, top_p=1))
        assert member.requests[0] == asked("gpt-6-luna", max_completion_tokens=9)


async def test_openai_says_what_was_cached_and_what_was_thought(meet: Meet) -> None:
    async with meet(OpenAI()) as (_, provider):
        usage = usage_of(await provider.answer(asked()))
        assert usage is not None
        assert (usage.cached_tokens, usage.reasoning_tokens) == (3, 1)


async def test_groqs_usage_reaches_the_client_where_others_have_it(meet: Meet) -> None:
    async with meet(Groq()) as (_, provider):
        last = (await streamed(provider, asked()))[-1]
        assert last.body["usage"]["total_tokens"] == 7
        assert '"usage":{"queue_time":0.01' in last.text


async def test_xais_thinking_passes_through(meet: Meet) -> None:
    async with meet(XAI()) as (_, provider):
        first = (await streamed(provider, asked()))[0]
        assert first.body["choices"][0]["delta"]["reasoning_content"] == "Hm"


async def test_openrouter_is_told_who_asks(meet: Meet) -> None:
    async with meet(OpenRouter()) as (member, provider):
        await provider.answer(asked())
        assert member.headers[0]["X-Title"] == "GhostLLM"
        assert member.headers[0]["HTTP-Referer"].startswith("https://")


async def test_openrouters_list_shows_nothing_of_the_key_but_its_probe_does(meet: Meet) -> None:
    async with meet(OpenRouter(), "sk-wrong") as (_, provider):
        assert await provider.models() == ("acme/seer", "openrouter/auto")
        with pytest.raises(AuthError):
            await provider.probe()


async def test_litellms_usage_chunk_keeps_its_choice(meet: Meet) -> None:
    async with meet(LiteLLM()) as (_, provider):
        last = (await streamed(provider, asked()))[-1]
        assert last.body["choices"] != []
        assert usage_of(last.body) == USAGE


async def test_vllms_errors_stand_on_top(meet: Meet) -> None:
    async with meet(VLLM()) as (_, provider):
        with pytest.raises(UnknownModelError, match="vllm does not have this model"):
            await provider.answer(asked("other"))


@pytest.mark.parametrize(
    ("kind", "model", "traits"),
    [
        (Groq, "llama-3.1-8b-instant", Traits(context=131072)),
        (VLLM, "Qwen/Qwen2.5-Coder-7B", Traits(context=32768)),
        (OpenRouter, "acme/seer", Traits(200000, True, False, True, 3.0, 15.0)),
        (OpenRouter, "openrouter/auto", Traits()),
        (OpenAI, "small", Traits()),
    ],
)
async def test_what_a_list_says_of_models(
    meet: Meet, kind: type[Member], model: str, traits: Traits
) -> None:
    async with meet(kind()) as (_, provider):
        assert model in await provider.models()
        assert isinstance(provider, Describing)
        assert provider.traits(model) == traits


async def test_glm_signs_a_token_once_for_several_calls(meet: Meet) -> None:
    async with meet(GLM(), dialect="glm") as (member, provider):
        await provider.answer(asked(max_completion_tokens=3))
        await provider.answer(asked())
        assert member.requests[0] == asked(max_tokens=3)
        assert len({one["Authorization"] for one in member.headers}) == 1
        assert "a-secret" not in member.headers[0]["Authorization"]


async def test_glm_takes_a_plain_key_too(meet: Meet) -> None:
    async with meet(GLM(), "plain-key", "glm") as (member, provider):
        await provider.answer(asked())
        assert member.headers[0]["Authorization"] == "Bearer plain-key"
