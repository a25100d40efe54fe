from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from zeke_bridge.core.providers.base import Chunk, Endpoint
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.core.providers.local import LocalProvider
from zeke_bridge.model.errors import (
    BadAnswerError,
    InputError,
    NoModelError,
    ProviderError,
    TimedOutError,
)
from zeke_bridge.wire.openai import delta_text, finish_reason, usage_of

pytestmark = pytest.mark.anyio


def body(model: str = "tiny") -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello"}]}


async def listen(provider: LocalProvider, model: str = "tiny") -> str:
    async with contextlib.aclosing(provider.stream(body(model))) as events:
        return "".join([delta_text(one.body) async for chunks in events for one in chunks])


async def test_it_starts_when_asked_and_counts_as_in_use(server: Any) -> None:
    server.names = ["tiny", "held"]
    provider = LocalProvider(server, Limits())
    assert provider.state() == "healthy"
    assert server.started == 0
    stream = provider.stream(body("held"))
    await anext(stream)
    assert (server.started, server.using) == (1, 1)
    server.fake.release()
    assert len([chunk async for chunk in stream]) > 0
    assert server.using == 0
    assert server.touched > 0
    await provider.aclose()
    assert server.fake is None


async def test_an_early_end_is_no_longer_in_use(server: Any) -> None:
    server.names = ["held"]
    provider = LocalProvider(server, Limits())
    stream = provider.stream(body("held"))
    await anext(stream)
    await stream.aclose()
    assert server.using == 0
    await server.fake.until(server.fake.left)
    await provider.aclose()


@pytest.mark.parametrize("model", ["reset", "reset-early"])
async def test_a_process_that_ends_is_said_and_the_next_call_works(server: Any, model: str) -> None:
    server.names = ["tiny", model, "echo"]
    provider = LocalProvider(server, Limits())
    with pytest.raises(ProviderError, match="process ended"):
        await listen(provider, model)
    assert server.using == 0
    await server.stop()
    assert "says" in await listen(provider, "echo")
    assert server.started == 2
    await provider.aclose()


async def test_a_process_that_ended_unnoticed_is_said(server: Any) -> None:
    server.names = ["echo"]
    provider = LocalProvider(server, Limits())
    await listen(provider, "echo")
    server.fake.__exit__()
    with pytest.raises(ProviderError, match="process ended"):
        await listen(provider, "echo")
    server.fake = None
    await provider.aclose()


async def test_a_start_has_an_end(server: Any) -> None:
    async def never(_model: str) -> Endpoint:
        await asyncio.Event().wait()
        raise AssertionError

    server.ensure = never
    provider = LocalProvider(server, Limits(starting=0.01))
    with pytest.raises(TimedOutError, match="does not start"):
        await listen(provider)
    assert server.using == 0


async def test_a_whole_answer(server: Any) -> None:
    server.names = ["echo"]
    provider = LocalProvider(server, Limits())
    answer = await provider.answer(body("echo"))
    assert answer["choices"][0]["finish_reason"] == "stop"
    await provider.aclose()


async def test_progress_is_asked_for_and_not_passed_on(server: Any) -> None:
    server.names = ["echo"]
    provider = LocalProvider(server, Limits())
    chunks = [chunk async for came in provider.stream(body("echo")) for chunk in came]
    assert server.fake.requests[0]["return_progress"] is True
    assert not any("prompt_progress" in chunk.body for chunk in chunks)
    assert len(chunks) > 2
    await provider.aclose()


async def test_nothing_installed(server: Any) -> None:
    server.names = []
    provider = LocalProvider(server, Limits())
    assert provider.state() == "not installed"
    assert provider.offer().obstacle == "not installed"
    assert await provider.models() == ()


def gap(prefix: str = "x = ", **more: Any) -> dict[str, Any]:
    return {"model": "tiny-coder", "prompt": prefix, "suffix": "\n", **more}


@pytest.fixture
async def filling(server: Any) -> AsyncIterator[LocalProvider]:
    server.names = ["tiny-coder", "tiny"]
    provider = LocalProvider(server, Limits())
    yield provider
    await provider.aclose()


async def filled(provider: LocalProvider, **body: Any) -> list[Chunk]:
    async with contextlib.aclosing(provider.fill(gap(**body))) as events:
        return [chunk async for chunks in events for chunk in chunks]


async def test_filling_is_llama_cpps_own_and_comes_as_a_chat(
    filling: LocalProvider, server: Any
) -> None:
    chunks = await filled(filling, max_tokens=5, stop=["\n"])
    [asked] = server.fake.requests
    assert (asked["input_prefix"], asked["input_suffix"]) == ("x = ", "\n")
    assert (asked["n_predict"], asked["stop"], asked["stream"]) == (5, ["\n"], True)
    assert asked["return_progress"] is True
    assert "".join(delta_text(chunk.body) for chunk in chunks) == "filled"
    assert [finish_reason(chunk.body) for chunk in chunks] == ["", "stop"]
    assert all(json.loads(chunk.text) == chunk.body for chunk in chunks)
    usage = usage_of(chunks[-1].body)
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens) == (7, 1, 2)
    assert server.using == 0


async def test_room_that_ran_out_is_said(filling: LocalProvider) -> None:
    assert finish_reason((await filled(filling, prefix="LONG"))[-1].body) == "length"


async def test_leaving_a_filling_frees_the_model(filling: LocalProvider, server: Any) -> None:
    stream = filling.fill(gap("HOLD"))
    await anext(stream)
    assert server.using == 1
    await stream.aclose()
    assert server.using == 0
    await server.fake.until(server.fake.left)


@pytest.mark.parametrize(
    ("prefix", "kind", "word"),
    [("HALF", BadAnswerError, "half an answer"), ("FAULT", ProviderError, "It broke")],
)
async def test_a_filling_that_fails_is_said(
    filling: LocalProvider, prefix: str, kind: type[Exception], word: str
) -> None:
    with pytest.raises(kind, match=word):
        await filled(filling, prefix=prefix)


async def test_only_models_of_known_families_fill_until_they_show_otherwise(
    filling: LocalProvider,
) -> None:
    assert filling.fills("tiny-coder")
    assert not filling.fills("tiny")
    with pytest.raises(NoModelError, match="cannot fill in the middle"):
        await filled(filling, prefix="NOMARKS")
    assert not filling.fills("tiny-coder")


async def test_it_makes_no_embeddings(filling: LocalProvider) -> None:
    with pytest.raises(InputError, match="no embeddings"):
        await filling.embed({"model": "tiny", "input": "x"})
