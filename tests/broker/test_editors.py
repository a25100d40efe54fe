"""Editors of one project: whose person is asked, and who hears of what."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.fakes.street import Street
from zeke_bridge.model.errors import DeniedError

pytestmark = pytest.mark.anyio


async def test_the_editor_that_asks_is_asked(street: Street) -> None:
    one, here = street.editor()
    _, there = street.editor()
    task = await street.asked(one, here, street.write())
    assert there.named("consent.asked") == []
    assert one.answer(here.named("consent.asked")[0]["prompt"], "once")
    (await task).close()


async def test_a_script_is_answered_where_the_person_was_last(street: Street) -> None:
    first, sink = street.editor()
    _, idle = street.editor()
    _, elsewhere = street.editor(street.other)
    script, silent = street.editor(ui=False)
    street.broker.editors.active(first)
    task = await street.asked(script, sink, street.write())
    (asked,) = sink.named("consent.asked")
    assert idle.named("consent.asked") == elsewhere.named("consent.asked") == []
    assert sink.named("status.changed")[-1]["waiting"] == 1
    assert not script.answer(asked["prompt"], "once")
    assert first.answer(asked["prompt"], "session")
    (await task).close()
    assert silent.named("consent.asked") == silent.named("consent.changed") == []
    # What a script was granted is its own, and is listed where its person sits.
    (grant,) = (await street.shown(first))["session"]
    (await script.authorize(street.write(text="2"))).close()
    assert (await street.broker.revoke(first, (grant["id"],), first.cwd)) == {"revoked": 1}
    again = await street.asked(script, sink, street.write(text="3"))
    first.answer(sink.named("consent.asked")[1]["prompt"], "deny")
    with pytest.raises(DeniedError, match="You said no"):
        await again


async def test_a_script_of_a_project_that_nobody_has_open(street: Street) -> None:
    _, sink = street.editor(street.other)
    script, _ = street.editor(ui=False)
    with pytest.raises(DeniedError, match="nobody to ask"):
        await script.authorize(street.write())
    assert sink.named("consent.asked") == []
    assert (await street.shown(script))["decisions"][0]["step"] == "no_person"


async def test_one_that_only_asks_for_its_own_agents_is_not_asked_for_others(
    street: Street,
) -> None:
    neovim, sink = street.editor()
    client, dialogs = street.editor()
    client.reviews = False
    script, _ = street.editor(ui=False)
    street.broker.editors.active(client)
    task = await street.asked(script, sink, street.write())
    assert dialogs.named("consent.asked") == []
    assert neovim.answer(sink.named("consent.asked")[0]["prompt"], "once")
    (await task).close()


async def test_an_editor_that_moved_is_of_the_project_it_is_in(street: Street) -> None:
    editor, sink = street.editor(street.other)
    editor.here = str(street.project)
    script, _ = street.editor(ui=False)
    task = await street.asked(script, sink, street.write())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sink.named("consent.closed")[0]["outcome"] == "withdrawn"


async def test_the_editor_that_shows_it_leaves(street: Street) -> None:
    editor, sink = street.editor()
    _, other = street.editor()
    street.broker.editors.active(editor)
    script, _ = street.editor(ui=False)
    task = await street.asked(script, sink, street.write())
    street.broker.close(editor)
    with pytest.raises(DeniedError, match="gone"):
        await task
    assert other.named("consent.asked") == []


async def test_three_refusals_hold_for_scripts_that_come_again(street: Street) -> None:
    editor, sink = street.editor()
    for number in range(3):
        script, _ = street.editor(ui=False)
        task = await street.asked(script, sink, street.write(text=str(number)))
        editor.answer(sink.named("consent.asked")[-1]["prompt"], "deny")
        with pytest.raises(DeniedError):
            await task
        street.broker.close(script)
    script, _ = street.editor(ui=False)
    with pytest.raises(DeniedError, match="refused this for the session"):
        await script.authorize(street.write(text="4"))
    (refused,) = (await street.shown(editor))["refused"]
    assert (refused["op"], refused["target"], refused["count"]) == ("change", "a.py", 3)
    await street.broker.revoke(editor, (refused["id"],), editor.cwd)
    assert (await street.shown(editor))["refused"] == []
    task = await street.asked(script, sink, street.write(text="4"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_project_answer_closes_the_same_question_elsewhere(street: Street) -> None:
    one, here = street.editor()
    two, there = street.editor()
    first = await street.asked(one, here, street.write())
    second = await street.asked(two, there, street.write(text="other"))
    other = await street.asked(two, there, street.write("b.py"))
    assert len(there.named("consent.asked")) == 1
    one.answer(here.named("consent.asked")[0]["prompt"], "project")
    (await first).close()
    permit = await second
    assert permit.verdict.step == "project_grant"
    permit.close()
    closed = there.named("consent.closed")
    assert [entry["outcome"] for entry in closed] == ["withdrawn"]
    assert len(there.named("consent.asked")) == 2
    street.broker.close(two)
    await asyncio.gather(other, return_exceptions=True)


async def test_new_settings_let_go_of_what_needs_no_answer_now(street: Street) -> None:
    editor, sink = street.editor()
    task = await street.asked(editor, sink, street.write())
    street.broker.configure(editor, {"ghostllm": {"auto_approve_write": True}})
    (await task).close()
    assert sink.named("consent.closed")[0]["outcome"] == "withdrawn"
    assert sink.named("status.changed")[-1]["waiting"] == 0


async def test_a_refusal_in_the_file_ends_the_question(street: Street) -> None:
    editor, sink = street.editor()
    task = await street.asked(editor, sink, street.write())
    table = {"version": 1, "grants": [], "denies": [{"op": "write", "pattern": "*.py"}]}
    file = street.project / ".zeke-consents.json"
    file.write_text(json.dumps({**table, "local_only": False}))
    street.broker.editors.reconsider(str(street.project))
    with pytest.raises(DeniedError, match="consent file denies"):
        await task
    assert (await street.shown(editor))["denies"] == [{"op": "write", "pattern": "*.py"}]


async def test_news_is_one_event_for_a_burst(street: Street) -> None:
    editor, sink = street.editor()
    _, near = street.editor()
    _, far = street.editor(street.other)
    await street.turn()
    before = [len(one.named("consent.changed")) for one in (sink, near, far)]
    tasks = [asyncio.create_task(editor.authorize(street.write(text=str(n)))) for n in range(5)]
    await street.turn()
    after = [len(one.named("consent.changed")) for one in (sink, near, far)]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 0]
    street.broker.close(editor)
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("deed", ["answer", "revoke", "trust", "reject", "leave"])
async def test_neighbours_hear_of_every_change(street: Street, deed: str) -> None:
    editor, sink = street.editor()
    _, near = street.editor()
    task = await street.asked(editor, sink, street.write())
    if deed != "answer":
        editor.answer(sink.named("consent.asked")[0]["prompt"], "project")
        (await task).close()
    await street.turn()
    state = await street.shown(editor)
    before = len(near.named("consent.changed"))
    match deed:
        case "answer":
            editor.answer(sink.named("consent.asked")[0]["prompt"], "once")
            (await task).close()
        case "revoke":
            await street.broker.revoke(editor, (state["project"][0]["id"],), editor.cwd)
        case "trust" | "reject":
            deed_of: Any = getattr(street.broker, deed)
            await deed_of(editor, state["hash"], editor.cwd)
        case _:
            street.broker.close(editor)
    await near.until("consent.changed", before + 1)


async def test_who_asks_about_another_project_hears_as_well(street: Street) -> None:
    editor, sink = street.editor(street.other)
    task = await street.asked(editor, sink, street.write())
    await street.turn()
    before = len(sink.named("consent.changed"))
    editor.answer(sink.named("consent.asked")[0]["prompt"], "deny")
    with pytest.raises(DeniedError):
        await task
    await sink.until("consent.changed", before + 1)
