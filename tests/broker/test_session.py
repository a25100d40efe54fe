"""One editor's session: what is written is written down, whoever has left meanwhile."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.street import Street
from zeke_bridge.model.errors import DeniedError
from zeke_bridge.model.permit import Permit
from zeke_bridge.model.task import Buffer, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio


async def test_a_write_that_began_is_written_down(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, sink = street.editor(settings={"ghostllm": {"auto_approve_write": True}})
    files = editor.services.files
    began, go = asyncio.Event(), threading.Event()
    loop, write = asyncio.get_running_loop(), files.write

    def slow(permit: Permit, content: bytes) -> None:
        loop.call_soon_threadsafe(began.set)
        assert go.wait(30)
        write(permit, content)

    monkeypatch.setattr(files, "write", slow)
    permit = await editor.authorize(street.write())
    task = asyncio.create_task(editor.write(permit, b"new\n"))
    await began.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    go.set()
    await editor.close()
    assert (street.project / "a.py").read_text() == "new\n"
    assert (await street.shown(editor))["decisions"][0]["result"] == "done"
    assert not editor._writing
    assert sink.named("notice") == []


async def test_a_write_that_broke_is_written_down(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, _ = street.editor(settings={"ghostllm": {"auto_approve_write": True}})

    def broken(permit: Permit, content: bytes) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr(editor.services.files, "write", broken)
    permit = await editor.authorize(street.write())
    with pytest.raises(RuntimeError):
        await editor.write(permit, b"new\n")
    assert (await street.shown(editor))["decisions"][0]["result"] == "failed"


def _explain(street: Street, name: str) -> TaskRequest:
    path = str(street.project / name)
    return TaskRequest("1", TaskKind.EXPLAIN, str(street.project), buffer=Buffer("x", path))


async def test_the_audience_is_that_after_the_answer(street: Street) -> None:
    (street.project / ".env").write_text("KEY=1\n")
    editor, sink = street.editor()
    task = asyncio.create_task(editor.source(_explain(street, ".env")))
    asked: Any = await sink.until("consent.asked")
    table = {"version": 1, "grants": [], "denies": [], "local_only": True}
    (street.project / ".zeke-consents.json").write_text(json.dumps(table))
    editor.answer(asked["prompt"], "once")
    assert (await task).audience.local_only


def _stay_here(place: Path) -> None:
    table = {"version": 1, "grants": [], "denies": [], "local_only": True}
    place.mkdir(parents=True, exist_ok=True)
    (place / ".zeke-consents.json").write_text(json.dumps(table))


async def test_text_of_a_place_that_keeps_its_own_stays_here(street: Street) -> None:
    editor, _ = street.editor()
    _stay_here(street.project / "sub" / "secret")
    inner, outer = _explain(street, "sub/secret/a.py"), _explain(street, "sub/b.py")
    assert editor.audience(inner).local_only
    assert not editor.audience(outer).local_only


async def test_text_below_a_place_that_keeps_its_own_stays_here(street: Street) -> None:
    editor, _ = street.editor()
    _stay_here(street.project)
    (street.project / "vendored" / ".git").mkdir(parents=True)
    assert editor.audience(_explain(street, "vendored/a.py")).local_only


async def test_a_conversation_stays_here_once_it_was_in_such_a_place(
    street: Street, tmp_path: Path
) -> None:
    editor, _ = street.editor()
    _stay_here(tmp_path / "secret")
    there = TaskRequest("1", TaskKind.CHAT, str(street.project))
    assert not editor.audience(there).local_only
    assert editor.audience(replace(there, places=(str(tmp_path / "secret"),))).local_only
    assert editor.audience(replace(there, places=(str(tmp_path / "secret/a.py"),))).local_only


async def test_a_session_that_ends_while_its_task_waits(street: Street) -> None:
    (street.project / ".env").write_text("KEY=1\n")
    editor, sink = street.editor()
    near, _ = street.editor()
    street.broker.submit(editor, _explain(street, ".env"))
    await sink.until("consent.asked")
    street.broker.close(editor)
    failed: Any = await sink.until("task.failed")
    assert failed["code"] == "cancelled"
    state = await street.shown(near)
    assert state["waiting"] == []
    assert [(one["verdict"], one["target"]) for one in state["decisions"]] == [("deny", ".env")]
    with pytest.raises(DeniedError, match="gone"):
        await editor.authorize(street.write())
