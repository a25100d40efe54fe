"""Output while it comes: seldom, little, whole characters, and cheap."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.process.bench import Bench
from zeke_bridge.model.ended import Ended
from zeke_bridge.workspace.process.live import EVERY_S, MOST_BYTES, Live
from zeke_bridge.workspace.process.terminal import Limits, Terminal

pytestmark = pytest.mark.anyio


def memory() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Clock:
    """A loop's clock and its one timer."""

    def __init__(self) -> None:
        self.now = 50.0
        self.timers: list[tuple[float, Any]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, call: Any) -> Any:
        timer = (when, call)
        self.timers.append(timer)
        return type(
            "Timer", (), {"cancel": lambda _: timer in self.timers and self.timers.remove(timer)}
        )()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        for timer in [each for each in self.timers if each[0] <= self.now]:
            timer[1]()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


def test_at_most_ten_times_a_second(clock: Clock) -> None:
    told: list[str] = []
    live = Live(told.append)
    for _ in range(100):
        live.add(b"x")
        clock.pass_time(0.01)
    assert 9 <= len(told) <= 11
    live.end()
    assert "".join(told) == "x" * 100
    assert clock.timers == []


def test_only_the_end_of_much(clock: Clock) -> None:
    told: list[str] = []
    live = Live(told.append)
    live.add(b"a" * 100_000 + b"end")
    clock.pass_time(0)
    assert [len(text) for text in told] == [MOST_BYTES]
    assert told[0].endswith("aend")
    live.add(b"next")
    clock.pass_time(EVERY_S)
    assert told[1] == "next"


def test_half_a_character_waits_for_its_rest(clock: Clock) -> None:
    told: list[str] = []
    live = Live(told.append)
    for byte in "ä😀".encode():
        live.add(bytes([byte]))
        clock.pass_time(EVERY_S)
    live.add(b"\xc3")
    live.end()
    assert told == ["ä", "😀", "\ufffd"]


async def test_it_is_told_before_the_end_is(bench: Bench) -> None:
    told: list[str] = []
    terminal = bench.start("sh", "-c", "echo one; echo two; printf three")
    terminal.on_output(told.append)
    terminal.when_done(lambda: told.append("<done>"))
    await asyncio.wait_for(terminal.wait(), 30)
    assert told[-1] == "<done>"
    assert "".join(told) == "one\ntwo\nthree<done>"


async def test_what_an_observer_raises_ends_nothing(bench: Bench) -> None:
    heard: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))

    def broken(text: str) -> None:
        raise ValueError(text)

    terminal = bench.start("echo", "x")
    terminal.on_output(broken)
    assert await asyncio.wait_for(terminal.wait(), 30) == Ended(0)
    assert terminal.output().text == "x\n"
    assert heard


@pytest.fixture
def uncollected() -> Iterator[None]:
    """The garbage of all the tests of this process is not collected meanwhile."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
async def test_a_flood_neither_fills_memory_nor_stalls(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 MB: by the processor's time, for others may be using this machine as well."""
    spent: list[float] = []
    read = Terminal._read

    def measured(self: Terminal) -> bool:
        start = time.thread_time()
        try:
            return read(self)
        finally:
            spent.append(time.thread_time() - start)

    monkeypatch.setattr(Terminal, "_read", measured)
    told: list[int] = []
    before, most = memory(), 0

    def shown(text: str) -> None:
        nonlocal most
        told.append(len(text))
        most = max(most, memory())

    size = 100 * 1000 * 1000
    terminal = bench.start(
        "sh",
        "-c",
        f"head -c {size} /dev/zero | tr '\\0' '\\377'; echo end",
        limits=Limits(seconds=90),
    )
    terminal.on_output(shown)
    assert await asyncio.wait_for(terminal.wait(), 90) == Ended(0)
    assert terminal.output().text.endswith("end\n")
    assert max(told) <= MOST_BYTES
    assert max(most, memory()) - before < 10 * 1024 * 1024
    assert max(spent) < 0.02
