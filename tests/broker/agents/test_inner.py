"""What a person is shown of the files of a project inside the agent's, and of one beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.street import Street
from zeke_bridge.agents.effects import FileText
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import DeniedError
from zeke_bridge.model.task import Buffer, TaskKind, TaskRequest

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
PLACE = ("root", "project", "target", "path")


def _inner(street: Street) -> Path:
    """A project in ``vendor/lib``, whose files are called as some of the outer one."""
    inner = street.project / "vendor" / "lib"
    (inner / ".git").mkdir(parents=True)
    (inner / "a.py").write_text("inner\n")
    for root in (inner, street.project):
        (root / ".env").write_text("KEY=1\n")
    return inner


async def test_a_question_names_the_file_from_the_persons_project(bench: Make) -> None:
    one = bench()
    inner = _inner(one.street)
    reading = asyncio.create_task(one.hands.read("vendor/lib/.env"))
    asked = await one.answer("deny")
    assert [asked[name] for name in PLACE] == [
        str(inner),
        "vendor/lib",
        "vendor/lib/.env",
        str(inner / ".env"),
    ]
    with pytest.raises(DeniedError):
        await reading
    reading = asyncio.create_task(one.hands.read(".env"))
    asked = await one.answer("deny", 2)
    root = one.street.project
    assert [asked[name] for name in PLACE] == [str(root), "", ".env", str(root / ".env")]
    with pytest.raises(DeniedError):
        await reading


async def test_the_list_names_it_so_for_whoever_looks(bench: Make) -> None:
    one = bench()
    inner = _inner(one.street)
    there, _ = one.street.editor(inner)
    reading = asyncio.create_task(one.hands.read("vendor/lib/.env"))
    await one.sink.until("consent.asked")
    ours, theirs = [
        (await one.street.shown(session))["waiting"] for session in (one.session, there)
    ]
    assert [(entry["project"], entry["target"]) for entry in (*ours, *theirs)] == [
        ("vendor/lib", "vendor/lib/.env"),
        ("", ".env"),
    ]
    await one.answer("deny")
    with pytest.raises(DeniedError):
        await reading


async def test_a_person_who_went_elsewhere_reads_the_whole_path(bench: Make) -> None:
    one = bench()
    one.session.here = str(one.street.other)
    _inner(one.street)
    running = asyncio.create_task(
        one.session.authorize(Action(Op.EXECUTE, str(one.street.project), argv=("ls",)))
    )
    asked = await one.answer("deny")
    assert asked["project"] == str(one.street.project)
    assert f"in    {one.street.project}" in "".join(asked["diff"]).replace("  … ", "")
    with pytest.raises(DeniedError):
        await running


async def test_a_review_names_it_as_the_chat_does(bench: Make) -> None:
    one = bench()
    inner = _inner(one.street)
    writing = asyncio.create_task(one.hands.write([FileText("vendor/lib/a.py", "inner = 2\n")]))
    shown = await one.patch()
    assert (shown["name"], shown["path"]) == ("vendor/lib/a.py", str(inner / "a.py"))
    one.say("edit.reject")
    (written,) = await writing
    assert written.path == "vendor/lib/a.py"
    assert one.files() == [("vendor/lib/a.py", "rejected", 0, 0)]


@pytest.mark.parametrize("beside", [False, True])
async def test_an_edit_of_a_file_of_another_project_says_so(street: Street, beside: bool) -> None:
    inner = _inner(street)
    editor, sink = street.editor(street.other if beside else street.project)
    request = TaskRequest(
        "1", TaskKind.EDIT, editor.cwd, buffer=Buffer("KEY=1", str(inner / ".env"))
    )
    looking = asyncio.create_task(editor.source(request))
    asked: Any = await sink.until("consent.asked")
    where = str(inner) if beside else "vendor/lib"
    assert (asked["project"], asked["target"]) == (where, f"{where}/.env")
    editor.answer(asked["prompt"], "deny")
    with pytest.raises(DeniedError):
        await looking
