"""An edit of a range: proposed, chosen from, written, and proposed again for a reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.reviewer import AUTO, Reviewer
from tests.fakes.street import Street
from zeke_bridge.model.exchange import CodeAsk
from zeke_bridge.model.task import Buffer, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio

TEXT = "import os\n\ndef f():\n    a = 1\n    return a\n\nx = f()"


def fenced(*lines: str) -> str:
    return "\n".join(["```python", *lines, "```"])


FIRST = fenced("def f():", "    a = 2", "    return a + 1")


@pytest.fixture
def model() -> FakeModel:
    return FakeModel(FIRST)


@pytest.fixture
def street(tmp_path: Path, model: FakeModel) -> Street:
    street = Street(tmp_path, model)
    (street.project / "a.py").write_text(f"{TEXT}\n")
    return street


@pytest.fixture
def person(street: Street) -> Reviewer:
    return Reviewer(street, settings=AUTO)


def request(street: Street, kind: TaskKind = TaskKind.EDIT) -> TaskRequest:
    path = str(street.project / "a.py")
    buffer = Buffer(TEXT, path, language="python", start_line=3, end_line=5, changedtick=1)
    return TaskRequest("1", kind, str(street.project), buffer=buffer, instruction="make it 2.")


def asked(model: FakeModel, number: int) -> CodeAsk:
    ask = model.asks[number]
    assert isinstance(ask, CodeAsk)
    return ask


async def test_what_is_chosen_is_written(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    person.submit(request(street))
    patch = await person.patch()
    assert [hunk["start_line"] for hunk in patch["hunks"]] == [4]
    assert patch["title"] == "make it 2."
    person.say("edit.accept")
    await person.apply()
    done = await person.done()
    assert (done["written"], done["round"], done["model"]) == (True, 1, "echo")
    assert asked(model, 0).instruction == "make it 2."
    text = (street.project / "a.py").read_text()
    assert text == TEXT.replace("a = 1", "a = 2").replace("return a", "return a + 1") + "\n"


async def test_a_reason_goes_back_with_what_was_taken(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    model.answers[0] = fenced("def f():", "    # two", "    a = 1", "    return a + 1")
    model.answers.append(fenced("def f():", "    # two", "    a = 1", "    return a * 2"))
    person.submit(request(street))
    patch = await person.patch()
    assert len(patch["hunks"]) == 2
    person.say("edit.accept", hunks=[1], reason="multiply, do not add")
    await person.apply()
    assert (await person.settled())["accepted"] == 1
    await person.sink.until("task.text")
    # The person has put a line before the range meanwhile.
    now = "# mine\n" + TEXT.replace("    a = 1", "    # two\n    a = 1")
    buffer = {"text": now, "changedtick": 5, "modified": True, "start_line": 1, "end_line": 9}
    person.say("edit.text", file=1, buffer=buffer)
    again = await person.patch(2)
    assert (again["round"], again["changedtick"], again["modified"]) == (2, 5, True)
    assert again["hunks"] == [
        {"start_line": 7, "old": ["    return a"], "new": ["    return a * 2"]}
    ]
    second = asked(model, 1)
    assert second.snippet.code == "def f():\n    # two\n    a = 1\n    return a"
    assert second.snippet.start_line == 4
    assert second.instruction.startswith("make it 2.\n\n")
    assert "1 of 2 changes were accepted" in second.instruction
    assert "+    return a + 1" in second.instruction
    assert "The reason: multiply, do not add" in second.instruction
    person.say("edit.accept", round=2, version=2)
    await person.apply(2, modified=True)
    done = await person.done()
    assert [(one["round"], one["state"]) for one in done["files"]] == [
        (1, "written"),
        (2, "applied"),
    ]
    assert done["written"]


async def test_every_round_hears_every_reason(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    model.answers.extend([FIRST] * 3)
    person.submit(request(street))
    for number in range(1, 4):
        await person.patch(number)
        person.say("edit.reject", round=number, reason=f"reason number {number}")
        await person.sink.until("task.text", number)
        person.say("edit.text", buffer={"text": TEXT, "changedtick": number})
    await person.patch(4)
    last = asked(model, 3).instruction
    assert all(f"reason number {number}" in last for number in range(1, 4))
    person.say("edit.reject", round=4)
    assert (await person.done())["rejected"]


async def test_an_answer_that_does_not_land_fails_the_task(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    model.answers[0] = "I would rather not change anything in this function, sorry."
    person.submit(request(street))
    failed = await person.failed()
    assert failed["code"] == "patch_failed"
    assert "settled" not in failed


async def test_a_second_answer_that_does_not_land_says_what_stays(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    model.answers.append("")
    person.submit(request(street))
    await person.patch()
    person.say("edit.reject", reason="no")
    await person.sink.until("task.text")
    person.say("edit.text", buffer={"text": TEXT})
    failed = await person.failed()
    assert failed["code"] == "patch_failed"
    assert [one["state"] for one in failed["settled"]] == ["rejected"]


async def test_a_file_that_is_gone_ends_it(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    person.submit(request(street))
    await person.patch()
    person.say("edit.reject", reason="no")
    await person.sink.until("task.text")
    (street.project / "a.py").unlink()
    person.say("edit.text")
    assert "not there any more" in (await person.failed())["message"]
    assert len(model.asks) == 1


async def test_the_text_is_shown_to_the_model_each_time_it_may(
    street: Street, model: FakeModel
) -> None:
    person = Reviewer(street)
    (street.project / ".env").write_text(f"{TEXT}\n")
    secret = Buffer(TEXT, str(street.project / ".env"), start_line=3, end_line=5)
    person.submit(
        TaskRequest("1", TaskKind.EDIT, str(street.project), buffer=secret, instruction="x")
    )
    await person.answer("once")
    await person.patch()
    person.say("edit.reject", reason="no")
    await person.sink.until("task.text")
    person.say("edit.text", buffer={"text": TEXT, "path": str(street.project / ".env")})
    await person.answer("deny", 2)
    assert (await person.failed())["code"] == "denied"
    assert len(model.asks) == 1


async def test_a_refactoring_keeps_what_the_code_does(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    person.submit(request(street, TaskKind.REFACTOR))
    await person.patch()
    assert asked(model, 0).instruction == "Refactor: make it 2. Keep what the code does."
    person.say("edit.reject")
    done: Any = await person.done()
    assert (done["written"], done["rejected"]) == (False, True)
