from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from tests.fakes.core import unused_address
from tests.fakes.ollama import Ollama
from zeke_bridge.config.ghostllm import ProviderConfig
from zeke_bridge.core.keys import Keys
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.ollama import OllamaProvider
from zeke_bridge.core.routing.traits import Traits
from zeke_bridge.model.errors import InputError, UnreachableError
from zeke_bridge.model.exchange import Usage
from zeke_bridge.wire.openai import delta_text, finish_reason, usage_of

pytestmark = pytest.mark.anyio

CODER = "qwen2.5-coder:7b"


@pytest.fixture
async def server() -> AsyncIterator[Ollama]:
    async with Ollama() as running:
        yield running


@pytest.fixture
async def ollama(
    server: Ollama, keys: Callable[..., Keys], limits: Limits
) -> AsyncIterator[OllamaProvider]:
    made = OllamaProvider(ProviderConfig("ollama", server.base_url), keys(), limits)
    yield made
    await made.aclose()


async def test_models_and_what_they_can_do(ollama: OllamaProvider) -> None:
    assert await ollama.models() == (CODER, "llava:latest", "old:latest")
    free = {"input_price": 0.0, "output_price": 0.0}
    assert ollama.traits(CODER) == Traits(context=8192, tools=True, images=False, **free)
    assert ollama.traits("llava:latest") == Traits(context=4096, tools=False, images=True, **free)
    assert ollama.traits("old:latest") == Traits(**free)
    assert ollama.offer().models == (CODER, "llava:latest", "old:latest")
    assert not ollama.offer().local


async def test_a_model_that_is_not_described_is_still_a_model(
    ollama: OllamaProvider, server: Ollama
) -> None:
    server.broken = CODER
    assert CODER in await ollama.models()
    assert not ollama.fills(CODER)


async def test_it_fills_in_the_middle_with_a_model_that_can(
    ollama: OllamaProvider, server: Ollama
) -> None:
    assert not ollama.fills(CODER)
    await ollama.probe()
    assert ollama.fills(CODER)
    assert not ollama.fills("llava:latest")
    body = {"model": CODER, "prompt": "def f(a):\n    ", "suffix": "\n", "max_tokens": 9}
    async with contextlib.aclosing(ollama.fill(body)) as events:
        chunks = [chunk async for came in events for chunk in came]
    assert "".join(delta_text(chunk.body) for chunk in chunks) == "return a"
    assert [reason for chunk in chunks if (reason := finish_reason(chunk.body))] == ["stop"]
    assert {chunk.body["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert usage_of(chunks[-1].body) == Usage(5, 2, 7)
    options = {"stream": True, "stream_options": {"include_usage": True}}
    assert server.requests == [{**body, **options}]


async def test_it_does_not_fill_with_one_that_cannot(ollama: OllamaProvider) -> None:
    with pytest.raises(InputError, match="cannot fill in the middle"):
        await anext(ollama.fill({"model": "llava:latest", "prompt": "a"}))


async def test_it_chats(ollama: OllamaProvider, server: Ollama) -> None:
    asked = {"model": CODER, "messages": [{"role": "user", "content": "Hi"}]}
    answer = await ollama.answer(asked)
    assert answer["choices"][0]["message"]["content"] == "Hello there"
    assert "Authorization" not in server.headers[0]


async def test_nobody_there(keys: Callable[..., Keys], limits: Limits) -> None:
    made = OllamaProvider(ProviderConfig("ollama", f"{unused_address()}/v1"), keys(), limits)
    with pytest.raises(UnreachableError, match="ollama cannot be reached"):
        await made.models()
    assert made.state() == "unreachable"
    await made.aclose()
