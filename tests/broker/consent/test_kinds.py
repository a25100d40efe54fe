"""Every kind of action goes through the same gate."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zeke_bridge.model.action import Action, Op, Subject
from zeke_bridge.model.errors import BusyError, ChangedError, DeniedError
from zeke_bridge.model.grant import Rules

pytestmark = pytest.mark.anyio

AGENT = Subject("agent", "claude", "f" * 64)
SERVER = Subject("mcp", "files", "e" * 64)
KINDS: dict[Op, dict[str, Any]] = {
    Op.DELETE: {"path": "src/a.py", "base_sha256": "b" * 64},
    Op.RENAME: {"path": "src/a.py", "to": "src/z.py", "base_sha256": "b" * 64},
    Op.EXECUTE: {"argv": ("git", "status"), "cwd": "src", "env": (("LANG", "C"),)},
    Op.NETWORK: {"url": "https://example.org/x"},
    Op.MCP: {"tool": "search", "subject": SERVER},
}
OTHERS: dict[Op, dict[str, Any]] = {
    Op.DELETE: {"path": "src/b.py", "base_sha256": "b" * 64},
    Op.RENAME: {"path": "src/a.py", "to": "src/y.py", "base_sha256": "b" * 64},
    Op.EXECUTE: {"argv": ("git", "push"), "cwd": "src", "env": (("LANG", "C"),)},
    Op.NETWORK: {"url": "https://example.org:8443/x"},
    Op.MCP: {"tool": "delete", "subject": SERVER},
}
each_kind = pytest.mark.parametrize("op", list(KINDS))


def action(house: Any, op: Op, **more: Any) -> Action:
    return Action(op, str(house.root), **{"subject": AGENT, **more})


@each_kind
async def test_it_is_asked_about_and_denied_where_nobody_is(house: Any, op: Op) -> None:
    # Rules that let files pass reach none of these.
    rules = Rules(auto_approve_write=True, auto_approve_patterns=("*", "**/*"))
    with pytest.raises(DeniedError, match="nobody to ask"):
        await house.gate.authorize(action(house, op, **KINDS[op]), house.editor(None, rules))
    assert house.log.lines[-1]["step"] == "no_person"


@each_kind
@pytest.mark.parametrize("choice", ["session", "project"])
async def test_a_remembered_yes_is_for_exactly_this(house: Any, op: Op, choice: str) -> None:
    (house.root / "src" / "b.py").write_text("b")
    house.answer(choice, "deny", "deny", "deny")
    wanted = action(house, op, **KINDS[op])
    (await house.gate.authorize(wanted, house.session)).close()
    permit = await house.gate.authorize(wanted, house.session)
    assert permit.verdict.step == f"{choice}_grant"
    permit.close()
    for other in (
        action(house, op, **OTHERS[op]),
        action(house, op, **{**KINDS[op], "subject": Subject("agent", "claude", "0" * 64)}),
        house.write(subject=AGENT),
    ):
        with pytest.raises(DeniedError, match="You said no"):
            await house.gate.authorize(other, house.session)
    assert len(house.person.prompts) == 4


@pytest.mark.parametrize("op", [Op.EXECUTE, Op.NETWORK, Op.MCP])
@pytest.mark.parametrize(("second", "asked"), [("once", 3), ("session", 2), ("deny", 2)])
async def test_a_yes_to_once_is_for_one_of_those_who_ask_the_same(
    house: Any, op: Op, second: str, asked: int
) -> None:
    wanted = action(house, op, **KINDS[op])
    house.answer("once", second, "once")
    found = await asyncio.gather(
        *(house.gate.authorize(wanted, house.session) for _ in range(3)), return_exceptions=True
    )
    permits = [one for one in found if not isinstance(one, BaseException)]
    assert len(house.person.prompts) == asked
    assert len(permits) == (1 if second == "deny" else 3)
    for permit in permits:
        permit.close()


@each_kind
async def test_a_refusal_and_its_line(house: Any, op: Op) -> None:
    house.answer("deny")
    with pytest.raises(DeniedError):
        await house.gate.authorize(action(house, op, **KINDS[op]), house.session)
    (line,) = house.log.lines
    assert (line["op"], line["verdict"], line["by"]) == (op.value, "deny", "")
    assert house.person.prompts[0].verb not in ("read", "write")


async def test_the_program_is_shown(house: Any) -> None:
    house.answer("once")
    command = action(house, Op.EXECUTE, **KINDS[Op.EXECUTE])
    permit = await house.gate.authorize(command, house.session)
    assert permit.facts.program == str(house.bin / "git")
    permit.close()
    shown = "\n".join(house.person.prompts[0].diff).replace("\n  … ", "")
    assert str(house.bin / "git") in shown


@pytest.mark.parametrize("consent", [True, False])
async def test_no_program_no_question(house: Any, consent: bool) -> None:
    session = house.editor(house.person, Rules(enable_consent=consent))
    command = action(house, Op.EXECUTE, argv=("no\u202esuch", "-x"))
    with pytest.raises(DeniedError, match=r"There is no program no\\u\{202e\}such"):
        await house.gate.authorize(command, session)
    assert house.log.lines[-1]["step"] == "no_program"
    assert house.person.prompts == []


async def test_a_program_that_went_while_asked(house: Any) -> None:
    command = action(house, Op.EXECUTE, **KINDS[Op.EXECUTE])
    task = asyncio.create_task(house.gate.authorize(command, house.session))
    await house.person.is_asked()
    (house.bin / "git").unlink()
    house.person.say("session")
    with pytest.raises(ChangedError, match="changed since"):
        await task


@pytest.mark.parametrize(
    ("op", "more"),
    [
        (Op.DELETE, {"path": "src/none"}),
        (Op.RENAME, {"path": "src/none", "to": "src/z"}),
        (Op.WRITE, {"path": "src/none", "content_sha256": "0" * 64, "base_sha256": "1" * 64}),
        (Op.CREATE, {"path": "src/none", "content_sha256": "0" * 64, "base_sha256": "1" * 64}),
        (Op.DELETE, {"path": "/nowhere/at/all"}),
    ],
)
@pytest.mark.parametrize("consent", [True, False])
async def test_what_is_not_there_is_not_asked_about(
    house: Any, op: Op, more: dict[str, Any], consent: bool
) -> None:
    session = house.editor(house.person, Rules(enable_consent=consent, auto_approve_write=True))
    with pytest.raises(DeniedError, match="not there any more"):
        await house.gate.authorize(action(house, op, **more), session)
    assert house.log.lines[-1]["step"] == "missing"
    assert house.person.prompts == []


async def test_a_file_that_was_deleted_while_asked(house: Any) -> None:
    task = asyncio.create_task(house.gate.authorize(house.write(), house.session))
    await house.person.is_asked()
    (house.root / "src" / "a.py").unlink()
    house.person.say("once")
    with pytest.raises(ChangedError, match="changed since"):
        await task


OFF = Rules(enable_consent=False, auto_approve_read=False)


@each_kind
async def test_without_consent_the_later_steps_allow(house: Any, op: Op) -> None:
    permit = await house.gate.authorize(action(house, op, **KINDS[op]), house.editor(None, OFF))
    assert permit.verdict.step == "consent_off"
    permit.close()
    assert house.log.lines[-1]["step"] == "consent_off"


async def test_without_consent_files_pass(house: Any) -> None:
    session = house.editor(None, OFF)
    for wanted in (Action(Op.READ, str(house.root), path="src/a.py"), house.write("src/new.py")):
        (await house.gate.authorize(wanted, session)).close()


async def test_without_consent_the_first_steps_stand(house: Any, tmp_path: Path) -> None:
    (house.root / ".git").mkdir()
    (house.root / ".env").write_text("KEY=1")
    (tmp_path / "elsewhere").write_text("x")
    (house.root / "link").symlink_to(tmp_path / "elsewhere")
    session = house.editor(house.person, OFF)
    root = str(house.root)
    # 1: malformed, or on the never-list.
    for path in ("a\0b", "", ".zeke-consents.json", str(house.state / "audit.jsonl")):
        with pytest.raises(DeniedError):
            await house.gate.authorize(replace(house.write(), path=path), session)
        assert house.log.lines[-1]["step"] in ("malformed", "never")
    # 3: asked about, once.
    house.answer(*["once"] * 4)
    for wanted in (
        house.write(".git/hooks/x"),
        Action(Op.READ, root, path=".env"),
        Action(Op.READ, root, path=str(tmp_path / "elsewhere")),
        Action(Op.READ, root, path="link"),
    ):
        (await house.gate.authorize(wanted, session)).close()
    assert [prompt.choices for prompt in house.person.prompts] == [("once", "deny")] * 4
    # 2: refused three times, and by the project.
    house.answer("deny", "deny", "deny")
    for _ in range(4):
        with pytest.raises(DeniedError):
            await house.gate.authorize(house.write(".git/hooks/x"), session)
    assert house.log.lines[-1]["step"] == "remembered_deny"
    house.file.write_text(
        '{"version": 1, "grants": [], "denies": [{"op": "write", "pattern": "src/"}],'
        ' "local_only": false}'
    )
    with pytest.raises(DeniedError, match="consent file"):
        await house.gate.authorize(house.write(), session)


async def test_a_delete_says_what_is_to_be_deleted(house: Any) -> None:
    with pytest.raises(DeniedError, match="does not say what"):
        await house.gate.authorize(action(house, Op.DELETE, path="src/a.py"), house.session)
    assert house.log.lines[-1]["step"] == "malformed"


async def test_a_name_that_is_taken_is_not_asked_about(house: Any) -> None:
    (house.root / "src" / "b.py").write_text("b")
    wanted = action(house, Op.RENAME, path="src/a.py", to="src/b.py", base_sha256="b" * 64)
    with pytest.raises(DeniedError, match="already"):
        await house.gate.authorize(wanted, house.session)
    assert house.log.lines[-1]["step"] == "exists"


async def test_who_calls_itself_by_many_names_is_one_who_asks(house: Any) -> None:
    def asking(name: str, fingerprint: str = "") -> asyncio.Task[Any]:
        subject = Subject("mcp", name, fingerprint)
        wanted = action(house, Op.MCP, tool=name, subject=subject)
        return asyncio.create_task(house.gate.authorize(wanted, house.session))

    waiting = [asking(f"client{number}") for number in range(8)]
    await house.person.is_asked()
    with pytest.raises(BusyError):
        await asking("client8")
    started = asking("server", "e" * 64)
    await asyncio.sleep(0)
    house.session.close()
    for task in (*waiting, started):
        with pytest.raises(DeniedError):
            await task
