from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.fakes.provider import FakeProvider
from zeke_bridge.core.providers.base import Chunk
from zeke_bridge.core.providers.connection import Connection
from zeke_bridge.core.providers.http import Http, Peer
from zeke_bridge.core.providers.limits import Limits
from zeke_bridge.model import errors
from zeke_bridge.wire.openai import delta_text, usage_of

pytestmark = pytest.mark.anyio

KEY = "sk-very-secret"
SHORT = Limits(connect=30, first_byte=0.05, silence=0.05, listing=30)


@pytest.fixture
async def connection(fake: FakeProvider) -> AsyncIterator[Connection]:
    made = Connection(Peer("far", fake.base_url), Limits())
    yield made
    await made.aclose()


def body(model: str, **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": "Hello there"}], **more}


async def collect(connection: Connection, model: str, key: str = KEY) -> list[Chunk]:
    async with contextlib.aclosing(connection.stream(body(model), key)) as events:
        return [chunk async for chunks in events for chunk in chunks]


async def test_a_stream_comes_in_order_and_ends_with_usage(
    connection: Connection, fake: FakeProvider
) -> None:
    fake.script.append("one two\nthree ä€😀")
    chunks = await collect(connection, "echo")
    assert "".join(delta_text(chunk.body) for chunk in chunks) == "one two\nthree ä€😀"
    assert usage_of(chunks[-1].body) is not None
    assert fake.requests[0]["stream_options"] == {"include_usage": True}


async def test_what_came_together_with_a_fault_is_given_first(connection: Connection) -> None:
    events = connection.stream(body("stream-fault"), KEY)
    assert delta_text((await anext(events))[0].body) == "one "
    with pytest.raises(errors.ProviderError, match="exploded"):
        await anext(events)


async def test_a_whole_answer(connection: Connection, fake: FakeProvider) -> None:
    fake.script.append("yes")
    answer = await connection.answer(body("echo", tools=[{"x": 1}]), KEY)
    assert answer["choices"][0]["message"]["content"] == "yes"
    assert fake.requests[0] == body("echo", tools=[{"x": 1}])


async def test_the_list_of_models(connection: Connection) -> None:
    assert "echo" in await connection.models(KEY)


FAULTS = [
    ("half", errors.BadAnswerError),
    ("cut", errors.BadAnswerError),
    ("html", errors.BadAnswerError),
    ("garbage", errors.BadAnswerError),
    ("noise", errors.BadAnswerError),
    ("reset", errors.UnreachableError),
    ("reset-early", errors.UnreachableError),
    ("stream-fault", errors.ProviderError),
    ("refuse401", errors.AuthError),
    ("limit429", errors.RateLimitError),
    ("boom500", errors.ProviderError),
    ("gone404", errors.UnknownModelError),
    ("long400", errors.ContextError),
]


@pytest.mark.parametrize(("model", "kind"), FAULTS)
async def test_each_fault_of_a_stream_is_its_error(
    connection: Connection, model: str, kind: type[errors.ZekeError]
) -> None:
    with pytest.raises(kind) as caught:
        await collect(connection, model)
    assert type(caught.value) is kind
    assert "far" in caught.value.message
    assert KEY not in caught.value.message


@pytest.mark.parametrize(
    ("model", "kind"),
    [row for row in FAULTS if row[0] not in {"half", "cut", "reset", "stream-fault"}],
)
async def test_each_fault_of_a_whole_answer_is_its_error(
    connection: Connection, model: str, kind: type[errors.ZekeError]
) -> None:
    with pytest.raises(kind) as caught:
        await connection.answer(body(model), KEY)
    assert type(caught.value) is kind


@pytest.mark.parametrize("model", ["hang", "silent", "held"])
async def test_silence_has_an_end(fake: FakeProvider, model: str) -> None:
    connection = Connection(Peer("far", fake.base_url), SHORT)
    with pytest.raises(errors.TimedOutError, match="far"):
        await collect(connection, model)
    await fake.until(fake.left)
    await connection.aclose()


async def test_a_slow_reader_is_not_taken_for_a_slow_server(
    connection: Connection, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, loop = connection.stream(body("held"), KEY), asyncio.get_running_loop()
    await anext(events)
    fake.release()
    # An hour passes until the reader comes back.
    now = loop.time
    monkeypatch.setattr(loop, "time", lambda: now() + 3600)
    assert [chunk async for chunks in events for chunk in chunks]


async def test_nobody_there(fake: FakeProvider) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        connection = Connection(Peer("far", url), Limits())
        with pytest.raises(errors.UnreachableError, match="cannot be reached"):
            await connection.models(KEY)
    await connection.aclose()


async def test_an_answer_without_end_is_cut_off(fake: FakeProvider) -> None:
    limits = dataclasses.replace(Limits(), answer_bytes=2000)
    connection = Connection(Peer("far", fake.base_url), limits)
    fake.script.append("word " * 1000)
    with pytest.raises(errors.BadAnswerError, match="2000 bytes"):
        await collect(connection, "echo")
    await connection.aclose()


async def test_a_server_that_repeats_the_key_does_not_make_it_known(
    connection: Connection,
) -> None:
    with pytest.raises(errors.AuthError) as caught:
        await collect(connection, "echo", key="sk-wrong-one")
    assert "sk-wrong-one" not in caught.value.message
    assert "(key)" in caught.value.message


async def test_closing_a_stream_early_reaches_the_server(
    connection: Connection, fake: FakeProvider
) -> None:
    chunks = connection.stream(body("held"), KEY)
    await anext(chunks)
    await fake.until(fake.held)
    await chunks.aclose()
    await fake.until(fake.left)


async def test_cancelling_reaches_the_server(connection: Connection, fake: FakeProvider) -> None:
    task = asyncio.create_task(collect(connection, "silent"))
    await fake.until(fake.held)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await fake.until(fake.left)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://far.example/v1", "http://proxy:3128"),
        ("http://localhost:8080/v1", ""),
    ],
)
async def test_a_proxy_is_for_far_hosts(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    assert Http(Peer("far", url), Limits())._proxy == proxy
