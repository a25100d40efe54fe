"""Tests for a range: a proposed file that nobody writes without a yes to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.reviewer import AUTO, Reviewer
from tests.fakes.street import Street
from zeke_bridge.model.exchange import CodeAsk
from zeke_bridge.model.task import Buffer, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio

ANSWER = "Here:\n```python\ndef test_it():\n    assert f() == 1\n```\n"


@pytest.fixture
def model() -> FakeModel:
    return FakeModel(ANSWER)


@pytest.fixture
def street(tmp_path: Path, model: FakeModel) -> Street:
    return Street(tmp_path, model)


def request(street: Street, name: str = "a.py") -> TaskRequest:
    path = str(street.project / name) if name else ""
    buffer = Buffer("def f():\n    return 1", path, language="python", end_line=2)
    cwd = str(street.project)
    return TaskRequest("1", TaskKind.TEST, cwd, buffer=buffer, instruction="zero")


async def test_a_file_is_proposed_asked_about_and_written(street: Street, model: FakeModel) -> None:
    person = Reviewer(street)
    person.submit(request(street))
    patch = await person.patch()
    content = "def test_it():\n    assert f() == 1\n"
    assert (patch["name"], patch["kind"], patch["note"]) == ("tests/test_a.py", "create", "")
    assert patch["hunks"][0]["new"] == content.splitlines()
    ask = model.asks[0]
    assert isinstance(ask, CodeAsk)
    assert (ask.task, ask.instruction, ask.snippet.path) == ("test", "zero", "a.py")
    person.say("edit.accept")
    await person.sink.until("consent.asked")
    assert not (street.project / "tests").exists()
    asked = await person.answer("once")
    assert (asked["verb"], asked["target"]) == ("create", "tests/test_a.py")
    await person.apply()
    done = await person.done()
    assert done["files"][0]["state"] == "written"
    assert (street.project / "tests" / "test_a.py").read_text() == content


async def test_an_address_is_no_place_for_tests(street: Street, model: FakeModel) -> None:
    person, wanted = Reviewer(street, settings=AUTO), request(street, ".git/0123/sub/a.py")
    assert wanted.buffer is not None
    person.submit(replace(wanted, buffer=replace(wanted.buffer, is_file=False)))
    assert ".git" not in (await person.patch())["name"]
    person.say("edit.reject")
    await person.done()


async def test_a_no_leaves_nothing(street: Street) -> None:
    person = Reviewer(street)
    person.submit(request(street))
    await person.patch()
    person.say("edit.accept")
    await person.answer("deny")
    assert (await person.done())["files"][0]["state"] == "denied"
    assert not (street.project / "tests").exists()


async def test_a_test_file_that_is_there_stays(street: Street) -> None:
    (street.project / "tests").mkdir()
    (street.project / "tests" / "test_a.py").write_text("mine\n")
    person = Reviewer(street, settings=AUTO)
    person.submit(request(street))
    patch = await person.patch()
    assert patch["name"] == "tests/test_a_2.py"
    assert patch["note"] == "tests/test_a.py is there already and stays as it is."
    person.say("edit.accept")
    await person.apply()
    await person.done()
    assert (street.project / "tests" / "test_a.py").read_text() == "mine\n"
    assert (street.project / "tests" / "test_a_2.py").exists()


async def test_a_reason_makes_a_better_one_of_the_same_name(
    street: Street, model: FakeModel
) -> None:
    model.answers.append("```python\ndef test_it():\n    assert f() == 2\n```")
    person = Reviewer(street, settings=AUTO)
    person.submit(request(street))
    await person.patch()
    person.say("edit.accept", reason="it is 2")
    await person.apply()
    again = await person.patch(2)
    assert (again["name"], again["kind"], again["round"]) == ("tests/test_a.py", "change", 2)
    assert again["hunks"][0]["new"] == ["    assert f() == 2"]
    assert model.asks[1].instruction.startswith("zero\n\n")
    assert "The reason: it is 2" in model.asks[1].instruction
    person.say("edit.reject", round=2)
    assert (await person.done())["written"]


async def test_what_may_not_be_read_is_not_tested(street: Street, model: FakeModel) -> None:
    (street.project / ".env").write_text("KEY=1\n")
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, ".env"))
    asked: Any = await sink.until("consent.asked")
    editor.answer(asked["prompt"], "deny")
    assert (await sink.until("task.failed"))["code"] == "denied"
    assert model.asks == []


async def test_a_buffer_without_a_file(street: Street) -> None:
    person = Reviewer(street)
    person.submit(request(street, ""))
    assert (await person.patch())["name"] == "tests/test_snippet.py"


@pytest.mark.parametrize("answer", ["", "```python\ndef test_it():\n"])
async def test_an_answer_without_tests_is_a_sentence(
    street: Street, model: FakeModel, answer: str
) -> None:
    model.answers[0] = answer
    editor, sink = street.editor()
    street.broker.submit(editor, request(street))
    failed: Any = await sink.until("task.failed")
    assert failed["code"] == "bad_answer"
    assert failed["message"].endswith(".")
