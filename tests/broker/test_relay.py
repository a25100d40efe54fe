"""Deltas go on in order, the first at once, and none is lost when the stream breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import pytest

from zeke_bridge.broker.relay import DeltaRelay, relay
from zeke_bridge.model.errors import BadAnswerError, UnreachableError
from zeke_bridge.model.exchange import Answer, Delta, Piece, Receipt

pytestmark = pytest.mark.anyio


class Sink:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        assert name == "task.delta"
        assert payload["id"] == "t"
        self.texts.append(payload["text"])


async def test_the_first_piece_goes_at_once_and_the_rest_together() -> None:
    sink = Sink()
    out = DeltaRelay(sink, "t", gather=3600)
    for text in "abc":
        out.add(text)
    assert sink.texts == ["a"]
    out.flush()
    assert sink.texts == ["a", "bc"]
    out.add("d")
    assert sink.texts == ["a", "bc", "d"]
    out.flush()


async def test_what_waits_is_sent_when_its_time_comes() -> None:
    sink = Sink()
    out = DeltaRelay(sink, "t", gather=0)
    out.add("a")
    out.add("b")
    assert sink.texts == ["a"]
    while len(sink.texts) < 2:
        await asyncio.sleep(0)
    assert sink.texts == ["a", "b"]
    out.flush()


async def test_the_answer_ends_it() -> None:
    async def pieces() -> AsyncGenerator[Piece, None]:
        yield Delta("a")
        yield Delta("b")
        yield Answer("ab", Receipt(model="m"))

    sink = Sink()
    answer = await relay(pieces(), sink, "t")
    assert answer.text == "ab"
    assert "".join(sink.texts) == "ab"


async def test_what_came_before_a_failure_is_kept() -> None:
    async def pieces() -> AsyncGenerator[Piece, None]:
        yield Delta("a")
        yield Delta("b")
        raise UnreachableError("gone")

    sink = Sink()
    with pytest.raises(UnreachableError):
        await relay(pieces(), sink, "t")
    assert "".join(sink.texts) == "ab"


async def test_an_end_without_an_answer_is_an_error() -> None:
    async def pieces() -> AsyncGenerator[Piece, None]:
        yield Delta("a")

    with pytest.raises(BadAnswerError):
        await relay(pieces(), Sink(), "t")


async def test_cancelling_closes_the_stream() -> None:
    closed = asyncio.Event()
    started = asyncio.Event()

    async def pieces() -> AsyncGenerator[Piece, None]:
        try:
            started.set()
            await asyncio.Event().wait()
            yield Delta("")
        finally:
            closed.set()

    task = asyncio.create_task(relay(pieces(), Sink(), "t"))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed.is_set()
