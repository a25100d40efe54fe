"""A text whose buffer is no file's own is as secret as every file that its name may mean."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.street import Street
from zeke_bridge.broker.attachments import Reading
from zeke_bridge.broker.meant import MOST_PARTS, meant
from zeke_bridge.broker.session import Session
from zeke_bridge.model.errors import DeniedError, InputError
from zeke_bridge.model.task import Attachment, Buffer, TaskKind, TaskRequest, Turn

OLD = ".git/0123/private/plan.md"
NAMES = st.lists(st.sampled_from([".git", "0123", "private", "plan.md", "é"]), min_size=1)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def restrict(root: Path, **more: Any) -> None:
    table = {"version": 1, "grants": [], "denies": [], "local_only": False, **more}
    (root / ".zeke-consents.json").write_text(json.dumps(table))


def explain(cwd: Path, path: Path | str, *, is_file: bool = False) -> TaskRequest:
    buffer = Buffer("x", str(path), is_file=is_file)
    return TaskRequest("1", TaskKind.EXPLAIN, str(cwd), buffer=buffer)


def mention(cwd: Path, path: Path | str) -> TaskRequest:
    given = Attachment("buffer", "@buffer:#1", str(path), text="x", is_file=False)
    return TaskRequest("1", TaskKind.CHAT, str(cwd), messages=(Turn("user", "?", (given,)),))


@given(NAMES)
def test_each_end_counts_and_the_whole_comes_first(names: list[str]) -> None:
    path = "/p/" + "/".join(names)
    found = meant(path, "/p")
    assert found[0] == path
    assert {f"/p/{'/'.join(names[at:])}" for at in range(len(names))} <= set(found)
    assert len(found) == len(set(found))


def test_a_name_of_too_many_parts_is_not_judged() -> None:
    with pytest.raises(InputError, match="too many parts"):
        meant("/a" * (MOST_PARTS + 1), "/p")


@pytest.mark.anyio
@pytest.mark.parametrize("path", [".env", ".git/0123/.env", ".git/HEAD/deploy/.env"])
async def test_a_secret_is_asked_about(street: Street, path: str) -> None:
    editor, _ = street.editor(ui=False)
    with pytest.raises(DeniedError):
        await editor.source(explain(street.project, street.project / path))


@pytest.mark.anyio
async def test_an_ordinary_text_is_not(street: Street) -> None:
    editor, _ = street.editor(ui=False, settings={"ghostllm": {"auto_approve_read": True}})
    for path in ("a.py", ".git/0123/a.py", "[Scratch]"):
        source = await editor.source(explain(street.project, street.project / path))
        assert source.snippet.path == path


@pytest.mark.anyio
async def test_a_yes_to_the_whole_name_holds_for_the_session(street: Street) -> None:
    editor, sink = street.editor(settings={"ghostllm": {"auto_approve_read": False}})
    task = explain(street.project, street.project / OLD)
    asking = asyncio.create_task(editor.source(task))
    asked = await sink.until("consent.asked")
    assert asked["target"] == OLD
    assert editor.answer(asked["prompt"], "session")
    await asking
    assert (await editor.source(task, quiet=True)).snippet.path == OLD
    restrict(street.project, denies=[{"op": "read", "pattern": "private/"}])
    await _denied(editor, task)


async def _denied(editor: Session, request: TaskRequest) -> None:
    with pytest.raises(DeniedError, match="denies private/"):
        await editor.source(request)


@pytest.mark.anyio
async def test_what_a_project_denies_is_denied_in_an_old_version_too(street: Street) -> None:
    """Wherever the person is, and whatever stands between the buffer and the file."""
    restrict(street.project, denies=[{"op": "read", "pattern": "private/"}])
    editor, _ = street.editor(street.other)
    for path in (OLD, "private/plan.md"):
        await _denied(editor, explain(street.other, street.project / path))
    # A worktree has rules of its own, and its objects lie in another project.
    await _denied(editor, explain(street.project, street.other / OLD))


@pytest.mark.anyio
async def test_a_mention_is_judged_in_the_same_way(street: Street) -> None:
    restrict(street.project, denies=[{"op": "read", "pattern": "private/"}])
    editor, _ = street.editor()
    request = mention(street.project, street.project / OLD)
    [part] = await Reading(editor, request.cwd).take(request.messages[0].attachments)
    assert (part.state, part.text) == ("denied", "")


def test_text_that_is_kept_here_is_kept_here(street: Street) -> None:
    inner = street.project / "private"
    inner.mkdir()
    restrict(inner, local_only=True)
    editor, _ = street.editor(street.other)
    for made in (explain, mention):
        assert editor.audience(made(street.other, street.project / OLD)).local_only
        assert not editor.audience(made(street.other, street.project / "a.py")).local_only
    assert editor.audience(explain(street.project, "/elsewhere/private/x")).local_only
