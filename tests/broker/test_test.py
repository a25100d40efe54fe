"""Tests for a range: a proposed file that nobody writes without a yes to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.street import Street
from zeke_bridge.broker.tasks import Mail
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
    editor, sink = street.editor()
    street.broker.submit(editor, request(street))
    files: Any = await sink.until("task.files")
    content = "def test_it():\n    assert f() == 1\n"
    assert files["files"] == [
        {"path": "tests/test_a.py", "content": content, "exists": False},
    ]
    assert files["problems"] == []
    ask = model.asks[0]
    assert isinstance(ask, CodeAsk)
    assert (ask.task, ask.instruction, ask.snippet.path) == ("test", "zero", "a.py")
    editor.tasks.deliver("1", Mail("create.answer", {"accept": (1,)}))
    asked: Any = await sink.until("consent.asked")
    assert (asked["verb"], asked["target"]) == ("create", "tests/test_a.py")
    assert not (street.project / "tests").exists()
    editor.answer(asked["prompt"], "once")
    done: Any = await sink.until("task.done")
    assert done["files"][0]["state"] == "written"
    assert (street.project / "tests" / "test_a.py").read_text() == content


async def test_a_no_leaves_nothing(street: Street) -> None:
    editor, sink = street.editor()
    street.broker.submit(editor, request(street))
    await sink.until("task.files")
    editor.tasks.deliver("1", Mail("create.answer", {"accept": (1,)}))
    asked: Any = await sink.until("consent.asked")
    editor.answer(asked["prompt"], "deny")
    done: Any = await sink.until("task.done")
    assert done["files"][0]["state"] == "denied"
    assert not (street.project / "tests").exists()


async def test_a_test_file_that_is_there_stays(street: Street) -> None:
    (street.project / "tests").mkdir()
    (street.project / "tests" / "test_a.py").write_text("mine\n")
    editor, sink = street.editor(settings={"ghostllm": {"auto_approve_write": True}})
    street.broker.submit(editor, request(street))
    files: Any = await sink.until("task.files")
    assert files["files"][0]["path"] == "tests/test_a_2.py"
    assert files["problems"] == ["tests/test_a.py is there already and stays as it is."]
    editor.tasks.deliver("1", Mail("create.answer", {"accept": (1,)}))
    await sink.until("task.done")
    assert (street.project / "tests" / "test_a.py").read_text() == "mine\n"
    assert (street.project / "tests" / "test_a_2.py").exists()


async def test_what_may_not_be_read_is_not_tested(street: Street, model: FakeModel) -> None:
    (street.project / ".env").write_text("KEY=1\n")
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, ".env"))
    asked: Any = await sink.until("consent.asked")
    editor.answer(asked["prompt"], "deny")
    assert (await sink.until("task.failed"))["code"] == "denied"
    assert model.asks == []


async def test_a_buffer_without_a_file(street: Street) -> None:
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, ""))
    files: Any = await sink.until("task.files")
    assert files["files"][0]["path"] == "tests/test_snippet.py"


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


async def test_a_refactoring_keeps_what_the_code_does(street: Street, model: FakeModel) -> None:
    model.answers[0] = "```python\ndef f():\n    return 2\n```"
    editor, sink = street.editor()
    buffer = Buffer("def f():\n    return 1", str(street.project / "a.py"), end_line=2)
    street.broker.submit(
        editor,
        TaskRequest(
            "1", TaskKind.REFACTOR, str(street.project), buffer=buffer, instruction="shorten it."
        ),
    )
    patch: Any = await sink.until("task.patch")
    assert patch["hunks"][0]["new"] == ["    return 2"]
    ask = model.asks[0]
    assert ask.task == "refactor"
    assert ask.instruction == "Refactor: shorten it. Keep what the code does."
    editor.tasks.deliver("1", Mail("edit.reject", {}))
    assert (await sink.until("task.done"))["written"] is False
