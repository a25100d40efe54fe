"""Every task that starts ends exactly once, whatever happens to it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from zeke_bridge.broker.tasks import MAX_TASKS, Mail, Running, TaskTable
from zeke_bridge.model.errors import InputError, NoModelError
from zeke_bridge.model.task import TaskKind, TaskRequest

pytestmark = pytest.mark.anyio


class Sink:
    """Keeps events, and tells when the wanted one came."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Mapping[str, Any]]] = []
        self.ended = asyncio.Event()

    def send(self, name: str, payload: Mapping[str, Any]) -> None:
        self.events.append((name, payload))
        if name in ("task.done", "task.failed"):
            self.ended.set()

    def names(self) -> list[str]:
        return [name for name, _ in self.events]


def _request(task_id: str = "1") -> TaskRequest:
    return TaskRequest(task_id, TaskKind.CHAT, "/")


def _table(sink: Sink) -> TaskTable:
    return TaskTable(sink, lambda: None)


async def _never(_: Running) -> Mapping[str, Any]:
    await asyncio.Event().wait()
    return {}


async def test_what_begins_a_task_can_say_more_and_wait_for_it() -> None:
    sink = Sink()

    async def job(running: Running) -> Mapping[str, Any]:
        raise NoModelError("No.")

    task = _table(sink).submit(_request(), job, agent="codex")
    assert sink.events == [("task.started", {"id": "1", "kind": "chat", "agent": "codex"})]
    await task
    assert sink.names() == ["task.started", "task.failed"]


async def test_a_task_starts_and_is_done() -> None:
    sink = Sink()
    table = _table(sink)

    async def job(running: Running) -> Mapping[str, Any]:
        running.send("task.delta", text="x")
        return {"text": "x"}

    table.submit(_request(), job)
    assert len(table) == 1
    await sink.ended.wait()
    assert sink.events == [
        ("task.started", {"id": "1", "kind": "chat"}),
        ("task.delta", {"id": "1", "text": "x"}),
        ("task.done", {"id": "1", "kind": "chat", "text": "x"}),
    ]
    await table.close()
    assert len(table) == 0


async def test_an_error_keeps_its_code_and_sentence() -> None:
    sink = Sink()

    async def job(_: Running) -> Mapping[str, Any]:
        raise NoModelError("Nothing is there.")

    _table(sink).submit(_request(), job)
    await sink.ended.wait()
    assert sink.events[-1] == (
        "task.failed",
        {"id": "1", "code": "no_model", "message": "Nothing is there.", "retryable": False},
    )


async def test_a_failure_says_what_stays() -> None:
    sink, begun = Sink(), asyncio.Event()

    async def job(running: Running) -> Mapping[str, Any]:
        running.lasting["settled"] = lambda: ["a.py"]
        running.lasting["nothing"] = list
        begun.set()
        return await _never(running)

    table = _table(sink)
    table.submit(_request(), job)
    await begun.wait()
    await table.close()
    await sink.ended.wait()
    failed = sink.events[-1][1]
    assert (failed["code"], failed["settled"]) == ("cancelled", ["a.py"])
    assert "nothing" not in failed


async def test_a_fault_of_ours_is_no_traceback() -> None:
    sink = Sink()

    async def job(_: Running) -> Mapping[str, Any]:
        raise KeyError("secret")

    _table(sink).submit(_request(), job)
    await sink.ended.wait()
    failed = sink.events[-1][1]
    assert failed["code"] == "internal"
    assert "secret" not in failed["message"]


async def test_cancelled_before_its_first_step_it_still_ends() -> None:
    sink = Sink()
    table = _table(sink)
    table.submit(_request(), _never)
    assert table.cancel("1") == 1
    await sink.ended.wait()
    assert sink.events[-1][1]["code"] == "cancelled"
    assert len(table) == 0


async def test_cancelling_one_leaves_the_others() -> None:
    sink = Sink()
    table = _table(sink)
    for task_id in "abc":
        table.submit(_request(task_id), _never)
    assert table.cancel("nobody") == 0
    table.cancel("b")
    await sink.ended.wait()
    assert [one["id"] for one in table.describe()] == ["a", "c"]
    await table.close()
    assert sink.names().count("task.failed") == 3


async def test_mail_reaches_its_task_only() -> None:
    sink = Sink()
    table = _table(sink)

    async def job(running: Running) -> Mapping[str, Any]:
        return {"said": (await running.mail.get()).name}

    table.submit(_request("a"), job)
    assert not table.deliver("b", Mail("edit.accept", {}))
    assert table.deliver("a", Mail("edit.accept", {}))
    await sink.ended.wait()
    assert sink.events[-1][1]["said"] == "edit.accept"


async def test_an_id_is_used_once_and_their_number_is_bounded() -> None:
    table = _table(Sink())
    table.submit(_request("0"), _never)
    with pytest.raises(InputError, match="running already"):
        table.submit(_request("0"), _never)
    for number in range(1, MAX_TASKS):
        table.submit(_request(str(number)), _never)
    with pytest.raises(InputError, match="ZekeCancel"):
        table.submit(_request("more"), _never)
    await table.close()
