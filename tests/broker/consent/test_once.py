"""A yes to what was only declared: given by a person, spent once, and never for more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.model.action import Op, Subject
from zeke_bridge.model.errors import AuditError, DeniedError
from zeke_bridge.model.grant import Rules

pytestmark = pytest.mark.anyio


async def test_only_a_person_who_said_once_makes_it(house: Any) -> None:
    house.answer("session", "once")
    for wanted, made in ((house.write(), False), (house.write(), False), (house.write("b"), True)):
        permit = await house.gate.authorize(wanted, house.session, result="declared")
        assert (house.gate.expect(permit, house.session) is not None) is made
    allowing = house.editor(house.person, Rules(auto_approve_write=True))
    permit = await house.gate.authorize(house.write(), allowing, result="declared")
    assert house.gate.expect(permit, allowing) is None


async def test_it_is_spent_by_what_was_declared(house: Any) -> None:
    house.answer("once", "deny")
    wanted = house.write()
    permit = await house.gate.authorize(replace(wanted, note="declared"), house.session, result="-")
    assert house.gate.expect(permit, house.session) is not None
    assert not house.gate.asks(wanted, house.session)
    assert house.gate.expects(replace(wanted, content_sha256="0" * 64), house.session)
    for other in (
        replace(wanted, content_sha256="0" * 64),
        replace(wanted, base_sha256="0" * 64),
        replace(wanted, op=Op.READ, path=".env"),
        replace(wanted, path="src/b.py", op=Op.CREATE, base_sha256=""),
        replace(wanted, subject=Subject("agent", "x", "y")),
    ):
        assert house.gate.asks(other, house.session)
    assert house.gate.asks(wanted, house.editor(None))
    given = await house.gate.authorize(wanted, house.session, quiet=True)
    assert (given.verdict.step, given.verdict.grant) == ("person", "declared")
    given.close()
    with pytest.raises(DeniedError):
        await house.gate.authorize(wanted, house.session)


async def test_it_does_not_outlive_a_change_of_what_is_there(house: Any) -> None:
    house.answer("once")
    wanted = house.write()
    permit = await house.gate.authorize(wanted, house.session, result="-")
    house.gate.expect(permit, house.session)
    path = house.root / "src" / "a.py"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    (house.root / "other").hardlink_to(path)
    assert house.gate.asks(wanted, house.session)


async def test_without_the_log_it_is_spent_for_nothing(house: Any) -> None:
    house.answer("once")
    wanted = house.write()
    permit = await house.gate.authorize(wanted, house.session, result="-")
    house.gate.expect(permit, house.session)
    house.log.fails = True
    with pytest.raises(AuditError):
        await house.gate.authorize(wanted, house.session)
    house.log.fails = False
    assert house.gate.asks(wanted, house.session)


async def test_a_deny_still_denies(house: Any) -> None:
    house.answer("once")
    wanted = house.write()
    permit = await house.gate.authorize(wanted, house.session, result="-")
    house.gate.expect(permit, house.session)
    for _ in range(3):
        house.session.memory.refuse(wanted.root, Op.WRITE, "src/a.py")
    with pytest.raises(DeniedError, match="refused"):
        await house.gate.authorize(wanted, house.session)


@pytest.mark.parametrize("first", ["yes", "no"])
async def test_a_no_takes_back_what_was_declared(house: Any, first: str) -> None:
    house.answer("once", "deny", "once")
    wanted = house.write()
    permit = await house.gate.authorize(wanted, house.session, result="-")
    if first == "yes":
        house.gate.expect(permit, house.session)
    with pytest.raises(DeniedError):
        await house.gate.authorize(replace(wanted, content_sha256="0" * 64), house.session)
    if first == "no":
        # The person was faster than what their yes was to be remembered by.
        house.gate.expect(permit, house.session)
    assert house.gate.asks(wanted, house.session)
    assert not house.gate.expects(wanted, house.session)
    # Their last word counts.
    permit = await house.gate.authorize(wanted, house.session, result="-")
    house.gate.expect(permit, house.session)
    assert not house.gate.asks(wanted, house.session)


async def test_no_more_are_kept_than_anybody_needs(house: Any) -> None:
    house.person.script = lambda prompt: "once"
    for number in range(70):
        wanted = house.write(f"n{number}.py")
        permit = await house.gate.authorize(wanted, house.session, result="-")
        house.gate.expect(permit, house.session)
    assert len(house.session.memory._once) == 64
    assert house.gate.asks(house.write("n0.py"), house.session)
    assert not house.gate.asks(house.write("n69.py"), house.session)
