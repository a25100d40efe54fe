"""One file of a change whose text is taken from disk: whatever becomes of it under the review."""

from __future__ import annotations

import json

import pytest

from tests.fakes.reviewer import Reviewer
from tests.fakes.street import Street
from zeke_bridge.broker.review import Whole
from zeke_bridge.broker.review import file as reviewing
from zeke_bridge.model.errors import ChangedError
from zeke_bridge.model.permit import Permit
from zeke_bridge.workspace.files import Files

pytestmark = pytest.mark.anyio

OLD, NEW = "1\n2\n3\n4\n5", "1\nx\n3\n4\ny"


@pytest.fixture(autouse=True)
def five(street: Street) -> None:
    (street.project / "a.py").write_text(f"{OLD}\n")


def on_disk(street: Street) -> str:
    return (street.project / "a.py").read_text()


async def test_a_file_that_changed_under_the_prompt_is_shown_again(
    person: Reviewer, street: Street
) -> None:
    path = street.project / "a.py"
    person.review([Whole("a.py", f"{NEW}\n")])
    patch = await person.patch()
    assert "changedtick" not in patch
    assert patch["base"] == OLD
    person.say("edit.accept")
    await person.sink.until("consent.asked")
    path.write_text(f"0\n{OLD}\n")
    await person.answer("once")
    await person.apply()
    await person.sink.until("task.changed")
    again = await person.patch(2)
    assert [hunk["start_line"] for hunk in again["hunks"]] == [3, 6]
    assert on_disk(street) == f"0\n{OLD}\n"
    person.say("edit.accept")
    # Another text, another question.
    await person.answer("once", 2)
    await person.apply(2)
    assert (await person.done())["written"]
    assert on_disk(street) == f"0\n{NEW}\n"


async def test_a_file_that_is_deleted_underneath_is_created_anew(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([Whole("a.py", f"{NEW}\n")])
    await trusting.patch()
    (street.project / "a.py").unlink()
    trusting.say("edit.accept", hunks=[1])
    assert "removed" in (await trusting.sink.until("task.changed"))["message"]
    again = await trusting.patch(2)
    assert (again["kind"], again["base"]) == ("create", "")
    trusting.say("edit.accept")
    await trusting.apply()
    assert (await trusting.done())["written"]
    assert on_disk(street) == f"{NEW}\n"


async def test_a_file_that_went_under_the_prompt_is_asked_about_anew(
    person: Reviewer, street: Street
) -> None:
    person.review([Whole("a.py", f"{NEW}\n")])
    await person.patch()
    person.say("edit.accept")
    await person.sink.until("consent.asked")
    (street.project / "a.py").unlink()
    await person.answer("once")
    assert (await person.patch(2))["kind"] == "create"
    person.say("edit.accept")
    assert (await person.answer("once", 2))["verb"] == "create"
    await person.apply()
    assert (await person.done())["written"]


async def test_a_place_that_moves_again_and_again_is_not_waited_for(
    trusting: Reviewer, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moves(self: Files, permit: Permit, content: bytes) -> None:
        raise ChangedError("The directory was moved since you approved it.")

    monkeypatch.setattr(Files, "write", moves)
    trusting.review([Whole("c.py", "c\n")])
    await trusting.patch()
    trusting.say("edit.accept")
    for count in range(1, reviewing.MOST_ASKED + 1):
        await trusting.apply(count)
    done = await trusting.done()
    assert done["files"][0]["state"] == "failed"
    assert len(trusting.sink.named("task.patch")) == 1


async def test_a_file_that_appears_underneath_is_not_written_over(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([Whole("c.py", "c\n")])
    assert (await trusting.patch())["hunks"] == [{"start_line": 1, "old": [], "new": ["c"]}]
    (street.project / "c.py").write_text("theirs\n")
    trusting.say("edit.accept")
    again = await trusting.patch(2)
    assert again["hunks"] == [{"start_line": 1, "old": ["theirs"], "new": ["c"]}]
    trusting.say("edit.reject")
    await trusting.done()
    assert (street.project / "c.py").read_text() == "theirs\n"


async def test_a_created_file_that_has_a_buffer_with_text(
    trusting: Reviewer, street: Street
) -> None:
    trusting.review([Whole("c.py", "c\n")])
    await trusting.patch()
    trusting.say("edit.rebase", buffer={"text": "mine", "changedtick": 4, "modified": True})
    again = await trusting.patch(2)
    assert (again["kind"], again["changedtick"]) == ("change", 4)
    assert again["hunks"] == [{"start_line": 1, "old": ["mine"], "new": ["c"]}]
    trusting.say("edit.accept")
    await trusting.apply(modified=True)
    assert (await trusting.done())["files"][0]["state"] == "applied"
    assert not (street.project / "c.py").exists()


async def test_text_that_is_there_already_needs_nobody(person: Reviewer) -> None:
    person.review([Whole("a.py", f"{OLD}\n")])
    patch = await person.patch()
    assert (patch["hunks"], patch["problem"]) == ([], "The file has exactly this text already.")
    done = await person.done()
    assert (done["files"][0]["state"], done["written"]) == ("same", False)


async def test_what_is_no_text_is_a_sentence(person: Reviewer, street: Street) -> None:
    (street.project / "a.py").write_bytes(b"\xff\xfe\0")
    person.review([Whole("a.py", "x\n")])
    assert "no UTF-8 text" in (await person.patch())["problem"]
    assert (await person.done())["files"][0]["state"] == "failed"


async def test_a_secret_is_not_compared_without_a_yes(person: Reviewer, street: Street) -> None:
    (street.project / ".env").write_text("KEY=hunter2\n")
    person.review([Whole(".env", "KEY=1\n")])
    asked = await person.answer("deny")
    assert asked["verb"] == "read"
    patch = await person.patch()
    assert (patch["hunks"], patch["problem"]) == ([], "You said no.")
    assert (await person.done())["files"][0]["state"] == "denied"
    assert "hunter2" not in json.dumps(person.sink.events)


async def test_the_log_says_who_saw_what_was_there(trusting: Reviewer, street: Street) -> None:
    trusting.review([Whole("a.py", "x\n")])
    await trusting.patch()
    last = street.audit.recent(str(street.project), 1)[0]
    assert (last["op"], last["result"]) == ("read", "shown to the person")
