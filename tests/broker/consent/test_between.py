"""Between yes and the effect: what moves, fails or goes away is a deny with a line."""

from __future__ import annotations

import asyncio
import errno
import gc
import itertools
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.model.action import Action, Op
from zeke_bridge.model.errors import AuditError, ChangedError, DeniedError
from zeke_bridge.model.grant import Rules
from zeke_bridge.model.target import Places
from zeke_bridge.store.audit import Audit
from zeke_bridge.warden.prompt import Prompt

pytestmark = pytest.mark.anyio


def read(house: Any) -> Action:
    return Action(Op.READ, str(house.root), path="src/a.py")


async def test_an_equal_question_gets_the_answer_to_what_was_shown(house: Any) -> None:
    (house.root / "d1").mkdir()
    (house.root / "d2").mkdir()
    (house.root / "d").symlink_to("d1")
    wanted = house.write("d/new.py")
    first = asyncio.create_task(house.gate.authorize(wanted, house.session))
    await house.person.is_asked()
    (house.root / "d").unlink()
    (house.root / "d").symlink_to("d2")
    second = asyncio.create_task(house.gate.authorize(wanted, house.session))
    await asyncio.sleep(0)
    assert [prompt.target for prompt in house.person.prompts] == ["d1/new.py"]
    house.person.say("session")
    for task in (first, second):
        with pytest.raises(ChangedError):
            await task
    assert [line["verdict"] for line in house.log.lines] == ["deny", "deny"]


async def test_a_higher_risk_than_was_shown(house: Any) -> None:
    wanted = house.write("plugin/x.lua")
    task = asyncio.create_task(house.gate.authorize(wanted, house.session))
    await house.person.is_asked()
    assert "session" in house.person.prompts[0].choices
    house.gate._judge._places = lambda root, runtimepath: Places(on_runtimepath=True)
    house.person.say("session")
    with pytest.raises(ChangedError, match="risk"):
        await task


async def test_another_answer_frees_only_what_it_covers(house: Any) -> None:
    first = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    second = asyncio.create_task(house.gate.authorize(house.write(content=b"2"), house.session))
    await house.person.is_asked()
    house.person.say("once")
    (await first).close()
    await house.person.is_asked()
    house.person.say("deny")
    with pytest.raises(DeniedError, match="You said no"):
        await second


async def test_cancelled_while_asked_leaves_a_line(house: Any) -> None:
    task = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    await house.person.is_asked()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [(line["verdict"], line["step"]) for line in house.log.lines] == [("deny", "withdrawn")]


