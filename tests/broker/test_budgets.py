"""What an answer has cost is told when it fails or is broken off, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.patience import patience
from tests.fakes.street import Street
from zeke_bridge.broker.budgets import Budgets
from zeke_bridge.model.errors import BadAnswerError, ProviderError, UnreachableError, ZekeError
from zeke_bridge.model.exchange import Budget, Piece
from zeke_bridge.model.task import Buffer, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio

NEAR = Budget("day", 8.2, 10.0)


class Asked:
    """A core that always says the same, and how often it was asked."""

    def __init__(self, said: Budget | Exception | None = NEAR) -> None:
        self.said = said
        self.times = 0

    def client(self) -> Any:
        return self

    async def budget(self) -> Budget | None:
        self.times += 1
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


class Heard:
    """What was told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, Budget]] = asyncio.Queue()
        self.budgets = Budgets(lambda core, budget: self.told.put_nowait((core, budget)), 0.0)

    async def next(self) -> tuple[str, Budget]:
        async with asyncio.timeout(patience(30.0)):
            return await self.told.get()


async def test_each_core_is_asked_once_however_many_tasks_have_ended() -> None:
    heard, near, far = Heard(), Asked(), Asked(Budget("hour", 1.0, 1.0))
    for _ in range(3):
        heard.budgets.look("", near.client)
    heard.budgets.look("http://far", far.client)
    assert await heard.next() == ("", NEAR)
    assert await heard.next() == ("http://far", far.said)
    assert (near.times, far.times) == (1, 1)
    heard.budgets.look("", near.client)
    assert await heard.next() == ("", NEAR)


@pytest.mark.parametrize("said", [None, UnreachableError("Gone."), BadAnswerError("None.")])
async def test_a_core_that_cannot_say_it_is_left_alone(said: Any) -> None:
    heard, mute, near = Heard(), Asked(said), Asked()
    heard.budgets.look("mute", mute.client)
    heard.budgets.look("", near.client)
    assert await heard.next() == ("", NEAR)
    assert (mute.times, heard.told.empty()) == (1, True)


async def test_nobody_is_asked_when_nobody_is_there_any_more() -> None:
    heard, near, other = Heard(), Asked(), Asked()
    heard.budgets.look("", near.client)
    heard.budgets.cancel()
    heard.budgets.look("", other.client)
    await heard.next()
    assert (near.times, other.times) == (0, 1)


class Broken(FakeModel):
    """Fails with its first answer, and never says another word."""

    def __init__(self, error: ZekeError) -> None:
        super().__init__(error)
        self.began = asyncio.Event()

    async def code(self, ask: Any) -> AsyncGenerator[Piece, None]:
        if not self.answers:
            self.began.set()
            await asyncio.Event().wait()
        async for piece in self.chat(ask):
            yield piece


@pytest.mark.parametrize("error", [ProviderError("It broke."), UnreachableError("It broke off.")])
async def test_what_fails_and_what_is_left_is_told_to_every_editor(
    tmp_path: Path, error: ZekeError
) -> None:
    model = Broken(error)
    street = Street(tmp_path, model)
    editor, sink = street.editor()
    _, other = street.editor(street.other)
    buffer = Buffer("x = 1", language="python")
    explain = TaskRequest("1", TaskKind.EXPLAIN, str(street.project), buffer=buffer)
    model.limit = NEAR
    street.broker.submit(editor, explain)
    assert (await sink.until("cost.alert"))["percent"] == 82
    assert (await other.until("cost.alert"))["percent"] == 82
    model.limit = Budget("day", 9.6, 10.0)
    street.broker.submit(editor, replace(explain, id="2"))
    await model.began.wait()
    assert editor.tasks.cancel("2") == 1
    assert (await other.until("cost.alert", 2))["percent"] == 96
