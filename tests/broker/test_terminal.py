"""Help with a shell: what a model is shown, and what comes back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.model import FakeModel
from tests.fakes.street import Street
from zeke_bridge.model.exchange import Suggestion, TerminalAsk
from zeke_bridge.model.task import Buffer, Shell, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio


@pytest.fixture
def model() -> FakeModel:
    return FakeModel("Said.")


@pytest.fixture
def street(tmp_path: Path, model: FakeModel) -> Street:
    return Street(tmp_path, model)


def request(street: Street, job: Any, text: str, output: str = "", **more: Any) -> TaskRequest:
    shell = Shell(job, output, "zsh", "Linux")
    cwd = str(street.project)
    return TaskRequest("1", TaskKind.TERMINAL, cwd, instruction=text, shell=shell, **more)


async def test_names_and_nothing_else_go_along(
    street: Street, model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "sk-0123")
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, "debug", "make", "failed\nbadly"))
    done: Any = await sink.until("task.done")
    assert done["text"] == "Said."
    assert "suggestion" not in done
    ask = model.asks[0]
    assert isinstance(ask, TerminalAsk)
    assert ask == TerminalAsk(
        ask.audience,
        "debug",
        "make",
        output="failed\nbadly",
        shell="zsh",
        system="Linux",
        cwd="project",
        branch="main",
    )
    assert "sk-0123" not in repr(ask)
    sent = sink.named("task.sent")[0]
    assert sent == {
        "id": "1",
        "shell": "zsh",
        "system": "Linux",
        "cwd": "project",
        "branch": "main",
        "output": 2,
    }


@pytest.mark.parametrize(
    ("command", "dangerous", "plain"),
    [("ls -l", False, True), ("ls\nrm x", True, False), ("ls \u202e", True, False)],
)
async def test_a_suggestion_is_told_as_it_is(
    street: Street, model: FakeModel, command: str, dangerous: bool, plain: bool
) -> None:
    model.suggestion = Suggestion(command, "It\x1blists.", False)
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, "suggest", "list"))
    done: Any = await sink.until("task.done")
    said = done["suggestion"]
    assert (said["command"], said["dangerous"], said["plain"]) == (command, dangerous, plain)
    assert (said["shown"] == command) is plain
    assert said["shown"].isprintable()
    assert "\x1b" not in said["explanation"]


async def test_output_out_of_a_file_is_read_with_consent(street: Street, model: FakeModel) -> None:
    path = street.project / ".env"
    path.write_text("KEY=1\n")
    editor, sink = street.editor()
    buffer = Buffer("KEY=1", str(path))
    street.broker.submit(editor, request(street, "debug", "", buffer=buffer))
    asked: Any = await sink.until("consent.asked")
    editor.answer(asked["prompt"], "deny")
    assert (await sink.until("task.failed"))["code"] == "denied"
    assert model.asks == []
    again = replace(request(street, "debug", "", buffer=buffer), id="2")
    street.broker.submit(editor, again)
    asked = await sink.until("consent.asked", 2)
    editor.answer(asked["prompt"], "once")
    await sink.until("task.done")
    assert model.asks[0].output == "KEY=1"


def restrict(place: Path, **more: Any) -> None:
    table = {"version": 1, "grants": [], "denies": [], **more}
    (place / ".zeke-consents.json").write_text(json.dumps(table))
    (place / ".zeke-consents.json").chmod(0o600)


@pytest.mark.parametrize("which", ["terminal", "cwd", "file"])
async def test_the_strictest_project_decides_who_may_see_it(
    street: Street, model: FakeModel, which: str
) -> None:
    here = street.project if which == "cwd" else street.other
    restrict(here, local_only=True)
    place = (str(street.other / "deeper"),) if which == "terminal" else ()
    path = {"cwd": street.other, "file": street.other}.get(which)
    buffer = Buffer("old", str(path / "a.py")) if path is not None else None
    editor, sink = street.editor()
    wanted = request(street, "debug", "make", "failed", buffer=buffer, places=place)
    street.broker.submit(editor, wanted)
    await sink.until("task.done")
    assert model.asks[0].audience.local_only


async def test_a_branch_that_may_not_be_read_is_not_told(street: Street, model: FakeModel) -> None:
    restrict(street.project, denies=[{"op": "read", "pattern": ".git"}])
    editor, sink = street.editor()
    street.broker.submit(editor, request(street, "explain", "ls"))
    await sink.until("task.done")
    assert model.asks[0].branch == sink.named("task.sent")[0]["branch"] == ""
