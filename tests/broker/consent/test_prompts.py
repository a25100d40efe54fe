"""One prompt at a time, answered once, by whoever was shown it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from zeke_bridge.broker.consent.prompts import Answer, Ending, PromptQueue
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import BusyError
from zeke_bridge.model.verdict import Choice, Risk, Ruling, Verdict
from zeke_bridge.warden.prompt import Prompt, build_prompt

pytestmark = pytest.mark.anyio


def prompt(path: str, ruling: Ruling = Ruling.ASK) -> Prompt:
    verdict = Verdict(ruling, Risk.MEDIUM, "default", "No rule.", path)
    return build_prompt(Action(Op.WRITE, "/p", path=path), verdict)


class Screen:
    """An asker that records what it was told."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str, int, int]] = []
        self.closed: list[tuple[str, str]] = []
        self.event = asyncio.Event()

    def show(self, prompt_id: str, prompt: Prompt, position: int, total: int) -> None:
        self.shown.append((prompt_id, prompt.target, position, total))
        self.event.set()

    def close(self, prompt_id: str, outcome: str) -> None:
        self.closed.append((prompt_id, outcome))

    async def next(self) -> str:
        async with asyncio.timeout(30):
            await self.event.wait()
        self.event.clear()
        return self.shown[-1][0]


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def queue(screen: Screen) -> PromptQueue:
    return PromptQueue(screen)


class Question:
    """What a question is about, as the test has it."""

    def __init__(self, turn: Callable[[], Prompt | None], heard: list[Choice], **named: Any):
        self.root = named.get("root", "/p")
        self.subject = named.get("subject", "assistant")
        self.since = 7.0
        self.turn = turn
        self.hear = heard.append
        self.stands = named.get("stands", lambda: True)


def ask(
    queue: PromptQueue, question: Prompt, heard: list[Choice] | None = None, **named: Any
) -> asyncio.Task[Answer]:
    turn = named.pop("refresh", lambda: question)
    matter = Question(turn, heard if heard is not None else [], **named)

    async def answer() -> Answer:
        return (await queue.ask(question, matter)).answer

    return asyncio.create_task(answer())


async def test_one_at_a_time_in_order(queue: PromptQueue, screen: Screen) -> None:
    tasks = [ask(queue, prompt(path)) for path in "abc"]
    first = await screen.next()
    assert len(queue) == 3
    assert screen.shown == [(first, "a", 1, 1)]
    assert queue.answer(first, "once")
    assert screen.shown[1:] == [(screen.shown[1][0], "b", 2, 3)]
    assert queue.answer(screen.shown[1][0], "deny")
    assert screen.shown[2][1:] == ("c", 3, 3)
    assert queue.answer(screen.shown[2][0], "session")
    assert await asyncio.gather(*tasks) == [Choice.ONCE, Choice.DENY, Choice.SESSION]
    assert [outcome for _, outcome in screen.closed] == ["once", "deny", "session"]
    assert len(queue) == 0


async def test_an_answer_counts_once_and_for_the_shown_prompt(
    queue: PromptQueue, screen: Screen
) -> None:
    heard: list[Choice] = []
    first, second = ask(queue, prompt("a"), heard), ask(queue, prompt("b"), heard)
    shown = await screen.next()
    waiting = queue.waiting()[1].id
    assert not queue.answer(waiting, "once")
    assert not queue.answer("", "once")
    assert not queue.answer(shown, "always")
    assert not queue.answer(shown, "ONCE")
    assert queue.answer(shown, "once")
    assert not queue.answer(shown, "project")
    assert heard == [Choice.ONCE]
    assert await first is Choice.ONCE
    second.cancel()


async def test_only_what_was_offered(queue: PromptQueue, screen: Screen) -> None:
    task = ask(queue, prompt(".env", Ruling.ASK_ONCE))
    shown = await screen.next()
    assert not queue.answer(shown, "session")
    assert not queue.answer(shown, "project")
    assert queue.answer(shown, "once")
    assert await task is Choice.ONCE


async def test_equal_questions_are_one(queue: PromptQueue, screen: Screen) -> None:
    heard: list[Choice] = []
    tasks = [ask(queue, prompt("a"), heard) for _ in range(20)]
    assert queue.answer(await screen.next(), "once")
    assert await asyncio.gather(*tasks) == [Choice.ONCE] * 20
    assert len(screen.shown) == 1
    assert heard == [Choice.ONCE]


async def test_cancelling_withdraws_when_nobody_waits(queue: PromptQueue, screen: Screen) -> None:
    one, two = ask(queue, prompt("a")), ask(queue, prompt("a"))
    behind = ask(queue, prompt("b"))
    shown = await screen.next()
    one.cancel()
    await asyncio.wait([one])
    assert screen.closed == []
    two.cancel()
    await asyncio.wait([two])
    assert screen.closed == [(shown, "withdrawn")]
    assert not queue.answer(shown, "once")
    assert queue.answer(screen.shown[-1][0], "once")
    assert await behind is Choice.ONCE


async def test_cancelling_a_hidden_question(queue: PromptQueue, screen: Screen) -> None:
    first, hidden = ask(queue, prompt("a")), ask(queue, prompt("b"))
    shown = await screen.next()
    hidden.cancel()
    await asyncio.wait([hidden])
    assert (len(queue), screen.closed) == (1, [])
    queue.answer(shown, "deny")
    assert await first is Choice.DENY


async def test_nobody_answers(screen: Screen) -> None:
    queue = PromptQueue(screen, limit_s=0.01)
    tasks = [ask(queue, prompt("a")), ask(queue, prompt("b"))]
    async with asyncio.timeout(30):
        assert await asyncio.gather(*tasks) == [Ending.EXPIRED, Ending.EXPIRED]
    assert [outcome for _, outcome in screen.closed] == ["expired", "expired"]


