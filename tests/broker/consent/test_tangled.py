"""A command that takes long to read: others are served meanwhile, and what is shown is all of it."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest

from zeke_bridge.broker.consent.gate import ConsentGate
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import DeniedError
from zeke_bridge.warden.command import Reading, known, read_command

pytestmark = pytest.mark.anyio

LONG = "\n".join(f"make part-{number} | tee out-{number}" for number in range(40))


def gated(house: Any, read: Any) -> ConsentGate:
    return ConsentGate(
        house.resolver,
        house.store,
        house.log,
        house.clock,
        tracking=house.tracking,
        read=read,
    )


def command(house: Any, *argv: str) -> Action:
    return Action(Op.EXECUTE, str(house.root), argv=argv)


async def test_others_are_served_meanwhile(house: Any) -> None:
    go, asked = threading.Event(), threading.Event()

    def slowly(argv: tuple[str, ...]) -> Reading:
        asked.set()
        assert go.wait(30)
        return read_command(argv)

    gate = gated(house, slowly)
    house.answer("deny", "deny")
    waiting = asyncio.ensure_future(
        gate.authorize(command(house, "make", "-e", LONG), house.session)
    )
    await asyncio.to_thread(asked.wait, 30)
    with pytest.raises(DeniedError):
        await gate.authorize(command(house, "make"), house.session)
    assert not waiting.done()
    go.set()
    with pytest.raises(DeniedError):
        await asyncio.wait_for(waiting, 30)


async def test_what_is_asked_is_all_of_it(house: Any) -> None:
    (house.bin / "sh").write_text("#!/bin/false\n")
    (house.bin / "sh").chmod(0o755)
    seen: list[Any] = []

    def look(prompt: Any) -> str:
        seen.append(prompt)
        return "once"

    house.person.script = look
    argv = ("sh", "-c", LONG)
    permit = await gated(house, read_command).authorize(command(house, *argv), house.session)
    permit.close()
    lines = "\n".join(seen[0].diff)
    assert all(f"part-{number}" in lines for number in range(40))
    # Forgotten with the question, once nothing holds it any more.
    del permit
    gc.collect()
    read_command.cache_clear()
    assert known(argv).problem


async def test_what_cannot_be_read_in_time_is_denied(house: Any) -> None:
    gate = gated(house, lambda argv: Reading(problem="It takes too long to be read."))
    with pytest.raises(DeniedError, match="too long"):
        await gate.authorize(command(house, "make", LONG), house.session)
    assert house.log.lines[-1]["step"] == "malformed"


async def test_a_reader_that_fails_is_a_deny(house: Any) -> None:
    def broken(argv: tuple[str, ...]) -> Reading:
        raise RuntimeError("broken")

    with pytest.raises(DeniedError, match="not run"):
        await gated(house, broken).authorize(command(house, "make", LONG), house.session)
    assert house.log.lines[-1]["verdict"] == "deny"
