"""Files from a description: proposed, looked at, written one by one, proposed again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.reviewer import AUTO, Reviewer
from tests.fakes.street import Street
from zeke_bridge.model.exchange import ChatAsk
from zeke_bridge.model.task import TaskKind, TaskRequest

pytestmark = pytest.mark.anyio


def answer(**files: str) -> str:
    return json.dumps({"files": [{"path": path, "content": text} for path, text in files.items()]})


@pytest.fixture
def model() -> FakeModel:
    return FakeModel(answer(**{"x/c.py": "c\n", "a.py": "old\nnew\n"}))


@pytest.fixture
def street(tmp_path: Path, model: FakeModel) -> Street:
    return Street(tmp_path, model)


@pytest.fixture
def person(street: Street) -> Reviewer:
    return Reviewer(street, settings=AUTO)


def request(street: Street) -> TaskRequest:
    return TaskRequest("1", TaskKind.CREATE, str(street.project), instruction="a file c")


async def test_files_are_created_and_those_that_are_there_changed(
    person: Reviewer, street: Street
) -> None:
    person.submit(request(street))
    new, there = await person.patch(), await person.patch(2)
    assert (new["kind"], new["base"], new["name"]) == ("create", "", "x/c.py")
    assert (there["kind"], there["base"], there["name"]) == ("change", "old", "a.py")
    assert there["hunks"] == [{"start_line": 2, "old": [], "new": ["new"]}]
    for file in (1, 2):
        person.say("edit.accept", file=file)
        await person.apply(file)
    done = await person.done()
    assert [one["state"] for one in done["files"]] == ["written", "written"]
    assert done["model"] == "echo"
    assert (street.project / "x" / "c.py").read_text() == "c\n"
    assert (street.project / "a.py").read_text() == "old\nnew\n"


async def test_a_reason_goes_on_with_the_conversation(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    model.answers.append(answer(**{"x/d.py": "d\n"}))
    person.submit(request(street))
    await person.patch(2)
    person.say("edit.reject", file=1, reason="call it d")
    person.say("edit.accept", file=2)
    await person.apply()
    again = await person.patch(3)
    assert (again["round"], again["file"], again["name"]) == (2, 1, "x/d.py")
    ask = model.asks[1]
    assert isinstance(ask, ChatAsk)
    assert [one.role for one in ask.messages] == ["system", "user", "assistant", "user"]
    assert ask.schema is not None
    last = ask.messages[-1].content
    assert "x/c.py: all of it was rejected." in last
    assert "The reason: call it d" in last
    assert "a.py: all of it was accepted" in last
    person.say("edit.accept", round=2)
    await person.apply(2)
    assert (await person.done())["round"] == 2


async def test_an_answer_without_files_is_a_sentence(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    model.answers[0] = "I cannot."
    person.submit(request(street))
    assert (await person.failed())["code"] == "bad_answer"


async def test_a_path_that_is_none_is_that_file_s_problem(
    person: Reviewer, street: Street, model: FakeModel
) -> None:
    model.answers[0] = answer(**{"../out.py": "x", "fresh.py": "b\n"})
    person.submit(request(street))
    bad, good = await person.patch(), await person.patch(2)
    assert (bad["name"], bad["hunks"]) == ("../out.py", [])
    assert "no path inside the project" in bad["problem"]
    person.say("edit.accept", file=2)
    await person.apply()
    done = await person.done()
    assert [(one["name"], one["state"]) for one in done["files"]] == [
        ("../out.py", "failed"),
        ("fresh.py", "written"),
    ]
    assert good["kind"] == "create"
    assert not (street.project.parent / "out.py").exists()
