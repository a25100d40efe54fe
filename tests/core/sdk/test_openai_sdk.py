"""The official ``openai`` SDK, unchanged, against a core."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import time
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, Literal

import openai
import pytest
from pydantic import BaseModel

from tests.core.sdk.conftest import LAST, chunk, freed, use
from tests.fakes.provider import FakeProvider
from zeke_bridge.config.ghostllm import GhostConfig, Rates
from zeke_bridge.core.providers.limits import Limits

pytestmark = pytest.mark.anyio

HELLO: Any = [{"role": "user", "content": "Hello there"}]
TOOLS: Any = [{"type": "function", "function": {"name": "read", "parameters": {"type": "object"}}}]


@contextlib.asynccontextmanager
async def client(opened: Any, *args: Any, **more: Any) -> AsyncIterator[openai.AsyncOpenAI]:
    options = {"max_retries": 0, "timeout": 20, **more}
    async with (
        opened(*args) as place,
        openai.AsyncOpenAI(base_url=f"{place.url}/v1", api_key=place.key, **options) as sdk,
    ):
        yield sdk


async def test_a_chat_and_its_receipt(opened: Any) -> None:
    async with client(opened) as sdk:
        whole = await sdk.chat.completions.create(
            model="far:echo", messages=HELLO, max_completion_tokens=50, stream_options=None
        )
        raw = await sdk.chat.completions.with_raw_response.create(model="auto", messages=HELLO)
    assert "Hello there" in (whole.choices[0].message.content or "")
    assert whole.usage is not None
    assert whole.usage.total_tokens > 0
    assert whole.model_extra is not None
    assert whole.model_extra["provider"] == "far"
    assert raw.headers["x-request-id"] == raw.parse()._request_id
    assert raw.headers["x-ghostllm-cache"] == "miss"


async def test_the_blocking_client(opened: Any) -> None:
    def ask(url: str, key: str) -> tuple[str, str]:
        with openai.OpenAI(base_url=url, api_key=key, max_retries=0) as sdk:
            whole = sdk.chat.completions.create(model="far:echo", messages=HELLO)
            stream = sdk.chat.completions.create(model="far:echo", messages=HELLO, stream=True)
            pieces = [piece.choices[0].delta.content or "" for piece in stream]
        return whole.choices[0].message.content or "", "".join(pieces)

    async with opened() as place:
        whole, streamed = await asyncio.to_thread(ask, f"{place.url}/v1", place.key)
    assert whole == streamed != ""


async def test_a_stream_with_and_without_usage(opened: Any) -> None:
    async with client(opened) as sdk:
        bare = await sdk.chat.completions.create(model="far:echo", messages=HELLO, stream=True)
        plain = [piece async for piece in bare]
        counted = await sdk.chat.completions.create(
            model="far:echo", messages=HELLO, stream=True, stream_options={"include_usage": True}
        )
        pieces = [piece async for piece in counted]
    assert all(piece.usage is None for piece in plain)
    assert pieces[-1].usage is not None
    assert pieces[-1].choices == []
    assert [piece.usage for piece in pieces[:-1]] == [None] * (len(pieces) - 1)


async def test_tools_and_the_pieces_of_their_arguments(opened: Any, fake: FakeProvider) -> None:
    pieces = ['{"pa', "", 'th": ', '"a.py"}']
    first = use("", id="call_1", type="function", name="read")
    fake.script.append([first, *(use(piece) for piece in pieces), chunk({}, "tool_calls"), LAST])
    async with client(opened) as sdk:
        stream = await sdk.chat.completions.create(
            model="far:tools", messages=HELLO, tools=TOOLS, tool_choice="required", stream=True
        )
        told = [
            call.function.arguments
            async for piece in stream
            for call in piece.choices[0].delta.tool_calls or ()
            if call.function
        ]
        whole = await sdk.chat.completions.create(
            model="far:tools", messages=HELLO, tools=TOOLS, parallel_tool_calls=False
        )
    assert told == ["", *pieces]
    calls = whole.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].type == "function"
    assert json.loads(calls[0].function.arguments) == {"path": "a.py"}
    assert fake.requests[0]["tool_choice"] == "required"
    assert fake.requests[1]["parallel_tool_calls"] is False


async def test_the_stream_helper_gathers_everything(opened: Any, fake: FakeProvider) -> None:
    first = use("", id="call_1", type="function", name="read")
    said = [chunk({"role": "assistant", "content": "Let me "}), chunk({"content": "look."})]
    fake.script.append([*said, first, use('{"path":1}'), chunk({}, "tool_calls"), LAST])
    async with (
        client(opened) as sdk,
        sdk.chat.completions.stream(model="far:tools", messages=HELLO, tools=TOOLS) as stream,
    ):
        kinds = [event.type async for event in stream]
        final = await stream.get_final_completion()
    assert "tool_calls.function.arguments.done" in kinds
    assert final.choices[0].message.content == "Let me look."
    calls = final.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].function.arguments == '{"path":1}'


class Verdict(BaseModel):
    """What the model is to fill in."""

    kind: Literal["good", "bad"]
    score: int
    reasons: list[str]


async def test_structured_output(opened: Any, fake: FakeProvider) -> None:
    async with client(opened) as sdk:
        parsed = await sdk.chat.completions.parse(
            model="far:echo", messages=HELLO, response_format=Verdict
        )
    verdict = parsed.choices[0].message.parsed
    assert verdict is not None
    assert verdict.kind == "bad"
    form = fake.requests[0]["response_format"]
    assert form["json_schema"]["schema"]["properties"]["score"]["type"] == "integer"


async def test_older_ways_of_asking(opened: Any, fake: FakeProvider) -> None:
    functions: Any = [{"name": "read", "parameters": {"type": "object"}}]
    async with client(opened) as sdk:
        await sdk.chat.completions.create(
            model="far:echo", messages=HELLO, functions=functions, function_call="auto"
        )
        whole = await sdk.completions.create(model="far:echo", prompt="Once upon", max_tokens=7)
        stream = await sdk.completions.create(
            model="far:echo",
            prompt="Once upon",
            stream=True,
            stream_options={"include_usage": True},
        )
        pieces = [piece async for piece in stream]
        filled = await sdk.completions.create(
            model="far:echo", prompt="ANSWER: b\n", suffix="\n", max_tokens=7
        )
        filling = await sdk.completions.create(
            model="far:echo",
            prompt="ANSWER: c\n",
            suffix="\n",
            stream=True,
            stream_options={"include_usage": True},
        )
        fillings = [piece async for piece in filling]
        with pytest.raises(openai.BadRequestError, match="one text"):
            await sdk.completions.create(model="far:echo", prompt=["a", "b"])
    assert fake.requests[0]["functions"] == functions
    assert fake.requests[1]["max_tokens"] == 7
    assert whole.choices[0].text.endswith("Once upon")
    assert whole.object == "text_completion"
    assert "".join(piece.choices[0].text for piece in pieces[:-1]) == whole.choices[0].text
    assert pieces[-1].usage == whole.usage
    assert (filled.choices[0].text, filled.choices[0].finish_reason) == ("b", "stop")
    assert [piece.choices[0].text for piece in fillings[:-1]] == ["c", ""]
    assert {piece.model for piece in fillings} == {"echo"}
    assert fillings[-1].usage is not None


async def test_models(opened: Any) -> None:
    async with client(opened) as sdk:
        listed = [model async for model in sdk.models.list()]
        one = await sdk.models.retrieve("far:echo")
        with pytest.raises(openai.NotFoundError):
            await sdk.models.retrieve("far:nothing")
    assert "far:echo" in {model.id for model in listed}
    assert (one.id, one.owned_by) == ("far:echo", "far")


async def test_embeddings_as_numbers_and_as_base64(opened: Any, fake: FakeProvider) -> None:
    async with client(opened) as sdk:
        usual = await sdk.embeddings.create(model="far:text-embedding-fake", input=["a", "b"])
        numbers = await sdk.embeddings.create(
            model="far:text-embedding-fake", input="a", encoding_format="float"
        )
        packed = await sdk.embeddings.create(
            model="far:text-embedding-fake", input=[1, 2], encoding_format="base64"
        )
    assert [row.embedding for row in usual.data] == [[0.5, -0.25, 2.0]] * 2
    assert numbers.data[0].embedding == [0.5, -0.25, 1.0]
    assert isinstance(packed.data[0].embedding, str)
    assert usual.usage.total_tokens == 2
    assert [row["encoding_format"] for row in fake.requests] == ["base64", "float", "base64"]


@pytest.mark.parametrize(
    ("model", "kind", "code"),
    [
        ("far:refuse401", openai.AuthenticationError, "auth_failed"),
        ("far:gone404", openai.NotFoundError, "unknown_model"),
        ("far:nothing", openai.NotFoundError, "unknown_model"),
        ("far:long400", openai.BadRequestError, "context_too_long"),
        ("far:quota429", openai.RateLimitError, "rate_limited"),
        ("far:html", openai.InternalServerError, "bad_answer"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_errors_are_the_sdks_own(
    opened: Any, model: str, kind: type[openai.APIStatusError], code: str, stream: bool
) -> None:
    async with client(opened) as sdk:
        with pytest.raises(kind) as caught:
            await sdk.chat.completions.create(model=model, messages=HELLO, stream=stream)
    assert caught.value.code == code
    assert caught.value.request_id is not None


async def test_a_wrong_key_and_a_wrong_question(opened: Any) -> None:
    async with client(opened) as sdk:
        stranger = sdk.with_options(api_key="gk-nobody")
        with pytest.raises(openai.AuthenticationError):
            await stranger.chat.completions.create(model="auto", messages=HELLO)
        with pytest.raises(openai.BadRequestError, match="messages"):
            await sdk.chat.completions.create(model="auto", messages=[])


@pytest.mark.parametrize("stream", [False, True])
async def test_our_own_limit_says_at_once_when_to_come_again(
    opened: Any,
    settled: GhostConfig,
    fake: FakeProvider,
    stream: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whatever time thirty questions take here, for the limit it is none.
    still = SimpleNamespace(monotonic=lambda: 1000.0, time=time.time)
    for name in ("call", "run"):
        monkeypatch.setattr(f"zeke_bridge.core.relay.{name}.time", still)
    slow = dataclasses.replace(settled.providers["far"], rates=Rates(requests_per_minute=30))
    config = dataclasses.replace(settled, providers={"far": slow})
    async with client(opened, config, None, Limits()) as sdk:
        for number in range(30):
            asked: Any = [{"role": "user", "content": f"Question {number}"}]
            await sdk.chat.completions.create(model="far:echo", messages=asked)
        # In two seconds it could be asked: but a limit of ours is no reason to try again.
        with pytest.raises(openai.RateLimitError, match="limit of 30 requests") as caught:
            await sdk.chat.completions.create(model="far:echo", messages=HELLO, stream=stream)
    assert caught.value.status_code == 429
    assert caught.value.response.headers["retry-after"] in {"1", "2"}
    assert len(fake.requests) == 30


@pytest.mark.parametrize("stream", [False, True])
async def test_a_providers_limit_says_at_once_when_to_come_again(
    opened: Any, settled: GhostConfig, fake: FakeProvider, stream: bool
) -> None:
    async with client(opened, settled, None, Limits()) as sdk:
        with pytest.raises(openai.RateLimitError, match="wait 7 s") as caught:
            await sdk.chat.completions.create(
                model="far:limit429-after", messages=HELLO, stream=stream
            )
    assert caught.value.status_code == 429
    assert caught.value.response.headers["retry-after"] == "7"
    assert len(fake.requests) == 1


async def test_what_would_fail_again_is_not_asked_again(opened: Any, fake: FakeProvider) -> None:
    async with client(opened, max_retries=2) as sdk:
        with pytest.raises(openai.InternalServerError):
            await sdk.chat.completions.create(model="far:html", messages=HELLO)
    assert len(fake.requests) == 1


async def test_a_stream_that_breaks_off_is_an_error(opened: Any) -> None:
    async with client(opened) as sdk:
        for model, words in [("half", "half an answer"), ("stream-fault", "exploded")]:
            stream = await sdk.chat.completions.create(
                model=f"far:{model}", messages=HELLO, stream=True
            )
            with pytest.raises(openai.APIError, match=words):
                [piece async for piece in stream]


async def test_a_client_that_loses_patience_frees_the_provider(
    opened: Any, fake: FakeProvider
) -> None:
    async with client(opened) as sdk:
        with pytest.raises(openai.APITimeoutError):
            await sdk.chat.completions.create(model="far:silent", messages=HELLO, timeout=0.3)
        await freed(fake)


async def test_a_client_that_leaves_frees_the_provider(opened: Any, fake: FakeProvider) -> None:
    async with client(opened) as sdk:
        stream = await sdk.chat.completions.create(model="far:held", messages=HELLO, stream=True)
        await anext(aiter(stream))
        await stream.close()
        await freed(fake)
        fake.left.clear()
        fake.held.clear()
        asked = sdk.chat.completions.create(model="far:silent", messages=HELLO)
        task = asyncio.create_task(asked)
        await fake.until(fake.held)
        task.cancel()
        await freed(fake)
