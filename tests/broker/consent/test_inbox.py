"""The list of what waits, and answering several of it at once."""

from __future__ import annotations

import asyncio

import pytest

from tests.fakes.street import Sink, Street
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.errors import DeniedError, InputError
from zeke_bridge.model.permit import Permit

pytestmark = pytest.mark.anyio

Tasks = list[asyncio.Task[Permit]]


async def _ids(street: Street, session: Session) -> list[str]:
    return [entry["prompt"] for entry in (await street.shown(session))["waiting"]]


async def _three(street: Street, session: Session, sink: Sink) -> Tasks:
    """A write to each of two files, and a secret that offers less."""
    (street.project / ".env").write_text("KEY=1\n")
    secret = Action(Op.READ, str(street.project), path=".env")
    wanted = (street.write(), street.write("b.py"), secret)
    return [await street.asked(session, sink, action) for action in wanted]


async def _outcomes(tasks: Tasks) -> list[str]:
    """The step that decided each, or the sentence it was denied with."""
    found = []
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Permit):
            found.append(result.verdict.grant)
            result.close()
        else:
            found.append(str(result))
    return found


async def test_what_waits_is_listed_whole(street: Street) -> None:
    editor, sink = street.editor()
    near, _ = street.editor()
    far, _ = street.editor(street.other)
    agent = Subject("agent", "cla\u202eude", "f" * 64)
    wanted = Action(Op.EXECUTE, str(street.project), subject=agent, argv=("nothing",))
    with pytest.raises(DeniedError, match="no program"):
        await editor.authorize(wanted)
    tasks = await _three(street, editor, sink)
    here = (await street.shown(editor))["waiting"]
    asked = sink.named("consent.asked")[0]
    shared = set(asked) & set(here[0])
    assert {name: here[0][name] for name in shared} == {name: asked[name] for name in shared}
    assert {"subject", "verb", "target", "risk", "reason", "note", "diff", "choices"} <= shared
    assert [(one["shown"], one["here"], one["since"]) for one in here] == [
        (True, True, street.clock.time),
        (False, True, street.clock.time),
        (False, True, street.clock.time),
    ]
    assert here[2]["choices"] == ["once", "deny"]
    there = (await street.shown(near))["waiting"]
    assert [{**one, "here": True} for one in there] == here
    assert not any(one["here"] for one in there)
    assert (await street.shown(far))["waiting"] == []
    street.broker.close(editor)
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_several_at_once_by_explicit_choice(street: Street) -> None:
    editor, sink = street.editor()
    tasks = await _three(street, editor, sink)
    chosen = (await _ids(street, editor))[:2]
    assert street.broker.answer(editor, chosen, "session") == {"counted": 2}
    # Only what was on the screen is taken off it; then the third comes.
    assert [one["prompt"] for one in sink.named("consent.closed")] == chosen[:1]
    assert [one["target"] for one in sink.named("consent.asked")] == ["a.py", ".env"]
    assert sink.named("notice") == []
    street.broker.answer(editor, await _ids(street, editor), "deny")
    assert await _outcomes(tasks) == ["session", "session", "You said no."]
    assert sink.named("status.changed")[-1]["waiting"] == 0


async def test_what_is_not_offered_stays(street: Street) -> None:
    editor, sink = street.editor()
    tasks = await _three(street, editor, sink)
    ids = await _ids(street, editor)
    assert street.broker.answer(editor, [*ids, "nothing"], "project") == {"counted": 2}
    (notice,) = sink.named("notice")
    assert notice["message"] == (
        "Not answered: 1 without `project` among the choices; 1 ended already."
    )
    assert await _ids(street, editor) == ids[2:]
    assert street.broker.answer(editor, ids[2:], "once") == {"counted": 1}
    assert await _outcomes(tasks) == ["project", "project", "once"]


async def test_told_twice(street: Street) -> None:
    editor, sink = street.editor()
    task = await street.asked(editor, sink, street.write())
    ids = await _ids(street, editor)
    assert street.broker.answer(editor, ids, "once") == {"counted": 1}
    assert street.broker.answer(editor, ids, "session") == {"counted": 0}
    assert not editor.answer(ids[0], "project")
    assert await _outcomes([task]) == ["once"]
    assert (await street.shown(editor))["session"] == []


async def test_another_editor_can_deny_and_nothing_else(street: Street) -> None:
    editor, sink = street.editor()
    near, told = street.editor()
    far, _ = street.editor(street.other)
    script, _ = street.editor(ui=False)
    tasks = await _three(street, editor, sink)
    ids = await _ids(street, near)
    for choice in ("once", "session", "project"):
        assert street.broker.answer(near, ids, choice) == {"counted": 0}
    assert "another Neovim" in told.named("notice")[0]["message"]
    assert street.broker.answer(far, ids, "deny") == {"counted": 0}
    assert street.broker.answer(script, ids, "deny") == {"counted": 0}
    assert not near.answer(ids[0], "deny")
    assert await _ids(street, editor) == ids
    assert street.broker.answer(near, ids, "deny") == {"counted": 3}
    assert [one["outcome"] for one in sink.named("consent.closed")] == ["deny"]
    assert await _outcomes(tasks) == ["You said no."] * 3


async def test_no_such_answer(street: Street) -> None:
    editor, sink = street.editor()
    task = await street.asked(editor, sink, street.write())
    ids = await _ids(street, editor)
    for choice in ("always", "", "ONCE", "allow"):
        with pytest.raises(InputError, match="no answer"):
            street.broker.answer(editor, ids, choice)
        assert not editor.answer(ids[0], choice)
    assert street.broker.answer(editor, [], "once") == {"counted": 0}
    street.broker.close(editor)
    assert "gone" in (await _outcomes([task]))[0]


async def test_a_hidden_question_answered_after_its_target_moved(street: Street) -> None:
    editor, sink = street.editor()
    tasks = await _three(street, editor, sink)
    ids = await _ids(street, editor)
    (street.project / "b.py").unlink()
    (street.project / "b.py").symlink_to(street.other / "b.py")
    assert street.broker.answer(editor, ids, "once") == {"counted": 3}
    assert [text[:18] for text in await _outcomes(tasks)] == ["once", "The target changed", "once"]
