"""Gathering, sending once, asking again, cancelling: with a client that answers when told to."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.broker.batch import MOST_CALLS
from zeke_bridge.broker.collector import Collector, Found
from zeke_bridge.model.errors import ContextError, DeniedError, UnreachableError, ZekeError
from zeke_bridge.model.exchange import (
    ANALYSIS_KINDS,
    Analysis,
    AnalysisKind,
    AnalyzeAsk,
    AnalyzeItem,
    Audience,
    Finding,
    Receipt,
    Snippet,
)
from zeke_bridge.wire.zeke.analyze import AnalyzeRequest

pytestmark = pytest.mark.anyio

HERE = Audience("auto", "p")
CODE = Snippet("x = 1")


class Client:
    """Answers every item but those in ``leave_out`` (as often as they stand there)."""

    def __init__(self) -> None:
        self.asks: list[AnalyzeAsk] = []
        self.leave_out: list[AnalysisKind] = []
        self.error: ZekeError | None = None
        self.most = 10_000
        self.out = self.most_out = 0
        self.asked = asyncio.Event()
        self.go = asyncio.Event()
        self.go.set()
        self.cancelled = asyncio.Event()

    async def analyze(self, ask: AnalyzeAsk) -> Analysis:
        self.asks.append(ask)
        self.asked.set()
        self.out += 1
        self.most_out = max(self.most_out, self.out)
        try:
            await self.go.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        finally:
            self.out -= 1
        if sum(len(item.snippet.code) for item in ask.items) > self.most:
            raise ContextError("too long")
        if self.error is not None:
            raise self.error
        return Analysis({i.id: _found(i) for i in ask.items if not self._left_out(i)}, Receipt())

    def _left_out(self, item: AnalyzeItem) -> bool:
        if item.kind in self.leave_out:
            self.leave_out.remove(item.kind)
            return True
        return False


def _found(item: AnalyzeItem) -> tuple[Finding, ...]:
    return (Finding(item.kind, 1, "info", item.kind),)


def _collector(client: Any, window: float = 0.05) -> Collector:
    return Collector(client, window)


def _text(snippet: Snippet = CODE) -> Callable[[], Awaitable[Snippet]]:
    async def shown() -> Snippet:
        # All that is asked for together is expected before any of it is ready, however slow it is.
        await asyncio.sleep(0)
        return snippet

    return shown


async def _three(collector: Collector) -> list[Found]:
    kinds: tuple[AnalysisKind, ...] = ("quality", "security", "performance")
    return await asyncio.gather(
        *(collector.analyze(kind, lambda: HERE, (kind,), _text()) for kind in kinds)
    )


async def test_three_tasks_are_one_call() -> None:
    client = Client()
    found = await _three(_collector(client))
    assert [[one.message for one in part.findings] for part in found] == [
        ["quality"],
        ["security"],
        ["performance"],
    ]
    assert len(client.asks) == 1
    assert {part.call for part in found} == {1}


async def test_a_missing_part_is_asked_again_alone_and_once() -> None:
    client = Client()
    client.leave_out = ["security"]
    found = await _three(_collector(client))
    assert [[item.kind for item in ask.items] for ask in client.asks] == [
        ["quality", "security", "performance"],
        ["security"],
    ]
    assert not any(part.unanswered for part in found)

    client.leave_out = ["security", "security"]
    found = await _three(_collector(client))
    assert len(client.asks) == 4
    assert [part.unanswered for part in found] == [(), ("security",), ()]


async def test_an_open_prompt_holds_all_of_them() -> None:
    client = Client()
    collector = _collector(client)
    answered = asyncio.Event()

    async def after_the_prompt() -> Snippet:
        await answered.wait()
        return CODE

    free = asyncio.create_task(collector.analyze("free", lambda: HERE, ("quality",), _text()))
    asked = asyncio.create_task(
        collector.analyze("asked", lambda: HERE, ("security",), after_the_prompt)
    )
    for _ in range(5):
        await asyncio.sleep(0)
    assert client.asks == []
    answered.set()
    await asyncio.gather(free, asked)
    assert len(client.asks) == 1


async def test_a_denied_one_lets_the_others_go() -> None:
    client = Client()
    collector = _collector(client)

    async def denied() -> Snippet:
        raise DeniedError("No.")

    free = asyncio.create_task(collector.analyze("free", lambda: HERE, ("quality",), _text()))
    with pytest.raises(DeniedError):
        await collector.analyze("asked", lambda: HERE, ("security",), denied)
    assert (await free).findings
    assert [item.kind for item in client.asks[0].items] == ["quality"]


async def test_cancelling_one_takes_it_out() -> None:
    client = Client()
    collector = _collector(client, window=3600)
    gone = asyncio.create_task(collector.analyze("gone", lambda: HERE, ("quality",), _text()))
    for _ in range(5):
        await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert client.asks == []


async def test_a_call_goes_on_for_those_who_still_wait() -> None:
    client = Client()
    client.go.clear()
    collector = _collector(client)
    gone = asyncio.create_task(collector.analyze("gone", lambda: HERE, ("quality",), _text()))
    stays = asyncio.create_task(collector.analyze("stays", lambda: HERE, ("security",), _text()))
    await client.asked.wait()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert not client.cancelled.is_set()
    client.go.set()
    assert (await stays).findings


async def test_a_call_that_nobody_waits_for_is_cancelled() -> None:
    client = Client()
    client.go.clear()
    gone = asyncio.create_task(
        _collector(client).analyze("gone", lambda: HERE, ("quality",), _text())
    )
    await client.asked.wait()
    gone.cancel()
    await client.cancelled.wait()
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_failure_reaches_everybody() -> None:
    client = Client()
    client.error = UnreachableError("gone")
    collector = _collector(client)
    results = await asyncio.gather(
        *(collector.analyze(task, lambda: HERE, ("quality",), _text()) for task in "ab"),
        return_exceptions=True,
    )
    assert [type(one) for one in results] == [UnreachableError, UnreachableError]


async def test_a_project_that_closes_while_a_prompt_is_open() -> None:
    client = Client()
    collector = _collector(client)
    here, answered = [HERE], asyncio.Event()

    async def after_the_prompt() -> Snippet:
        await answered.wait()
        return CODE

    free = asyncio.create_task(collector.analyze("free", lambda: here[0], ("quality",), _text()))
    asked = asyncio.create_task(
        collector.analyze("asked", lambda: here[0], ("security",), after_the_prompt)
    )
    for _ in range(5):
        await asyncio.sleep(0)
    here[0] = replace(HERE, local_only=True)
    answered.set()
    await asyncio.gather(free, asked)
    assert [ask.audience.local_only for ask in client.asks] == [True]


async def test_a_project_that_closes_during_the_call_is_not_asked_about_again_outside() -> None:
    client = Client()
    client.leave_out = ["quality"]
    client.go.clear()
    here = [HERE]
    task = asyncio.create_task(
        _collector(client, 0).analyze("a", lambda: here[0], ("quality",), _text())
    )
    await client.asked.wait()
    here[0] = replace(HERE, local_only=True)
    client.go.set()
    await task
    assert [ask.audience.local_only for ask in client.asks] == [False, True]


async def _files(collector: Collector, count: int, size: int = 9) -> list[Found | BaseException]:
    texts = [Snippet("x" * size, f"{number}-{size}.py") for number in range(count)]
    calls = (collector.analyze(t.path, lambda: HERE, ANALYSIS_KINDS, _text(t)) for t in texts)
    return await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("count", [11, 48])
async def test_all_kinds_of_many_files_are_calls_that_a_core_takes(count: int) -> None:
    client = Client()
    found = await _files(_collector(client), count)
    assert all(isinstance(one, Found) and len(one.findings) == 3 for one in found)
    assert 1 < len(client.asks) <= -(-count // 4)
    assert client.most_out == min(MOST_CALLS, len(client.asks))
    for ask in client.asks:
        assert AnalyzeRequest.of(ask).ask() == ask


async def test_a_text_too_long_for_the_model_costs_the_others_nothing() -> None:
    client = Client()
    client.most = 900
    collector = _collector(client)
    short, long = await asyncio.gather(_files(collector, 3, 200), _files(collector, 1, 400))
    assert all(isinstance(one, Found) for one in short)
    assert [type(one) for one in long] == [ContextError]


async def test_cancelling_what_waits_for_a_call_lets_the_rest_go() -> None:
    client = Client()
    client.go.clear()
    running = asyncio.create_task(_files(_collector(client), 48))
    await client.asked.wait()
    running.cancel()
    await client.cancelled.wait()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(client.asks) <= MOST_CALLS
