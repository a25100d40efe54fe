"""What an agent declares, over a real gate: a yes is for that, once, and for nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.reviewer import AUTO
from zeke_bridge.agents.effects import Command, Declared, FileText
from zeke_bridge.broker.agents.running import execution
from zeke_bridge.model.action import ASSISTANT, Subject
from zeke_bridge.model.errors import DeniedError

pytestmark = pytest.mark.anyio

Make = Callable[..., Any]
EDIT = Declared("Make it new", "edit", edits=(("a.py", "old\n", "new\n"),))
RUN = Declared("Say hello", "execute", argv=("echo", "hello"))


def said(text: str) -> dict[str, Any]:
    return {"type": "content", "content": {"type": "text", "text": text}}


async def declared(one: Any, request: Declared, choice: str, count: int = 1) -> bool:
    asking = asyncio.create_task(one.hands.declared(request))
    await one.answer(choice, count)
    return bool(await asking)


async def test_once_lets_the_same_write_pass_once(bench: Make) -> None:
    one = bench()
    asking = asyncio.create_task(one.hands.declared(EDIT))
    asked = await one.answer("once")
    assert await asking
    assert asked["note"] == "declared by the agent: Make it new"
    assert "+new" in asked["diff"]
    assert (one.street.project / "a.py").read_text() == "old\n"
    (written,) = await one.hands.write([FileText("a.py", "new\n")])
    assert written.state == "written"
    assert len(one.sink.named("consent.asked")) == 1
    assert one.sink.named("task.patch") == []
    verdict = next(line for line in one.lines() if line["op"] == "write")
    assert (verdict["step"], verdict["by"], verdict["result"]) == ("person", "declared", "done")
    (one.street.project / "a.py").write_text("old\n")
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    await one.patch()
    one.say("edit.reject")
    assert (await writing)[0].state == "rejected"


@pytest.mark.parametrize("how", ["content", "path", "base", "turn", "subject"])
async def test_anything_else_is_asked_anew(bench: Make, how: str) -> None:
    one = bench(reviews=False)
    assert await declared(one, EDIT, "once")
    file = FileText("a.py", "new\n")
    match how:
        case "content":
            file = replace(file, text="evil\n")
        case "path":
            file = replace(file, path="b.py")
        case "base":
            (one.street.project / "a.py").write_text("other\n")
        case "turn":
            one.hands.turn_ended()
        case "subject":
            object.__setattr__(one.owner, "subject", Subject("agent", "codex", "e" * 64))
    writing = asyncio.create_task(one.hands.write([file]))
    await one.answer("deny", 2)
    assert (await writing)[0].state == "denied"


async def test_what_moved_in_between_is_asked_anew(bench: Make) -> None:
    one = bench(reviews=False)
    assert await declared(one, EDIT, "once")
    path = one.street.project / "a.py"
    content = path.read_bytes()
    path.unlink()
    path.symlink_to(one.street.other / "a.py")
    assert path.read_bytes() == content
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "new\n")]))
    # Out of the project: to read it is a question, too.
    await one.answer("deny", 2)
    assert (await writing)[0].state == "denied"
    assert (one.street.other / "a.py").read_bytes() == content


async def test_a_rule_needs_no_question(bench: Make) -> None:
    one = bench(settings=AUTO)
    assert await one.hands.declared(EDIT)
    assert one.sink.named("consent.asked") == []
    assert one.lines()[0]["result"] == "declared, not done yet"
    assert one.session.consents.memory._once == []


async def test_a_no_is_a_no(bench: Make) -> None:
    one = bench()
    assert not await declared(one, EDIT, "deny")
    assert not await one.hands.declared(replace(RUN, argv=("no-such-program-here",)))
    assert not await one.hands.declared(replace(EDIT, edits=((".zeke-consents.json", None, "{}"),)))


async def test_a_yes_for_the_session_is_a_grant(bench: Make) -> None:
    one = bench()
    assert await declared(one, EDIT, "session")
    assert (await one.hands.write([FileText("a.py", "more\n")]))[0].state == "written"


async def test_of_several_one_no_takes_all_back(bench: Make) -> None:
    one = bench(reviews=False)
    both = replace(EDIT, edits=(*EDIT.edits, ("b.py", "old\n", "new\n")))
    asking = asyncio.create_task(one.hands.declared(both))
    await one.answer("once")
    await one.answer("deny", 2)
    assert not await asking
    assert one.session.consents.memory._once == []


async def test_a_part_that_is_there_once_stands_for_the_whole(bench: Make) -> None:
    one = bench()
    (one.street.project / "a.py").write_text("a = 1\nb = 2\n")
    edits = (("a.py", "a = 1", "a = 3"), ("a.py", "b = 2", "b = 4"))
    assert await declared(one, replace(EDIT, edits=edits), "once")
    assert (await one.hands.write([FileText("a.py", "a = 3\nb = 4\n")]))[0].state == "written"


@pytest.mark.parametrize("old", ["x", "nothing"])
async def test_what_fits_nothing_is_asked_about_as_it_is(bench: Make, old: str) -> None:
    one = bench()
    (one.street.project / "a.py").write_text("x = x\n")
    vague = replace(EDIT, edits=(("a.py", old, "y"),), raw={"toolCallId": "1", "content": [old]})
    asking = asyncio.create_task(one.hands.declared(vague))
    asked = await one.answer("session")
    assert await asking
    assert (asked["verb"], asked["target"]) == ("use the tool", "codex/declared/edit")
    assert asked["diff"] == ["change: a.py", f"-{old}", "+y"]
    assert await one.hands.declared(replace(vague, raw={**vague.raw, "toolCallId": "2"}))
    other = replace(vague, edits=(("a.py", old, "z"),))
    assert not await declared(one, other, "deny", 2)
    writing = asyncio.create_task(one.hands.write([FileText("a.py", "y = x\n")]))
    await one.patch()
    one.say("edit.reject")
    await writing


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        # As Kimi Code asks for a command, and Gemini CLI.
        ({"content": [said("Running: make\nfast")]}, ["says: Running: make", "says: fast"]),
        ({"content": [said("in /p")], "locations": []}, ["says: in /p"]),
        ({"content": [{"type": "terminal"}]}, ["{", '  "content": [', "    {"]),
        ({"content": "x", "rawInput": 1}, ["{", '  "content": "x",', '  "rawInput": 1', "}"]),
        ({"content": [said("a")], "rawInput": {}}, ["says: a"]),
    ],
)
async def test_what_it_says_in_words_is_shown_as_words(
    bench: Make, raw: Any, lines: list[str]
) -> None:
    one = bench()
    request = Declared("Bash", "execute", raw={"kind": "execute", **raw})
    asking = asyncio.create_task(one.hands.declared(request))
    asked = await one.answer("deny")
    assert not await asking
    assert asked["target"] == "codex/declared/execute"
    assert asked["diff"][: len(lines)] == lines


@pytest.mark.parametrize("title", ["Run it", f"echo {'a ' * 2500}EVIL{' b' * 200}", "a\n" * 90])
async def test_what_stands_in_the_title_alone_can_be_seen_whole(bench: Make, title: str) -> None:
    one = bench()
    asking = asyncio.create_task(one.hands.declared(Declared(title, "execute")))
    asked = await one.answer("deny")
    assert not await asking
    lines = [line for line in asked["diff"] if line[:6] in ("says: ", "      ")]
    assert lines == asked["diff"]
    assert "".join(line[6:] for line in lines) == title.replace("\n", "")
    assert max(map(len, lines)) <= 74


async def test_a_title_that_the_note_cuts_is_shown_below(bench: Make) -> None:
    one = bench()
    long = Declared("x" * 700, "read", paths=("a.py",))
    asking = asyncio.create_task(one.hands.declared(long))
    asked = await one.answer("deny")
    assert not await asking
    assert "…(" in asked["note"]
    assert sum(line.count("x") for line in asked["diff"]) == 700
    assert asked["diff"][-1] == "path: a.py"


async def test_a_title_without_an_end_is_a_no(bench: Make) -> None:
    one = bench()
    assert not await one.hands.declared(Declared("a " * 5000, "execute"))
    assert not await one.hands.declared(Declared("\u202e" * 2000, "execute"))
    assert one.sink.named("consent.asked") == []


async def test_words_of_an_agent_are_escaped(bench: Make) -> None:
    one = bench()
    lie = Declared("ok\x1b[2J\u202e", "re\x1bad", paths=("a\x1b.py",), raw={"rawInput": "\x1b"})
    asking = asyncio.create_task(one.hands.declared(lie))
    asked = await one.answer("deny")
    assert not await asking
    assert asked["target"] == "codex/declared/other"
    assert "\x1b" not in str(asked["note"]) + "".join(asked["diff"])
    assert not await one.hands.declared(replace(lie, raw={"rawInput": float("nan")}))


async def test_a_command_is_judged_as_it_would_be_run(bench: Make) -> None:
    one = bench()
    shell = replace(RUN, argv=("echo hello && echo more",))
    asking = asyncio.create_task(one.hands.declared(shell))
    asked = await one.answer("once")
    assert await asking
    assert asked["verb"] == "run"
    assert asked["target"].startswith("sh -c")
    editor = one.session
    wanted = execution(one.owner, Command(("echo hello && echo more",)))
    assert not editor.would_ask(wanted)
    assert editor.would_ask(replace(wanted, env=(("A", "1"),)))
    (one.street.project / "src").mkdir()
    assert editor.would_ask(replace(wanted, cwd="src"))
    assert editor.would_ask(replace(wanted, argv=("sh", "-c", "echo hello && rm x")))
    assert editor.would_ask(replace(wanted, subject=ASSISTANT))
    (await editor.authorize(wanted)).close()
    with pytest.raises(DeniedError):
        await editor.authorize(wanted, quiet=True)


async def test_a_no_to_the_command_takes_the_declared_yes_back(bench: Make) -> None:
    one = bench()
    wanted = execution(one.owner, Command(RUN.argv))
    both = asyncio.gather(
        one.hands.declared(RUN), one.session.authorize(wanted), return_exceptions=True
    )
    await one.answer("once")
    await one.answer("deny", 2)
    allowed, denied = await both
    assert allowed is True
    assert isinstance(denied, DeniedError)
    with pytest.raises(DeniedError):
        await one.session.authorize(wanted, quiet=True)


async def test_cancelled_it_withdraws_its_question(bench: Make) -> None:
    one = bench()
    asking = asyncio.create_task(one.hands.declared(EDIT))
    await one.sink.until("consent.asked")
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert one.session.waiting == 0
