"""What is told of files while others are undecided, and when the agent is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.reviewer import AUTO
from zeke_bridge.agents.effects import FileText, Written

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]


async def test_each_file_is_told_as_soon_as_it_is_settled(bench: Make) -> None:
    one = bench()
    known: list[tuple[int, str]] = []
    first = asyncio.Event()

    def settled(number: int, written: Written) -> None:
        known.append((number, written.state))
        first.set()

    wanted = [FileText("b.py", "new\n"), FileText("a.py", "new\n")]
    writing = asyncio.create_task(one.hands.write(wanted, settled))
    await one.patch(2)
    one.say("edit.accept", file=2)
    await one.answer("once")
    await one.apply()
    await first.wait()
    assert not writing.done()
    assert known == [(1, "written")]
    assert one.files() == [("a.py", "written", 1, 1)]
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert known == [(1, "written"), (0, "undecided")]


async def test_stopped_while_it_is_written_it_tells_what_became_of_it(
    bench: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zeke_bridge.broker.agents.writing.WRITING_LIMIT_S", 60.0)
    one = bench(settings=AUTO)
    known: list[tuple[int, str]] = []
    begun, go_on = asyncio.Event(), asyncio.Event()
    write = one.session.write

    async def slow(*given: Any) -> None:
        begun.set()
        await go_on.wait()
        await write(*given)

    monkeypatch.setattr(one.session, "write", slow)
    wanted = [FileText("a.py", "new\n"), FileText("b.py", "new\n")]
    heard = lambda number, written: known.append((number, written.state))  # noqa: E731
    writing = asyncio.create_task(one.hands.write(wanted, heard))
    await begun.wait()
    writing.cancel()
    go_on.set()
    await asyncio.gather(writing, return_exceptions=True)
    assert writing.cancelled()
    assert known == [(0, "written"), (1, "undecided")]
    assert (one.street.project / "a.py").read_text() == "new\n"


@pytest.mark.parametrize("settings", [AUTO, {}])
async def test_what_nobody_knows_is_told_as_that(
    bench: Make, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    one = bench(settings=settings)
    known: list[Written] = []
    begun = asyncio.Event()

    async def hangs(*_given: Any) -> None:
        begun.set()
        await asyncio.shield(asyncio.get_running_loop().create_future())

    monkeypatch.setattr(one.session, "write", hangs)
    for module in ("agents.writing", "review.file"):
        monkeypatch.setattr(f"zeke_bridge.broker.{module}.WRITING_LIMIT_S", 0.01)
    heard = lambda _number, written: known.append(written)  # noqa: E731
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")], heard))
    if not settings:
        await one.patch()
        one.say("edit.accept")
        await one.answer("once")
        await one.apply()
    await begun.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert [one.state for one in known] == ["failed"]
    assert "nobody knows" in known[0].words
