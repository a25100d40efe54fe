from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import pytest

from zeke_bridge.core.cache.flight import Flights
from zeke_bridge.model.errors import OverloadedError, UnreachableError

pytestmark = pytest.mark.anyio


class Work:
    """Something that is being answered, item by item as it is told."""

    def __init__(self) -> None:
        self.starts = 0
        self.closed = asyncio.Event()
        self.waiting = asyncio.Event()
        self._told: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    def tell(self, *items: str | Exception | None) -> None:
        for item in items:
            self._told.put_nowait(item)

    def start(self) -> AsyncGenerator[str, None]:
        self.starts += 1
        return self._run()

    async def _run(self) -> AsyncGenerator[str, None]:
        try:
            while True:
                self.waiting.set()
                item = await self._told.get()
                if item is None:
                    return
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.closed.set()


Join = Callable[[], AsyncGenerator[str, None]]


@pytest.fixture
def flights() -> Flights[str]:
    return Flights()


def running() -> list[str]:
    """The work of flights that has not ended."""
    names = [repr(task.get_coro()) for task in asyncio.all_tasks()]
    return [name for name in names if "_Flight" in name]


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    """Something to be answered, with no task left at the end of the test."""
    yield Work()
    assert running() == []


@pytest.fixture
def join(flights: Flights[str], work: Work) -> Join:
    return lambda: flights.join("k", work.start)


async def rest(reader: AsyncGenerator[str, None]) -> list[str]:
    async with contextlib.aclosing(reader):
        return [item async for item in reader]


async def test_one_reader_gets_everything(flights: Flights[str], work: Work, join: Join) -> None:
    work.tell("a", "b", None)
    assert await rest(join()) == ["a", "b"]
    assert len(flights) == 0
    assert work.closed.is_set()


async def test_nothing_starts_before_the_first_is_waited_for(
    flights: Flights[str], work: Work, join: Join
) -> None:
    reader = join()
    await reader.aclose()
    assert (work.starts, len(flights)) == (0, 0)


async def test_two_that_come_before_the_first_item_share_the_work(work: Work, join: Join) -> None:
    one, two = asyncio.create_task(rest(join())), asyncio.create_task(rest(join()))
    await work.waiting.wait()
    work.tell("a", "b", None)
    assert await one == await two == ["a", "b"]
    assert work.starts == 1


async def test_who_comes_in_the_middle_gets_the_beginning_too(work: Work, join: Join) -> None:
    one, two = join(), join()
    work.tell("a", "b")
    assert [await anext(one), await anext(one)] == ["a", "b"]
    assert [await anext(two), await anext(two)] == ["a", "b"]
    work.tell("c", None)
    assert await rest(one) == await rest(two) == ["c"]
    assert work.starts == 1


async def test_items_are_the_same_objects_for_all(join: Join, work: Work) -> None:
    one, two = join(), join()
    work.tell("a long text " * 9)
    assert await anext(one) is await anext(two)
    await one.aclose()
    await two.aclose()


async def test_who_comes_after_the_end_begins_anew(work: Work, join: Join) -> None:
    work.tell("a", None, "b", None)
    assert await rest(join()) == ["a"]
    assert await rest(join()) == ["b"]
    assert work.starts == 2


async def test_who_comes_after_the_end_begins_anew_though_somebody_still_reads(
    flights: Flights[str], work: Work, join: Join
) -> None:
    slow = join()
    work.tell("a", "b", None, "c", None)
    assert await anext(slow) == "a"
    await work.closed.wait()
    assert await rest(join()) == ["c"]
    assert await rest(slow) == ["b"]
    assert len(flights) == 0


async def test_the_first_leaves_and_the_others_go_on(work: Work, join: Join) -> None:
    one, two = join(), join()
    work.tell("a")
    assert await anext(one) == await anext(two) == "a"
    await one.aclose()
    assert not work.closed.is_set()
    work.tell("b", None)
    assert await rest(two) == ["b"]


async def test_the_first_is_cancelled_while_all_wait_and_the_others_go_on(
    work: Work, join: Join
) -> None:
    one, two = asyncio.create_task(rest(join())), asyncio.create_task(rest(join()))
    await work.waiting.wait()
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    assert not work.closed.is_set()
    work.tell("a", None)
    assert await two == ["a"]


async def test_when_all_have_left_the_work_is_closed_at_once(
    flights: Flights[str], work: Work, join: Join
) -> None:
    one, two = join(), join()
    work.tell("a")
    assert await anext(one) == await anext(two) == "a"
    await one.aclose()
    assert len(flights) == 1
    await two.aclose()
    # Not soon: before the last one is gone.
    assert work.closed.is_set()
    assert len(flights) == 0


async def test_the_last_is_cancelled_and_the_work_is_closed(
    flights: Flights[str], work: Work, join: Join
) -> None:
    one = asyncio.create_task(rest(join()))
    await work.waiting.wait()
    one.cancel()
    with pytest.raises(asyncio.CancelledError):
        await one
    assert work.closed.is_set()
    assert len(flights) == 0


async def test_leaving_before_the_work_had_its_first_turn(
    flights: Flights[str], work: Work
) -> None:
    def start() -> AsyncGenerator[str, None]:
        one.cancel()
        return work.start()

    one = asyncio.create_task(rest(flights.join("k", start)))
    with pytest.raises(asyncio.CancelledError):
        await one
    assert work.starts == 1
    assert len(flights) == 0