async def test_the_editor_goes(queue: PromptQueue, screen: Screen) -> None:
    tasks = [ask(queue, prompt(path)) for path in "abc"]
    shown = await screen.next()
    queue.gone()
    assert await asyncio.gather(*tasks) == [Ending.GONE] * 3
    assert len(screen.shown) == 1
    assert not queue.answer(shown, "once")
    assert await ask(queue, prompt("d")) is Ending.GONE


async def test_eight_wait_and_the_ninth_is_busy(queue: PromptQueue, screen: Screen) -> None:
    tasks = [ask(queue, prompt(str(number))) for number in range(8)]
    await screen.next()
    with pytest.raises(BusyError, match="8 questions"):
        await ask(queue, prompt("9"))
    another = ask(queue, prompt("10"), subject="agent:x:y")
    equal = ask(queue, prompt("0"))
    queue.gone()
    await asyncio.gather(*tasks, another, equal)


async def test_asked_again_when_its_turn_comes(queue: PromptQueue, screen: Screen) -> None:
    fresh = prompt("b", Ruling.ASK_ONCE)
    first = ask(queue, prompt("a"))
    changed = ask(queue, prompt("b"), refresh=lambda: fresh)
    settled = ask(queue, prompt("c"), refresh=lambda: None)

    def broken() -> Prompt:
        raise RuntimeError

    failing = ask(queue, prompt("d"), refresh=broken)
    queue.answer(await screen.next(), "deny")
    assert not queue.answer(screen.shown[-1][0], "session")
    assert queue.answer(screen.shown[-1][0], "once")
    answers = await asyncio.gather(first, changed, settled, failing)
    assert answers == [Choice.DENY, Choice.ONCE, Ending.SETTLED, Ending.SETTLED]
    assert len(screen.shown) == 2


async def test_how_many_wait_is_told(screen: Screen) -> None:
    counts: list[int] = []
    queue = PromptQueue(screen, changed=lambda root: counts.append(len(queue)))
    tasks = [ask(queue, prompt("a")), ask(queue, prompt("b"))]
    queue.answer(await screen.next(), "once")
    queue.answer(screen.shown[-1][0], "once")
    await asyncio.gather(*tasks)
    assert counts == [1, 2, 1, 0]


async def test_several_answers_without_showing_any_in_between(
    queue: PromptQueue, screen: Screen
) -> None:
    heard: list[Choice] = []
    tasks = [ask(queue, prompt(path), heard) for path in "abcd"]
    shown = await screen.next()
    ids = [item.id for item in queue.waiting()]
    assert queue.answer_listed([ids[2], ids[0], ids[1], "nothing"], "session") == set(ids[:3])
    assert [entry[1] for entry in screen.shown] == ["a", "d"]
    assert screen.closed == [(shown, "session")]
    assert heard == [Choice.SESSION] * 3
    assert queue.answer_listed(ids[:3], "deny") == frozenset()
    assert queue.answer_listed([ids[3]], "deny") == {ids[3]}
    assert await asyncio.gather(*tasks) == [Choice.SESSION] * 3 + [Choice.DENY]
    assert len(queue) == 0


async def test_what_did_not_offer_it_stays_on_the_screen(
    queue: PromptQueue, screen: Screen
) -> None:
    few, many = ask(queue, prompt(".env", Ruling.ASK_ONCE)), ask(queue, prompt("b"))
    await screen.next()
    ids = [item.id for item in queue.waiting()]
    assert queue.answer_listed(ids, "project") == {ids[1]}
    assert screen.closed == []
    assert [(item.id, item.shown) for item in queue.waiting()] == [(ids[0], True)]
    assert queue.answer(ids[0], "once")
    assert await asyncio.gather(few, many) == [Choice.ONCE, Choice.PROJECT]


async def test_a_review_ends_what_needs_no_answer(queue: PromptQueue, screen: Screen) -> None:
    def broken() -> bool:
        raise RuntimeError

    stands = {"a": False, "b": True}
    first = ask(queue, prompt("a"), stands=lambda: stands["a"])
    second = ask(queue, prompt("b"), stands=lambda: stands["b"])
    third = ask(queue, prompt("c"), stands=broken)
    far = ask(queue, prompt("d"), stands=lambda: False, root="/q")
    shown = await screen.next()
    queue.review(["/p"])
    assert screen.closed == [(shown, "withdrawn")]
    assert [item.prompt.target for item in queue.waiting()] == ["b", "d"]
    assert await asyncio.gather(first, third) == [Ending.SETTLED] * 2
    queue.review([])
    assert len(queue) == 2
    queue.gone()
    assert await asyncio.gather(second, far) == [Ending.GONE] * 2


async def test_an_equal_question_learns_whose_answer_it_got(
    queue: PromptQueue, screen: Screen
) -> None:
    def matter() -> Question:
        return Question(lambda: prompt("a"), [])

    one, two = matter(), matter()
    tasks = [asyncio.create_task(queue.ask(prompt("a"), each)) for each in (one, two)]
    queue.answer(await screen.next(), "once")
    assert [found.matter for found in await asyncio.gather(*tasks)] == [one, one]
    queue.gone()
    assert (await queue.ask(prompt("a"), two)).matter is two


async def test_the_list_says_since_when_and_where(queue: PromptQueue, screen: Screen) -> None:
    task = ask(queue, prompt("a"), root="/q")
    await screen.next()
    (item,) = queue.waiting()
    assert (item.root, item.since, item.shown) == ("/q", 7.0, True)
    queue.gone()
    await task
