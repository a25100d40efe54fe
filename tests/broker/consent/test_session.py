"""What a session and a project remember, as ``:ZekeConsents`` shows and changes it."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from zeke_bridge.model.action import Subject
from zeke_bridge.model.errors import DeniedError, StoreError

pytestmark = pytest.mark.anyio

AGENT = Subject("agent", "claude", "f" * 64)
NEW = b"new\n"


async def test_project_writes_the_file_and_is_honoured_elsewhere(house: Any) -> None:
    house.answer("project")
    (await house.gate.authorize(house.write(), house.session)).close()
    grants = json.loads(house.file.read_text())["grants"]
    assert [(grant["op"], grant["subject"], grant["target"]) for grant in grants] == [
        ("write", "assistant", "src/a.py")
    ]
    other = house.editor(None)
    permit = await house.gate.authorize(house.write(content=b"3"), other)
    assert permit.verdict.step == "project_grant"
    with pytest.raises(DeniedError):
        await house.gate.authorize(replace(house.write(), subject=AGENT), other)
    assert house.told == []
    house.clock.time += 31 * 86400
    with pytest.raises(DeniedError):
        await house.gate.authorize(house.write(content=b"4"), other)


async def test_revoked_is_asked_again(house: Any) -> None:
    desk = house.desk
    house.answer("project", "session", "deny")
    (await house.gate.authorize(house.write(), house.session)).close()
    state = await house.shown()
    assert (state["trust"], state["session"]) == ("trusted", [])
    (grant,) = state["project"]
    assert await desk.revoke(house.session, str(house.root), [grant["id"]]) == 1
    (await house.gate.authorize(house.write(), house.session)).close()
    (grant,) = (await house.shown())["session"]
    assert await desk.revoke(house.session, str(house.root), [grant["id"]]) == 1
    with pytest.raises(DeniedError):
        await house.gate.authorize(house.write(), house.session)


async def test_what_is_looked_at_next_has_the_change(house: Any) -> None:
    desk = house.desk
    house.answer("project")
    (await house.gate.authorize(house.write(), house.session)).close()
    (grant,) = (await house.shown())["project"]
    revoking = asyncio.create_task(desk.revoke(house.session, str(house.root), [grant["id"]]))
    await asyncio.sleep(0)
    assert (await house.shown())["project"] == []
    await revoking


async def test_an_untrusted_file_grants_nothing_and_says_so_once(house: Any) -> None:
    desk = house.desk
    house.answer("project")
    (await house.gate.authorize(house.write(), house.session)).close()
    house.file.write_bytes(house.file.read_bytes() + b"\n")
    house.answer("project", "deny")
    (await house.gate.authorize(house.write(), house.session)).close()
    levels = [text for _, text in house.told]
    assert [("review" in text, "session only" in text) for text in levels] == [
        (True, False),
        (True, True),
    ]
    (await house.gate.authorize(house.write(content=b"2"), house.session)).close()
    assert len(house.told) == 2
    state = await house.shown()
    assert state["trust"] == "untrusted"
    with pytest.raises(StoreError):
        await desk.trust(str(house.root), "0" * 64)
    await desk.trust(str(house.root), state["hash"])
    assert (await house.shown())["trust"] == "trusted"
    await desk.reject(str(house.root), state["hash"])
    assert (await house.shown())["trust"] == "untrusted"


@pytest.mark.parametrize("content", [b"{", b'{"version": 1}'])
async def test_a_broken_file_is_left_alone(house: Any, content: bytes) -> None:
    house.file.write_bytes(content)
    house.answer("project")
    permit = await house.gate.authorize(house.write(), house.session)
    house.files.write(permit, NEW)
    assert house.file.read_bytes() == content
    assert [level for level, _ in house.told] == ["warn", "warn"]
    assert "session only" in house.told[-1][1]


async def test_where_nothing_may_be_kept(house: Any) -> None:
    house.why = "Your home directory is no project; approvals there hold for the session only."
    house.answer("project")
    (await house.gate.authorize(house.write(), house.session)).close()
    assert not house.file.exists()
    assert "home directory" in house.told[-1][1]
    (await house.gate.authorize(house.write(content=b"2"), house.session)).close()


async def test_project_restrictions_bind_untrusted(house: Any) -> None:
    house.file.write_text(
        '{"version": 1, "grants": [], "denies": [{"op": "write", "pattern": "src/"}],'
        ' "local_only": true}'
    )
    with pytest.raises(DeniedError, match="consent file denies"):
        await house.gate.authorize(house.write(), house.session)
    assert house.gate.local_only(str(house.root))
    assert house.told == []


async def test_what_waits_is_listed(house: Any) -> None:
    tasks = [
        asyncio.create_task(house.gate.authorize(house.write(path), house.session))
        for path in ("src/a.py", "src/\u202eb.py")
    ]
    await house.person.is_asked()
    waiting = (await house.shown())["waiting"]
    assert [(entry["target"], entry["shown"]) for entry in waiting] == [
        ("src/a.py", True),
        ("src/\\u{202e}b.py", False),
    ]
    house.session.close()
    await asyncio.gather(*tasks, return_exceptions=True)
