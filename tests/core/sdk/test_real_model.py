"""Both official SDKs against a core whose model is the real local one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest
from pydantic import BaseModel

from zeke_bridge.config.ghostllm import GhostConfig
from zeke_bridge.core.local.server import LlamaServer
from zeke_bridge.core.local.shelf import Shelf, models_directory
from zeke_bridge.core.providers.limits import Limits

pytestmark = [pytest.mark.anyio, pytest.mark.local_model]

MODEL = "qwen2.5-coder-0.5b"
NAME = f"local:{MODEL}"
ASKED: Any = [{"role": "user", "content": "Write a Python function that adds two numbers."}]


class Person(BaseModel):
    """What the model is to fill in."""

    name: str
    age: int


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[LlamaServer]:
    if Shelf(models_directory()).find(MODEL) is None:
        pytest.skip(f"{MODEL} is not installed: run `zeke model install 0.5b`")
    running = LlamaServer(models_directory(), tmp_path, log=tmp_path / "model.log")
    yield running
    await running.stop()


async def test_the_sdks_and_a_real_model(opened: Any, server: Any, tmp_path: Path) -> None:
    config = GhostConfig(("local",), {}, path=tmp_path / "config.toml")
    async with opened(config, server, Limits()) as place:
        async with openai.AsyncOpenAI(base_url=f"{place.url}/v1", api_key=place.key) as sdk:
            await chats(sdk)
        async with anthropic.AsyncAnthropic(base_url=place.url, api_key=place.key) as other:
            await converses(other)


async def chats(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(
        model="auto",
        messages=ASKED,
        max_completion_tokens=40,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    pieces = [piece async for piece in stream]
    text = "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices)
    assert "def " in text
    assert pieces[-1].usage is not None
    assert 0 < pieces[-1].usage.completion_tokens <= 40
    ask: Any = [{"role": "user", "content": "Ada is 36 years old. Give her name and age as JSON."}]
    parsed = await sdk.chat.completions.parse(
        model=NAME, messages=ask, response_format=Person, max_tokens=60, temperature=0
    )
    assert parsed.choices[0].message.parsed == Person(name="Ada", age=36)
    assert NAME in [model.id async for model in sdk.models.list()]


async def converses(sdk: anthropic.AsyncAnthropic) -> None:
    async with sdk.messages.stream(
        model=NAME,
        max_tokens=40,
        messages=ASKED,
        system="Answer with code only.",
        extra_body={"temperature": 0},
    ) as stream:
        text = "".join([piece async for piece in stream.text_stream])
        final = await stream.get_final_message()
    assert "def " in text
    assert final.stop_reason in {"end_turn", "max_tokens"}
    assert final.usage.input_tokens + (final.usage.cache_read_input_tokens or 0) > 10
    assert 0 < final.usage.output_tokens <= 40
    whole = await sdk.messages.create(
        model="auto", max_tokens=3, messages=[{"role": "user", "content": "Count to ten."}]
    )
    assert whole.stop_reason == "max_tokens"
