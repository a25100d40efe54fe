"""The fake speaks as the real one does: the official SDK understands it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest

from tests.core.providers.anthropic.conftest import KEY
from tests.fakes.anthropic import LAST_USAGE, THINKING, FakeAnthropic

pytestmark = pytest.mark.anyio

ASK: Any = {
    "max_tokens": 100,
    "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
}
USED = {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a"}}


@pytest.fixture
async def client(fake: FakeAnthropic) -> AsyncIterator[anthropic.AsyncAnthropic]:
    made = anthropic.AsyncAnthropic(api_key=KEY, base_url=fake.base_url, max_retries=0)
    yield made
    await made.close()


async def test_a_whole_answer(client: anthropic.AsyncAnthropic, fake: FakeAnthropic) -> None:
    fake.script.append([THINKING, {"type": "text", "text": "Yes"}, USED])
    message = await client.messages.create(model="claude-sonnet-5-5", **ASK)
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert message.stop_reason == "tool_use"
    assert message.usage.output_tokens_details.thinking_tokens == 12
    assert message.usage.cache_read_input_tokens == 100


async def test_a_stream(client: anthropic.AsyncAnthropic, fake: FakeAnthropic) -> None:
    fake.script.append([THINKING, {"type": "text", "text": "Yes, I do"}, USED])
    async with client.messages.stream(model="claude-sonnet-5-5", **ASK) as stream:
        kinds = [event.type async for event in stream]
        message = await stream.get_final_message()
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert message.content[0].thinking == THINKING["thinking"]
    assert message.content[0].signature == THINKING["signature"]
    assert message.content[1].text == "Yes, I do"
    assert message.content[2].input == {"path": "a"}
    assert message.usage.output_tokens == LAST_USAGE["output_tokens"]


async def test_the_list_of_models(client: anthropic.AsyncAnthropic, fake: FakeAnthropic) -> None:
    assert [model.id async for model in client.models.list(limit=2)] == fake.models


@pytest.mark.parametrize(
    ("model", "error"),
    [
        ("claude-busy-5", anthropic.APIStatusError),
        ("claude-limit-5", anthropic.RateLimitError),
        ("claude-unknown", anthropic.NotFoundError),
        ("claude-long-5", anthropic.BadRequestError),
        ("claude-boom-5", anthropic.InternalServerError),
    ],
)
async def test_errors(client: anthropic.AsyncAnthropic, model: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        await client.messages.create(model=model, **ASK)


async def test_an_error_in_the_midst(client: anthropic.AsyncAnthropic) -> None:
    with pytest.raises(anthropic.APIStatusError) as caught:
        async with client.messages.stream(model="claude-overloaded-5", **ASK) as stream:
            async for _ in stream:
                pass
    assert json.loads(json.dumps(caught.value.body))["error"]["type"] == "overloaded_error"
