"""What the assistant wants in a chat says for which task, so that the chat can say that it waits."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.street import Sink, Street
from zeke_bridge.broker.session import Session
from zeke_bridge.model.exchange import Answer, Piece, ToolCall
from zeke_bridge.model.task import Attachment, TaskKind, TaskRequest, Turn

pytestmark = pytest.mark.anyio


class Calling(FakeModel):
    """Calls one tool, then says what became of it."""

    def __init__(self, tool: str, **arguments: Any) -> None:
        super().__init__()
        self._call = ToolCall("1", tool, json.dumps(arguments))

    async def chat(self, ask: Any) -> AsyncGenerator[Piece, None]:
        self.asks.append(ask)
        last = ask.messages[-1]
        if last.role == "tool":
            yield Answer(last.content, self.receipt)
        else:
            yield Answer("", self.receipt, calls=(self._call,))


def begun(street: Street, task: str, *given: Attachment, **more: Any) -> tuple[Session, Sink]:
    editor, sink = street.editor(**more)
    turns = (Turn("user", "Do it.", given),)
    street.broker.submit(
        editor, TaskRequest(task, TaskKind.CHAT, str(street.project), messages=turns)
    )
    return editor, sink


async def test_a_question_of_a_tool_names_its_task(tmp_path: Path) -> None:
    street = Street(tmp_path, Calling("run_command", command="echo 1"))
    editor, sink = begun(street, "7")
    asked: Any = await sink.until("consent.asked")
    assert (asked["verb"], asked["session"], asked["task"]) == ("run", "", "7")
    [listed] = (await street.shown(editor))["waiting"]
    assert listed["task"] == "7"
    near, _ = street.editor()
    [told] = (await street.shown(near))["waiting"]
    assert told["task"] == ""  # which is another one there
    assert editor.answer(asked["prompt"], "deny")
    await sink.until("task.done")


async def test_a_question_of_what_is_mentioned_names_its_task(tmp_path: Path) -> None:
    street = Street(tmp_path, FakeModel("Said."))
    (street.project / ".env").write_text("KEY=1\n")
    path = str(street.project / ".env")
    editor, sink = begun(street, "7", Attachment("file", "@file:.env", path))
    asked: Any = await sink.until("consent.asked")
    assert (asked["verb"], asked["task"]) == ("read", "7")
    assert editor.answer(asked["prompt"], "deny")
    await sink.until("task.done")


async def test_a_review_names_the_task_that_wants_it(tmp_path: Path) -> None:
    street = Street(tmp_path, Calling("create_file", path="new.py", text="x = 1\n"))
    editor, sink = begun(street, "7")
    await sink.until("task.patch")
    begins: Any = sink.named("task.started")[1]
    assert (begins["kind"], begins["session"], begins["task"]) == ("review", "", "7")
    assert editor.tasks.cancel(begins["id"]) == 1
    await sink.until("task.done")
