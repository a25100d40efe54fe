"""What a client of ``zeke mcp`` is told of an editor, over a real gate, and in its own name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.broker.agents.conftest import Bench
from tests.fakes.reviewer import AUTO
from tests.fakes.street import Street
from zeke_bridge.broker.agents.serving import Serving
from zeke_bridge.broker.asking import Asking
from zeke_bridge.model.errors import ConsentError, DeniedError, InputError, TimedOutError

pytestmark = pytest.mark.anyio

ASKS = {"ghostllm": {"auto_approve_read": False}}


class Front(Bench):
    """An editor that has ``known`` things to say."""

    def __init__(self, street: Street, **more: Any) -> None:
        super().__init__(street, **more)
        self.known: dict[str, Any] = {}
        self.heard: list[tuple[str, Mapping[str, Any]]] = []

    def _asked(self, payload: Mapping[str, Any]) -> None:
        what = payload["what"]
        self.heard.append((what, payload["params"]))
        if what in self.known:
            assert self.session.asking.answer(payload["ask"], self.known[what])
        else:
            super()._asked(payload)

    def serving(self, client: str = "cursor") -> Serving:
        return Serving(self.street.broker.editors, str(self.street.project), client)


async def test_the_disk_is_not_taken_for_what_is_not_saved(street: Street) -> None:
    front = Front(street)
    front.silent, front.session.asking = True, Asking(front.session.sink, limit=0.01)
    front.session.asking.unsaved = frozenset({str(street.project / "a.py")})
    with pytest.raises(TimedOutError, match=r"a.py has changes in Neovim .* wait for a key"):
        await front.serving().text("a.py")
    front.session.asking.unsaved = frozenset()
    assert (await front.serving().text("a.py"))["text"] == "old\n"


async def test_without_a_neovim_there_is_a_sentence(street: Street) -> None:
    root = str(street.project)
    for more in ({"ui": False}, {"reviews": False}, {"cwd": street.other}):
        street.editor(**more)
        with pytest.raises(InputError, match=r"No Neovim has .* open with Zeke"):
            Serving(street.broker.editors, root, "cursor")


async def test_buffers_that_may_be_read_are_told_and_written_down(street: Street) -> None:
    front = Front(street)
    (street.project / ".env").write_text("KEY=1\n")
    paths = [street.project / "a.py", street.project / ".env", street.other / "a.py"]
    buffers: list[Any] = [{"path": str(one), "lines": 1, "filetype": "py"} for one in paths]
    front.known["buffers"] = {"buffers": [*buffers, {"path": 3}, {"path": "a\0b"}, "nothing"]}
    told = await front.serving().buffers()
    entry = {"lines": 1, "filetype": "py", "modified": False, "current": False}
    assert told["buffers"] == [{"path": "a.py", **entry}]
    assert told["not_shown"] == 4
    assert front.lines()[0]["subject"] == "mcp:cursor:"
    assert front.lines()[-1]["target"] == "1 file names, 0 commit subjects"


async def test_a_file_is_read_as_the_editor_has_it(street: Street) -> None:
    front = Front(street)
    front.texts[str(street.project / "a.py")] = "typed\n"
    assert await front.serving().text("a.py") == {"path": "a.py", "text": "typed\n"}


async def test_the_person_is_asked_in_the_name_of_the_client(street: Street) -> None:
    front = Front(street, settings=ASKS)
    reading = asyncio.create_task(front.serving("evil\x1b[2J\u202e").text("a.py"))
    asked = await front.answer("deny")
    assert asked["subject"] == "evil?[2J? (MCP client)"
    with pytest.raises(DeniedError):
        await reading
    # An answer to one client is none to another.
    first = asyncio.create_task(front.serving("one").text("a.py"))
    await front.answer("project", 2)
    await first
    assert await front.serving("one").text("a.py")
    second = asyncio.create_task(front.serving("two").text("a.py"))
    await front.answer("deny", 3)
    with pytest.raises(DeniedError):
        await second


async def test_a_call_that_is_given_up_withdraws_its_question(street: Street) -> None:
    front = Front(street, settings=ASKS)
    reading = asyncio.create_task(front.serving().text("a.py"))
    await front.sink.until("consent.asked")
    reading.cancel()
    await front.sink.until("consent.closed")


async def test_a_selection_is_told_once_its_file_may_be_read(street: Street) -> None:
    front = Front(street)
    (street.project / ".env").write_text("KEY=1\n")
    where = {"path": str(street.project / "a.py"), "first": 1, "last": 1, "text": "old"}
    front.known["selection"] = where
    told = await front.serving().selection()
    assert told == {"path": "a.py", "first_line": 1, "last_line": 1, "text": "old"}
    front.known["selection"] = {**where, "path": str(street.project / ".env")}
    telling = asyncio.create_task(front.serving().selection())
    await front.answer("deny")
    with pytest.raises(ConsentError):
        await telling
    front.known["selection"] = {"path": 1}
    with pytest.raises(InputError):
        await front.serving().selection()


async def test_a_place_is_shown_when_its_file_may_be_read(street: Street) -> None:
    front = Front(street)
    front.known["open"] = {}
    assert await front.serving().open("a.py", 3) == {"opened": "a.py", "line": 3}
    assert front.heard == [("open", {"path": str(street.project / "a.py"), "line": 3})]
    for path in ("/proc/self/environ", "a\0b"):
        with pytest.raises(ConsentError):
            await front.serving().open(path, 1)
    assert len(front.heard) == 1
    front.known["open"] = {"line": 2}
    assert (await front.serving().open("a.py", 400))["line"] == 2


async def test_diagnostics_are_told(street: Street) -> None:
    front = Front(street)
    front.diagnostics = [
        {"path": str(street.project / "a.py"), "line": 1, "column": 2, "message": "bad"}
    ]
    assert await front.serving().diagnostics("") == {"diagnostics": "a.py:1:2: : bad"}


async def test_an_edit_is_reviewed_and_its_outcome_told(street: Street) -> None:
    front = Front(street)
    proposing = asyncio.create_task(front.serving().propose("a.py", None, [("old", "new")]))
    await front.patch()
    started = front.sink.named("task.started")[-1]
    assert (started["kind"], started["agent"]) == ("review", "cursor")
    front.say("edit.accept", file=1)
    asked = await front.answer("once")
    assert (asked["subject"], asked["verb"]) == ("cursor (MCP client)", "write")
    await front.apply()
    told = await proposing
    assert (told["state"], told["added"], told["removed"]) == ("written", 1, 1)
    assert (street.project / "a.py").read_text() == "new\n"


async def test_a_whole_text_is_for_the_unsaved_one_that_was_told(street: Street) -> None:
    front = Front(street)
    front.texts[str(street.project / "a.py")] = "typed\nmore\n"
    told = await front.serving().text("a.py")
    wanted = told["text"].replace("more", "less")
    proposing = asyncio.create_task(front.serving().propose("a.py", wanted, []))
    patch = await front.patch()
    assert patch["hunks"] == [{"start_line": 2, "old": ["more"], "new": ["less"]}]
    assert (patch["modified"], patch["note"]) == (True, "")
    front.say("edit.accept", file=1)
    await front.answer("once")
    await front.apply(modified=True)
    assert (await proposing)["state"] == "written"
    assert (street.project / "a.py").read_text() == "old\n"


async def test_a_rule_writes_it_at_once_and_senseless_ones_are_refused(street: Street) -> None:
    front = Front(street, settings=AUTO)
    told = await front.serving().propose("new.py", "x = 1\n", [])
    assert told["state"] == "written"
    for text, edits in ((None, []), ("x", [("a", "b")]), ("x" * (2**20 + 1), [])):
        with pytest.raises(InputError):
            await front.serving().propose("a.py", text, edits)
    with pytest.raises(InputError, match="does not stand in the file"):
        await front.serving().propose("a.py", None, [("nothing", "x")])


async def test_where_text_stays_on_this_machine_no_client_is_told(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = Front(street)
    monkeypatch.setattr(street.gate, "local_only", lambda _root: True)
    with pytest.raises(DeniedError, match="on this machine"):
        front.serving()
