"""What ``:ZekeConsents`` shows, field by field, and takes back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.broker.consent.desk import MAX_DECISIONS, ConsentDesk
from zeke_bridge.broker.consent.memory import SessionMemory
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.errors import DeniedError, StoreError

pytestmark = pytest.mark.anyio

FIELDS = {
    "root", "trust", "hash", "notice", "local_only", "rejected", "git",
    "waiting", "session", "project", "refused", "denies", "decisions",
}  # fmt: skip


async def test_an_empty_project(house: Any) -> None:
    state = await house.shown()
    assert set(state) == FIELDS
    assert state["root"] == str(house.root)
    assert (state["trust"], state["git"], state["rejected"]) == ("none", "ignored", False)
    assert not any(state[name] for name in FIELDS - {"root", "trust", "git"})


async def test_why_it_was_decided(house: Any) -> None:
    house.answer("session", "once")
    permit = await house.gate.authorize(house.write(), house.session)
    house.files.write(permit, b"new\n")
    await house.gate.record_result(permit, "done", house.session)
    (await house.gate.authorize(house.write(content=b"2"), house.session)).close()
    with pytest.raises(DeniedError):
        odd = replace(house.write(), path="src/\u202e\0")
        await house.gate.authorize(odd, house.session)
    malformed, granted, asked = (await house.shown())["decisions"]
    assert (asked["verdict"], asked["step"], asked["by"]) == ("allow", "person", "session")
    assert (asked["result"], asked["target"], asked["op"]) == ("done", "src/a.py", "write")
    assert asked["why"].startswith("You allowed it for the session")
    assert (granted["step"], granted["result"]) == ("session_grant", "")
    assert granted["time"].endswith("Z")
    assert malformed["verdict"] == "deny"
    assert "\u202e" not in malformed["target"]
    assert {len(one) for one in (malformed, granted, asked)} == {11}


async def test_at_most_fifty_of_this_project(house: Any) -> None:
    for number in range(MAX_DECISIONS + 5):
        with pytest.raises(DeniedError):
            await house.gate.authorize(
                replace(house.write(), path=f"\0{number}"), house.editor(None)
            )
    elsewhere = Action(Op.READ, str(house.root.parent), path="\0")
    with pytest.raises(DeniedError):
        await house.gate.authorize(elsewhere, house.editor(None))
    decisions = (await house.shown())["decisions"]
    assert len(decisions) == MAX_DECISIONS
    assert decisions[0]["target"].endswith(str(MAX_DECISIONS + 4))


async def test_an_audit_log_that_cannot_be_read_hides_nothing_else(house: Any) -> None:
    class Unreadable:
        def recent(self, root: str, limit: int) -> list[dict[str, Any]]:
            raise StoreError("no")

    desk = ConsentDesk(house.store, Unreadable(), house.tracking)
    house.answer("session")
    (await house.gate.authorize(house.write(), house.session)).close()
    state = await desk.state(house.session, str(house.root))
    assert state["decisions"] == []
    assert len(state["session"]) == 1


async def test_a_refusal_is_listed_and_taken_back(house: Any) -> None:
    house.answer("deny", "deny", "deny", "once")
    for number in range(3):
        assert (await house.shown())["refused"] == []
        with pytest.raises(DeniedError):
            await house.gate.authorize(house.write(content=bytes([number])), house.session)
    (refused,) = (await house.shown())["refused"]
    assert refused["id"].startswith("refused-")
    assert (refused["op"], refused["target"], refused["count"]) == ("change", "src/a.py", 3)
    assert await house.desk.revoke(house.session, str(house.root), [refused["id"]]) == 1
    (await house.gate.authorize(house.write(), house.session)).close()
    assert (await house.shown())["refused"] == []


async def test_everything_from_outside_is_escaped(house: Any) -> None:
    evil = "src/\u202ea\u2066.py"
    (house.root / evil).write_text("x")
    house.answer("session")
    subject = Subject("agent", "x\u200by", "f" * 64)
    (await house.gate.authorize(house.write(evil, subject=subject), house.session)).close()
    shown = json.dumps(await house.shown(), ensure_ascii=False)
    assert not {"\u202e", "\u2066", "\u200b"} & set(shown)
    assert "\\\\u{202e}" in shown


async def test_a_projects_grant_that_is_called_like_ours(house: Any) -> None:
    house.answer("session", "project")
    (await house.gate.authorize(house.write(), house.session)).close()
    (session,) = (await house.shown())["session"]
    (await house.gate.authorize(house.write("src/b.py"), house.session)).close()
    table = json.loads(house.file.read_text())
    table["grants"][0]["id"] = "session-00000001"
    house.file.write_text(json.dumps(table))
    state = await house.shown()
    assert state["trust"] == "untrusted"
    await house.desk.trust(str(house.root), state["hash"])
    (named,) = (await house.shown())["project"]
    assert named["id"] == "session-00000001"
    chosen = [named["id"], "session-999999", "refused-999999"]
    assert await house.desk.revoke(house.session, str(house.root), chosen) == 1
    state = await house.shown()
    assert state["project"] == []
    assert [grant["id"] for grant in state["session"]] == [session["id"]]


async def test_rejected(house: Any) -> None:
    house.answer("project")
    (await house.gate.authorize(house.write(), house.session)).close()
    state = await house.shown()
    assert (state["trust"], state["rejected"]) == ("trusted", False)
    await house.desk.reject(str(house.root), state["hash"])
    state = await house.shown()
    assert (state["trust"], state["rejected"]) == ("untrusted", True)


def test_what_sessions_remember_has_different_names() -> None:
    one, two = SessionMemory(), SessionMemory()
    first = one.allow("/p", Op.WRITE, "assistant", "a", 1)
    assert one.allow("/p", Op.WRITE, "assistant", "a", 2) is first
    second = two.allow("/p", Op.WRITE, "assistant", "a", 1)
    assert first.id != second.id
    assert two.revoke([first.id]) == 0
    assert one.revoke([first.id, second.id, "nothing"]) == 1
    assert one.grants("/p").grants == ()
    assert len(two.grants("/p").grants) == 1


def test_refusals_are_by_project_and_kind() -> None:
    memory = SessionMemory()
    for _ in range(3):
        memory.refuse("/p", Op.WRITE, "a")
        memory.refuse("/p", Op.READ, "b")
    memory.refuse("/p", Op.DELETE, "c")
    assert memory.denied("/p") == {("change", "a"), ("read", "b")}
    assert memory.denied("/q") == frozenset()
    assert memory.revoke([one.id for one in memory.refusals("/p")]) == 2
    assert memory.denied("/p") == frozenset()
    memory.refuse("/p", Op.WRITE, "a")
    assert memory.refusals("/p") == ()
