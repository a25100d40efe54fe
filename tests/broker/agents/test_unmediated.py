"""What an agent says to have changed by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.fakes.reviewer import AUTO
from zeke_bridge.agents.effects import Declared, FileText
from zeke_bridge.broker.agents.unmediated import MOST_WRITTEN, UNNAMED

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]


async def test_what_was_written_with_a_permit_is_known(bench: Make) -> None:
    one = bench(settings=AUTO)
    await one.hands.write([FileText("a.py", "new\n")])
    for path in ("a.py", str(one.street.project / "a.py")):
        assert await one.hands.unmediated(path, 1, 1)
    one.hands.turn_ended()
    assert one.sink.named("notice") == []
    (one.street.project / "a.py").write_text("other\n")
    assert not await one.hands.unmediated("a.py", 1, 1)
    (one.street.project / "a.py").unlink()
    assert not await one.hands.unmediated("a.py", 0, 1)


async def test_what_was_declared_and_allowed_is_known_when_it_does_that_itself(
    bench: Make,
) -> None:
    """As Claude Code, Codex and Copilot do: they ask with a diff, and then write it themselves."""
    one = bench()
    file = one.street.project / "a.py"
    edit = Declared("Edit a.py", "edit", edits=((str(file), "old\n", "new\n"),))
    asking = asyncio.create_task(one.hands.declared(edit))
    await one.answer("once")
    assert await asking
    file.write_text("new\n")
    for _ in range(2):
        assert await one.hands.unmediated(str(file), 1, 1)
    assert one.files() == [("a.py", "written", 1, 1)]
    file.write_text("new\nand more\n")
    assert not await one.hands.unmediated(str(file), 2, 1)
    one.hands.turn_ended()
    assert "changed 1 file by itself" in one.sink.named("notice")[0]["message"]


async def test_what_was_declared_and_denied_is_no_permit(bench: Make) -> None:
    one = bench()
    file = one.street.project / "a.py"
    edit = Declared("Edit a.py", "edit", edits=((str(file), "old\n", "new\n"),))
    asking = asyncio.create_task(one.hands.declared(edit))
    await one.answer("deny")
    assert not await asking
    file.write_text("new\n")
    assert not await one.hands.unmediated(str(file), 1, 1)
    assert one.files() == [("a.py", "unmediated", 1, 1)]


async def test_the_rest_is_written_down_and_shown(bench: Make) -> None:
    one = bench()
    for path in ("a.py", "a.py", "b.py", "/etc/x\x1b"):
        assert not await one.hands.unmediated(path, 2, 1)
    assert one.files() == [
        ("a.py", "unmediated", 2, 1),
        ("b.py", "unmediated", 2, 1),
        ("/etc/x\\u{1b}", "unmediated", 2, 1),
    ]
    lines = one.lines()
    assert [line["target"] for line in lines] == ["/etc/x\\u{1b}", "b.py", "a.py"]
    assert {line["verdict"] for line in lines} == {"none"}
    assert {line["result"] for line in lines} == {"+2 -1"}
    assert one.street.audit.verify().problem == ""
    decision = (await one.street.shown(one.session))["decisions"][-1]
    assert (decision["step"], decision["verdict"]) == ("unmediated", "none")
    assert "nobody was asked" in decision["why"]
    one.hands.turn_ended()
    one.hands.turn_ended()
    (notice,) = one.sink.named("notice")
    assert "changed 3 files by itself" in notice["message"]


async def test_a_path_is_known_however_it_is_spelled(bench: Make) -> None:
    one = bench(settings=AUTO)
    (one.street.project / "x").mkdir()
    await one.hands.write([FileText(f"{one.street.project}/./x/../a.py", "new\n")])
    assert await one.hands.unmediated(str(one.street.project / "a.py"), 1, 1)


async def test_a_change_without_a_name_is_reported_where_nothing_had_a_permit(
    bench: Make,
) -> None:
    one = bench(settings=AUTO)
    assert not await one.hands.unmediated("", 0, 0)
    assert one.files() == [(UNNAMED, "unmediated", 0, 0)]
    assert one.lines()[0]["target"] == UNNAMED
    one.hands.turn_ended()
    await one.hands.write([FileText("a.py", "new\n")])
    assert await one.hands.unmediated("", 0, 0)
    one.hands.turn_ended()
    assert not await one.hands.unmediated("", 0, 0)


async def test_a_flood_is_not_written_down_one_by_one(bench: Make) -> None:
    one = bench()
    for number in range(MOST_WRITTEN + 50):
        assert not await one.hands.unmediated(f"{number}.py", 1, 0)
    assert len(one.files()) == MOST_WRITTEN


async def test_a_failing_log_is_told(bench: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = bench()

    def full(*_: Any, **__: Any) -> None:
        raise OSError("full")

    monkeypatch.setattr(one.street.audit, "append", full)
    assert not await one.hands.unmediated("a.py", 1, 0)
    assert one.sink.named("notice")[0]["level"] == "error"