async def test_who_comes_while_the_old_work_closes_begins_anew(
    flights: Flights[str], work: Work
) -> None:
    closing, go_on = asyncio.Event(), asyncio.Event()

    async def stubborn() -> AsyncGenerator[str, None]:
        try:
            yield "old"
            await asyncio.Event().wait()
        finally:
            closing.set()
            await go_on.wait()

    one = flights.join("k", stubborn)
    assert await anext(one) == "old"
    leaving = asyncio.create_task(one.aclose())
    await closing.wait()
    work.tell("new", None)
    assert await rest(flights.join("k", work.start)) == ["new"]
    go_on.set()
    await leaving


async def test_an_error_in_the_middle_reaches_all(
    flights: Flights[str], work: Work, join: Join
) -> None:
    one, two, late = join(), join(), join()
    work.tell("a")
    assert await anext(one) == await anext(two) == "a"
    fault = OverloadedError("Too much to do.", retry_after=3)
    work.tell("b", fault)
    # The one that is behind gets first what came before.
    assert await anext(one) == "b"
    for reader in (one, two):
        with pytest.raises(OverloadedError) as caught:
            while True:
                assert await anext(reader) == "b"
        assert caught.value is fault
    assert len(flights) == 0
    work.tell("anew", None)
    assert await rest(late) == ["anew"]
    assert work.starts == 2


async def test_an_error_before_the_first_item_reaches_all(work: Work, join: Join) -> None:
    readers = [asyncio.create_task(rest(join())) for _ in range(3)]
    await work.waiting.wait()
    work.tell(UnreachableError("Gone."))
    results = await asyncio.gather(*readers, return_exceptions=True)
    assert [type(result) for result in results] == [UnreachableError] * 3
    assert work.starts == 1


async def test_the_trace_of_an_error_does_not_grow(work: Work, join: Join) -> None:
    def depth(error: BaseException) -> int:
        trace, count = error.__traceback__, 0
        while trace is not None:
            trace, count = trace.tb_next, count + 1
        return count

    readers = [asyncio.create_task(rest(join())) for _ in range(5)]
    await work.waiting.wait()
    work.tell(UnreachableError("Gone."))
    depths = []
    for reader in readers:
        with pytest.raises(UnreachableError) as caught:
            await reader
        depths.append(depth(caught.value))
    assert max(depths) < 15


async def test_a_start_that_fails_leaves_nothing(flights: Flights[str]) -> None:
    def start() -> AsyncGenerator[str, None]:
        raise UnreachableError("No.")

    with pytest.raises(UnreachableError):
        await rest(flights.join("k", start))
    assert len(flights) == 0


async def test_work_that_cancels_itself_is_an_error_for_who_waits(flights: Flights[str]) -> None:
    async def broken() -> AsyncGenerator[str, None]:
        yield "a"
        raise asyncio.CancelledError

    reader = flights.join("k", broken)
    assert await anext(reader) == "a"
    with pytest.raises(UnreachableError, match="broken off"):
        await anext(reader)
    assert len(flights) == 0


async def test_other_keys_are_other_work(flights: Flights[str]) -> None:
    one, two = Work(), Work()
    one.tell("a", None)
    two.tell("b", None)
    both = await asyncio.gather(
        rest(flights.join("1", one.start)), rest(flights.join("2", two.start))
    )
    assert list(both) == [["a"], ["b"]]


async def test_a_slow_reader_holds_nobody_up(flights: Flights[str], work: Work) -> None:
    small: Flights[str] = Flights(ahead=2)
    slow, fast = small.join("k", work.start), small.join("k", work.start)
    work.tell(*"abcdefgh", None)
    assert await anext(slow) == "a"
    assert await rest(fast) == list("abcdefgh")
    assert await rest(slow) == list("bcdefgh")


async def test_the_work_does_not_run_far_ahead_of_who_reads() -> None:
    made: list[int] = []
    made_two = asyncio.Event()

    async def endless() -> AsyncGenerator[int, None]:
        while True:
            made.append(len(made))
            if len(made) == 2:
                made_two.set()
            yield made[-1]

    flights: Flights[int] = Flights(ahead=2)
    reader = flights.join("k", endless)
    assert await anext(reader) == 0
    await made_two.wait()
    assert len(made) == 2
    assert [await anext(reader) for _ in range(50)] == list(range(1, 51))
    assert len(made) <= 54
    await reader.aclose()
    assert len(flights) == 0


async def test_a_whole_answer_is_given_once_to_all(flights: Flights[str]) -> None:
    calls, begun, go_on = [], asyncio.Event(), asyncio.Event()

    async def answer() -> str:
        calls.append(1)
        begun.set()
        await go_on.wait()
        return "whole"

    readers = [asyncio.create_task(flights.once("k", answer)) for _ in range(5)]
    await begun.wait()
    readers[0].cancel()
    go_on.set()
    results = await asyncio.gather(*readers, return_exceptions=True)
    assert results[1:] == ["whole"] * 4
    assert isinstance(results[0], asyncio.CancelledError)
    assert len(calls) == 1
    assert len(flights) == 0


async def test_a_whole_answer_that_fails_fails_for_all(flights: Flights[str]) -> None:
    async def answer() -> str:
        raise UnreachableError("Gone.")

    with pytest.raises(UnreachableError):
        await flights.once("k", answer)
    assert len(flights) == 0


async def test_no_task_is_left_after_many(flights: Flights[str]) -> None:
    for number in range(200):
        work = Work()
        reader = flights.join("k", work.start)
        work.tell("a", None if number % 2 else "b")
        assert await anext(reader) == "a"
        await reader.aclose()
        assert work.closed.is_set()
    assert running() == []
    assert len(flights) == 0
