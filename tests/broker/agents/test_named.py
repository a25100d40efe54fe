"""Several sessions with one agent at a time: each is told from the others, and all are one subject."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.agents.effects import Command, FileText
from zeke_bridge.broker.agents.hands import Hands
from zeke_bridge.model.errors import DeniedError

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
RUN = Command(("true",))


def session(one: Any, name: str, number: int) -> Hands:
    """Hands of another session with the same agent."""
    subject = replace(one.owner.subject, session=name, number=number)
    return Hands(replace(one.owner, subject=subject, id=name))


async def test_who_asks_is_named_and_which_session_it_is(bench: Make) -> None:
    one = bench()
    hands = session(one, "a2", 2)
    running = asyncio.create_task(hands.start(RUN))
    asked = await one.answer("deny")
    assert (asked["subject"], asked["agent"], asked["session"]) == (
        "codex 2 (agent)",
        "codex",
        "a2",
    )
    with pytest.raises(DeniedError):
        await running
    assert one.lines()[0]["subject"] == f"agent:codex:{'f' * 64}"


async def test_the_same_of_two_sessions_is_asked_of_each(bench: Make) -> None:
    one = bench()
    first = asyncio.create_task(session(one, "a1", 1).start(RUN))
    second = asyncio.create_task(session(one, "a2", 2).start(RUN))
    assert (await one.answer("deny"))["subject"] == "codex (agent)"
    assert (await one.answer("deny", 2))["subject"] == "codex 2 (agent)"
    for running in (first, second):
        with pytest.raises(DeniedError):
            await running


async def test_what_one_was_granted_holds_for_the_agent(bench: Make) -> None:
    one = bench()
    (one.street.project / "b.py").write_text("b\n")
    ask = {"ghostllm": {"auto_approve_read": False}}
    one.street.broker.configure(one.session, ask)
    reading = asyncio.create_task(session(one, "a1", 1).read("b.py"))
    await one.answer("session")
    assert await reading == "b\n"
    assert await session(one, "a2", 2).read("b.py") == "b\n"


async def test_a_review_is_named_by_the_session(bench: Make) -> None:
    one = bench()
    hands = session(one, "a2", 2)
    writing = asyncio.create_task(hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    started = one.sink.named("task.started")[0]
    assert (started["agent"], started["session"]) == ("codex 2", "a2")
    one.say("edit.reject")
    await writing