async def test_what_cannot_be_held_is_denied(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(action: Action) -> Any:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(house.resolver, "hold", broken)
    with pytest.raises(DeniedError, match=r"failed.*OSError"):
        await house.gate.authorize(read(house), house.session)
    assert [(line["verdict"], line["step"]) for line in house.log.lines] == [("deny", "error")]


async def test_a_screen_that_breaks_is_a_deny(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no screen")

    monkeypatch.setattr(house.person, "show", broken)
    with pytest.raises(DeniedError, match="RuntimeError"):
        await house.gate.authorize(house.write(), house.session)
    assert house.log.lines[-1]["step"] == "error"


async def test_a_prompt_that_cannot_be_made_is_a_deny(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Any) -> Prompt:
        raise RecursionError

    monkeypatch.setattr("zeke_bridge.broker.consent.matter.ActionMatter.prompt", broken)
    with pytest.raises(DeniedError, match="RecursionError"):
        await house.gate.authorize(house.write(), house.session)


class Failing:
    """An audit log on a disk that gives this error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def append(self, time: float, *lines: Any, limit_s: float = 5.0) -> None:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        PermissionError(errno.EACCES, "Permission denied"),
        AuditError("The audit log is on a disk that is full, so nothing was allowed."),
        ValueError("odd"),
    ],
)
async def test_a_disk_that_fails_allows_nothing(house: Any, error: Exception) -> None:
    house.gate._journal = Failing(error)
    house.answer("once", "project")
    session = house.editor(house.person, Rules())
    gc.collect()  # What other tests left open is not to be closed meanwhile.
    before = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").is_dir() else 0
    for action in (read(house), house.write(), house.write(content=b"2")):
        with pytest.raises(AuditError, match="nothing was allowed"):
            await house.gate.authorize(action, session)
    if before:
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert (house.root / "src" / "a.py").read_bytes() == b"old\n"


async def test_a_state_directory_that_is_none(house: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    house.gate._journal = Audit(tmp_path / "file")
    with pytest.raises(AuditError, match="nothing was allowed"):
        await house.gate.authorize(read(house), house.session)


async def test_a_refusal_stands_without_the_log(house: Any) -> None:
    house.gate._journal = Failing(OSError(errno.ENOSPC, "No space left on device"))
    house.answer("deny")
    with pytest.raises(DeniedError, match="You said no"):
        await house.gate.authorize(house.write(), house.session)


async def test_several_who_wait_write_one_grant(house: Any) -> None:
    tasks = [
        asyncio.create_task(house.gate.authorize(house.write(), house.session)) for _ in range(5)
    ]
    await house.person.is_asked()
    house.person.say("project")
    for permit in await asyncio.gather(*tasks):
        permit.close()
    (grant,) = (await house.shown())["project"]
    assert (await house.shown())["session"] == []
    assert await house.desk.revoke(house.session, str(house.root), [grant["id"]]) == 1
    house.answer("deny")
    with pytest.raises(DeniedError):
        await house.gate.authorize(house.write(content=b"9"), house.session)


async def test_what_the_store_cannot_keep_happens_once_and_is_told(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(house.store, "remember", full)
    house.answer("project")
    permit = await house.gate.authorize(house.write(), house.session)
    house.files.write(permit, b"new\n")
    assert house.told == [
        ("warn", "Allowed for this session only: The disk refused it: No space left on device.")
    ]
    assert not house.file.exists()


def _replaced(house: Any) -> None:
    """Put another file in the place of ``src/a.py``."""
    other = house.root / "other"
    other.write_bytes(b"another file")
    other.replace(house.root / "src" / "a.py")


async def test_what_moves_between_the_verdict_and_the_handle_gets_no_permit(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, looks = house.resolver.hold, itertools.count(1)

    def late(action: Action) -> Any:
        # The first two looks are before and after the answer; the third is for the permit.
        if next(looks) == 3:
            _replaced(house)
        return hold(action)

    monkeypatch.setattr(house.resolver, "hold", late)
    house.answer("once")
    with pytest.raises(ChangedError):
        await house.gate.authorize(house.write(), house.session)
    assert [(line["verdict"], line["step"]) for line in house.log.lines] == [("deny", "changed")]


async def test_without_a_question_what_was_judged_is_what_is_held(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold, looks = house.resolver.hold, itertools.count(1)

    def only(action: Action) -> Any:
        assert next(looks) == 1
        return hold(action)

    monkeypatch.setattr(house.resolver, "hold", only)
    permit = await house.gate.authorize(read(house), house.session)
    monkeypatch.undo()
    _replaced(house)
    with pytest.raises(ChangedError):
        house.files.read(permit)


async def test_what_is_shown_at_once_has_both_its_lines(house: Any) -> None:
    permit = await house.gate.authorize(read(house), house.session, result="shown to the model")
    assert [line["kind"] for line in house.log.lines] == ["verdict", "result"]
    assert house.log.lines[1] == {
        **house.log.lines[0],
        "kind": "result",
        "result": "shown to the model",
    }
    assert house.log.audit.verify().lines == 2
    with pytest.raises(DeniedError, match="used already"):
        house.files.read(permit)


async def test_what_cannot_be_written_down_is_not_shown(house: Any) -> None:
    house.gate._journal = Failing(OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(AuditError, match="nothing was allowed"):
        await house.gate.authorize(read(house), house.session, result="shown to the model")
