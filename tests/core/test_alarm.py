"""One timer for many waits. Limits are in the past or far away, so that nothing takes time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from zeke_bridge.core.alarm import Alarm, Patience

pytestmark = pytest.mark.anyio


@pytest.fixture
async def patience() -> Patience:
    return Patience()


def _in(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _never() -> None:
    await asyncio.Event().wait()


async def test_a_wait_that_takes_too_long_is_a_timeout_and_the_task_goes_on(
    patience: Patience,
) -> None:
    for _ in range(2):
        with pytest.raises(TimeoutError), patience.until(_in(0.01)):
            await _never()
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_later_limit_is_kept_though_the_timer_was_set_for_an_earlier_one(
    patience: Patience,
) -> None:
    loop = asyncio.get_running_loop()
    with patience.until(_in(0.01)):
        pass
    start = loop.time()
    with pytest.raises(TimeoutError), patience.until(start + 0.05):
        await _never()
    assert loop.time() - start >= 0.05


async def test_an_earlier_limit_than_the_one_before_counts(patience: Patience) -> None:
    with patience.until(_in(1000.0)):
        pass
    with pytest.raises(TimeoutError), patience.until(_in(0.01)):
        await _never()


async def test_nothing_happens_between_two_waits(patience: Patience) -> None:
    past = asyncio.Event()
    with patience.until(_in(0.01)):
        pass
    asyncio.get_running_loop().call_later(0.02, past.set)
    await past.wait()
    with patience.until(_in(1000.0)):
        await asyncio.sleep(0)


async def test_a_cancellation_of_somebody_else_stays_one(patience: Patience) -> None:
    waiting = asyncio.Event()

    async def work() -> None:
        with patience.until(_in(1000.0)):
            waiting.set()
            await _never()

    task = asyncio.create_task(work())
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_limit_and_a_cancellation_at_once_are_a_cancellation(patience: Patience) -> None:
    waiting = asyncio.Event()

    async def work() -> None:
        with patience.until(_in(0.0)):
            waiting.set()
            with contextlib.suppress(ValueError):
                await _never()

    task = asyncio.create_task(work())
    await waiting.wait()
    # The timer is due: it rings in the same turn of the loop as this.
    asyncio.get_running_loop().call_soon(task.cancel)
    with pytest.raises((asyncio.CancelledError, TimeoutError)):
        await task


async def test_an_error_inside_stays_what_it_is(patience: Patience) -> None:
    with pytest.raises(ValueError, match="odd"), patience.until(_in(1000.0)):
        raise ValueError("odd")


async def test_only_what_is_due_rings_and_what_was_dropped_never_does() -> None:
    loop = asyncio.get_running_loop()
    alarm, rung, last = Alarm(loop), list[str](), asyncio.Event()
    now = loop.time()
    alarm.set("late", now + 0.03, last.set)
    alarm.set("early", now + 0.01, lambda: rung.append("early"))
    alarm.set("dropped", now + 0.02, lambda: rung.append("dropped"))
    alarm.set("never", now + 1000.0, lambda: rung.append("never"))
    alarm.drop("dropped")
    alarm.drop("unknown")
    await last.wait()
    assert rung == ["early"]


async def test_what_rings_may_set_and_drop_others() -> None:
    loop = asyncio.get_running_loop()
    alarm, again = Alarm(loop), asyncio.Event()
    now = loop.time()

    def first() -> None:
        alarm.drop("second")
        alarm.set("first", loop.time(), again.set)

    alarm.set("first", now, first)
    alarm.set("second", now, lambda: pytest.fail("it was dropped"))
    await again.wait()


async def test_when_nothing_is_set_no_timer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    alarm, rung, wound = Alarm(loop), asyncio.Event(), list[float]()
    alarm.set("one", loop.time() + 0.01, rung.set)
    at = loop.call_at

    def winding(when: float, *rest: Any) -> asyncio.TimerHandle:
        wound.append(when)
        return at(when, *rest)

    monkeypatch.setattr(loop, "call_at", winding)
    await rung.wait()
    assert not wound
