"""The gate with real files, a real store and a scripted person."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.broker.consent.prompts import PromptQueue
from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import AuditError, BusyError, ChangedError, DeniedError
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.target import Places

pytestmark = pytest.mark.anyio

BASE = b"old\n"
NEW = b"new\n"


async def test_a_read_needs_no_question(house: Any) -> None:
    action = Action(Op.READ, str(house.root), path="src/a.py")
    permit = await house.gate.authorize(action, house.session)
    assert house.files.read(permit) == BASE
    assert house.person.prompts == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [(".env", "keys or passwords. No question is put"), ("src/a.py", "`:ZekeExplain` here asks")],
)
async def test_a_quiet_one_asks_nobody(house: Any, path: str, sentence: str) -> None:
    (house.root / ".env").write_text("KEY=1\n")
    session = house.editor(house.person, Rules(auto_approve_read=False))
    action = Action(Op.READ, str(house.root), path=path)
    with pytest.raises(DeniedError, match=sentence):
        await house.gate.authorize(action, session, quiet=True)
    assert house.person.prompts == []
    assert [line["step"] for line in house.log.lines] == ["quiet"]


async def test_a_quiet_one_has_what_was_allowed_for_the_session(house: Any) -> None:
    session = house.editor(house.person, Rules(auto_approve_read=False))
    action = Action(Op.READ, str(house.root), path="src/a.py")
    house.answer("session")
    (await house.gate.authorize(action, session)).close()
    permit = await house.gate.authorize(action, session, quiet=True)
    assert house.files.read(permit) == BASE
    assert len(house.person.prompts) == 1


async def test_whether_it_would_ask_costs_nothing(house: Any) -> None:
    (house.root / ".env").write_text("KEY=1\n")
    asks = [
        house.gate.asks(Action(Op.READ, str(house.root), path=path), house.session)
        for path in ("src/a.py", ".env", "/proc/self/mem")
    ]
    assert asks == [False, True, False]
    assert house.gate.asks(house.write(), house.session)
    assert (house.log.lines, house.person.prompts) == ([], [])


async def test_once_is_once(house: Any) -> None:
    house.answer("once", "deny")
    permit = await house.gate.authorize(house.write(), house.session)
    house.files.write(permit, NEW)
    await house.gate.record_result(permit, "done", house.session)
    assert (house.root / "src" / "a.py").read_bytes() == NEW
    with pytest.raises(DeniedError, match="You said no"):
        await house.gate.authorize(house.write(content=b"x"), house.session)
    assert not house.file.exists()
    assert [(line["kind"], line["verdict"], line["step"]) for line in house.log.lines] == [
        ("verdict", "allow", "person"),
        ("result", "allow", "person"),
        ("verdict", "deny", "person"),
    ]
    assert house.log.audit.verify().problem == ""


async def test_session_holds_for_the_target(house: Any) -> None:
    house.answer("session", "deny")
    (await house.gate.authorize(house.write(), house.session)).close()
    (await house.gate.authorize(house.write(content=b"other"), house.session)).close()
    assert len(house.person.prompts) == 1
    with pytest.raises(DeniedError):
        await house.gate.authorize(house.write("src/b.py"), house.session)
    assert not house.file.exists()


async def test_session_is_this_editors(house: Any) -> None:
    house.answer("session")
    (await house.gate.authorize(house.write(), house.session)).close()
    with pytest.raises(DeniedError, match="nobody"):
        await house.gate.authorize(house.write(), house.editor(None))


async def test_protected_offers_once_only(house: Any) -> None:
    (house.root / ".git").mkdir()
    house.answer("once", "once")
    for _ in range(2):
        (await house.gate.authorize(house.write(".git/config"), house.session)).close()
    assert [prompt.choices for prompt in house.person.prompts] == [("once", "deny")] * 2


async def test_three_refusals_hold_for_the_session(house: Any) -> None:
    house.answer("deny", "deny", "deny")
    for number in range(5):
        with pytest.raises(DeniedError):
            await house.gate.authorize(house.write(content=bytes([number])), house.session)
    assert len(house.person.prompts) == 3
    assert house.log.lines[-1]["step"] == "remembered_deny"


async def test_equal_actions_are_asked_once_and_each_gets_a_permit(house: Any) -> None:
    tasks = [
        asyncio.create_task(house.gate.authorize(house.write(), house.session)) for _ in range(5)
    ]
    await house.person.is_asked()
    house.person.say("once")
    permits = await asyncio.gather(*tasks)
    assert len(house.person.prompts) == 1
    house.files.write(permits[0], NEW)
    with pytest.raises(ChangedError):
        house.files.write(permits[1], NEW)
    for permit in permits:
        permit.close()


async def test_the_policy_is_asked_again_when_the_turn_comes(house: Any) -> None:
    first = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    second = asyncio.create_task(house.gate.authorize(house.write(content=b"2"), house.session))
    await house.person.is_asked()
    house.person.say("session")
    (await first).close()
    (await second).close()
    assert len(house.person.prompts) == 1


async def test_changed_while_asked(house: Any) -> None:
    task = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    await house.person.is_asked()
    (house.root / "src" / "a.py").unlink()
    (house.root / "src" / "a.py").symlink_to(house.root.parent / "elsewhere")
    house.person.say("project")
    with pytest.raises(ChangedError, match="changed since"):
        await task
    assert not house.file.exists()
    assert house.log.lines[-1]["verdict"] == "deny"


async def test_denied_while_asked(house: Any) -> None:
    task = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    await house.person.is_asked()
    house.file.write_text(
        '{"version": 1, "grants": [], "denies": [{"op": "write", "pattern": "src/"}],'
        ' "local_only": false}'
    )
    house.person.say("once")
    with pytest.raises(DeniedError, match="consent file"):
        await task


async def test_cancelling_withdraws_the_prompt(house: Any) -> None:
    task = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    await house.person.is_asked()
    task.cancel()
    await asyncio.wait([task])
    assert house.person.closed == ["withdrawn"]
    assert not house.person.say("once")


async def test_the_editor_goes(house: Any) -> None:
    task = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    await house.person.is_asked()
    house.session.close()
    with pytest.raises(DeniedError, match="gone"):
        await task


async def test_nobody_answers_in_time(house: Any) -> None:
    house.session.prompts = PromptQueue(house.person, limit_s=0.01)
    with pytest.raises(DeniedError, match="in time"):
        await house.gate.authorize(house.write(), house.session)
    assert house.log.lines[-1]["step"] == "expired"


async def test_what_could_not_be_shown_is_denied_and_nobodys_no(house: Any) -> None:
    house.answer("unshown", "unshown", "unshown", "once")
    for _ in range(3):
        with pytest.raises(DeniedError, match="could not be shown: see `:Zeke messages`"):
            await house.gate.authorize(house.write(), house.session)
    assert {line["step"] for line in house.log.lines} == {"unshown"}
    # Three refusals of a person would hold for the session.
    (await house.gate.authorize(house.write(), house.session)).close()


async def test_the_ninth_is_busy(house: Any) -> None:
    tasks = [
        asyncio.create_task(house.gate.authorize(house.write(f"src/{number}"), house.session))
        for number in range(8)
    ]
    await house.person.is_asked()
    with pytest.raises(BusyError):
        await house.gate.authorize(house.write("src/9"), house.session)
    house.session.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, DeniedError) for result in results)


async def test_no_audit_no_permit(house: Any) -> None:
    house.log.fails = True
    house.answer("once")
    with pytest.raises(AuditError):
        await house.gate.authorize(house.write(), house.session)
    with pytest.raises(AuditError):
        read = Action(Op.READ, str(house.root), path="src/a.py")
        await house.gate.authorize(read, house.session)
    house.answer("deny")
    with pytest.raises(DeniedError):
        await house.gate.authorize(house.write(), house.session)


async def test_another_writer_of_the_audit_log_is_waited_for(house: Any) -> None:
    house.log.busy = True
    read = Action(Op.READ, str(house.root), path="src/a.py")
    permit = await house.gate.authorize(read, house.session)
    assert [line["verdict"] for line in house.log.lines] == ["allow"]
    permit.close()


async def test_only_a_change_asks_what_neovim_runs(house: Any) -> None:
    asked: list[tuple[str, ...]] = []

    def places(_root: str, runtimepath: Sequence[str]) -> Places:
        asked.append(tuple(runtimepath))
        return Places()

    house.gate._judge._places = places
    house.session.runtimepath = ("/there",)
    read = Action(Op.READ, str(house.root), path="src/a.py")
    (await house.gate.authorize(read, house.session)).close()
    assert asked == [()]
    house.answer("deny")
    with pytest.raises(DeniedError):
        await house.gate.authorize(house.write(), house.session)
    assert set(asked[1:]) == {("/there",)}


async def test_a_result_that_cannot_be_written_is_told(house: Any) -> None:
    house.answer("once")
    permit = await house.gate.authorize(house.write(), house.session)
    house.log.fails = True
    await house.gate.record_result(permit, "done", house.session)
    assert house.told == [("error", "The disk is full.")]


async def test_any_exception_is_a_deny_with_an_audit_line(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(root: str) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(house.store, "load", broken)
    with pytest.raises(DeniedError, match="RuntimeError"):
        await house.gate.authorize(house.write(), house.session)
    assert (house.log.lines[-1]["step"], house.log.lines[-1]["verdict"]) == ("error", "deny")


async def test_a_write_that_does_not_say_what(house: Any) -> None:
    with pytest.raises(DeniedError, match="what is to be written"):
        await house.gate.authorize(house.write(content_sha256=""), house.session)


async def test_the_audit_holds_no_contents_and_no_arguments(house: Any) -> None:
    house.answer("once", "once")
    action = house.write(diff=("+hunter2",), note="hunter2")
    (await house.gate.authorize(action, house.session)).close()
    command = Action(Op.EXECUTE, str(house.root), argv=("curl", "--token=hunter2"))
    (await house.gate.authorize(command, house.session)).close()
    assert "hunter2" not in (house.state / "audit.jsonl").read_text()


async def test_a_broken_pattern_is_told_once(house: Any) -> None:
    session = house.editor(None, Rules(auto_approve_patterns=("src/*", "[")))
    for _ in range(2):
        (await house.gate.authorize(house.write(), session)).close()
    assert [level for level, _ in house.told] == ["warn"]


async def test_no_handle_stays_open(house: Any) -> None:
    def handles() -> int:
        return sum(1 for _ in Path("/proc/self/fd").iterdir())

    house.answer("once", "deny", "once")
    (await house.gate.authorize(house.write(), house.session)).close()
    gc.collect()  # What other tests left open is not to be closed meanwhile.
    before = handles()
    with pytest.raises(DeniedError):
        await house.gate.authorize(house.write(), house.session)
    permit = await house.gate.authorize(house.write(), house.session)
    del permit
    house.log.fails = True
    with pytest.raises(AuditError):
        await house.gate.authorize(Action(Op.READ, str(house.root), path="src/a.py"), house.session)
    assert handles() == before


async def test_create_does_not_ask_about_a_file_that_is_there(house: Any) -> None:
    action = replace(house.write(), op=Op.CREATE, base_sha256="")
    with pytest.raises(DeniedError, match="already"):
        await house.gate.authorize(action, house.session)
    assert house.person.prompts == []
