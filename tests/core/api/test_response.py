"""When somebody looks whether the client is still there, and what comes of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest

from zeke_bridge.core.api.response import Last, Live, Whole

pytestmark = pytest.mark.anyio


class Client:
    """One that gets an answer; it leaves when ``left`` is set."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.looked_at = asyncio.Event()
        self.got: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        self.looked_at.set()
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.got.append(message)

    @property
    def body(self) -> Any:
        return orjson.loads(b"".join(one.get("body", b"") for one in self.got))


async def _never() -> Any:
    await asyncio.Event().wait()


async def test_an_answer_that_is_there_is_sent_without_looking() -> None:
    client = Client()

    async def work() -> Any:
        return {"text": "hello"}

    await Whole(work)({}, client.receive, client.send)
    assert client.body == {"text": "hello"}
    assert not client.looked_at.is_set()


async def test_work_ends_when_its_client_leaves() -> None:
    client, ended = Client(), asyncio.Event()

    async def work() -> Any:
        try:
            await _never()
        finally:
            ended.set()

    answer = asyncio.create_task(Whole(work)({}, client.receive, client.send))
    await client.looked_at.wait()
    client.left.set()
    await answer
    assert ended.is_set()
    assert client.got == []
    assert not answer.cancelling()


async def test_a_cancellation_from_outside_is_none_of_the_clients() -> None:
    client = Client()
    answer = asyncio.create_task(Whole(_never)({}, client.receive, client.send))
    await client.looked_at.wait()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer


async def test_both_at_once_are_a_cancellation() -> None:
    client = Client()
    answer = asyncio.create_task(Whole(_never)({}, client.receive, client.send))
    await client.looked_at.wait()
    client.left.set()
    answer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answer


async def test_what_breaks_while_looking_is_raised() -> None:
    client = Client()

    async def broken() -> Any:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await Whole(_never)({}, broken, client.send)


async def test_nobody_looks_any_more_when_a_slow_answer_is_sent() -> None:
    client, told = Client(), asyncio.Event()

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"one"
        await told.wait()
        yield b"two"

    answer = asyncio.create_task(Live(pieces(), 1000.0)({}, client.receive, client.send))
    await client.looked_at.wait()
    others = asyncio.all_tasks()
    told.set()
    await answer
    assert b"".join(one.get("body", b"") for one in client.got) == b"onetwo"
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == len(others) - 2


async def test_the_end_goes_out_with_the_last_piece() -> None:
    client = Client()

    async def pieces() -> AsyncGenerator[bytes, None]:
        yield b"one"
        yield Last(b"two")

    await Live(pieces(), 1000.0)({}, client.receive, client.send)
    sent = [(one["body"], one["more_body"]) for one in client.got[1:]]
    assert sent == [(b"one", True), (b"two", False)]


async def test_a_client_that_leaves_when_all_is_sent_is_nothing_to_complain_of() -> None:
    client, told, complaints = Client(), asyncio.Event(), list[Any]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))

    async def work() -> Any:
        await told.wait()
        client.left.set()
        # Now the one who looks has seen it, in the turn in which this goes on.
        await asyncio.sleep(0)
        return {}

    answer = asyncio.create_task(Whole(work)({}, client.receive, client.send))
    await client.looked_at.wait()
    told.set()
    await asyncio.wait({answer})
    gc.collect()
    asyncio.get_running_loop().set_exception_handler(None)
    assert complaints == []
    assert not answer.cancelled()
    assert answer.exception() is None
