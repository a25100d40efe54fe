"""A whole session with an agent in a process of its own, and with the SDK's own agent side."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.agents.acp.around import WAIT_S, Around
from zeke_bridge.agents.acp import session
from zeke_bridge.agents.agent import Prompt, Reply, Stop
from zeke_bridge.agents.effects import Command, Declared, FileText, Written
from zeke_bridge.model.errors import AgentError

pytestmark = pytest.mark.anyio

GO = Prompt("go")


async def test_it_says_thinks_plans_and_ends_its_turn(around: Around) -> None:
    steps = [{"think": "hm"}, {"plan": [["look", "completed"]]}, {"say": "hel"}, {"say": "lo"}]
    agent = await around.actor({"prompts": [steps], "sdk": True})
    assert await agent.prompt(GO) == Stop("end_turn")
    assert around.text == "hello"
    assert around.says == [
        {"sessionUpdate": "agent_thought_chunk", "content": {"type": "text", "text": "hm"}},
        {
            "sessionUpdate": "plan",
            "entries": [{"content": "look", "status": "completed", "priority": "medium"}],
        },
        {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "hel"}},
        {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "lo"}},
    ]
    assert around.effects.turns_ended == 1


async def test_it_edits_ten_files_and_runs_a_command(around: Around) -> None:
    names = [f"f{number}.py" for number in range(10)]
    for name in names:
        around.effects.files[str(around.root / name)] = "a = 1\n"
    edits = [{"edit": name, "old": "1", "new": "2"} for name in names]
    run = {"run": ["make", "test"], "as": "run", "env": {"CI": "1"}, "cwd": "sub"}
    agent = await around.actor({"prompts": [[*edits, run]], "sdk": True})
    assert await agent.prompt(GO) == Stop("end_turn")
    assert around.effects.files == {str(around.root / name): "a = 2\n" for name in names}
    expected = Command(("make", "test"), str(around.root / "sub"), (("CI", "1"),))
    assert around.effects.done[-1] == ("start", expected)
    assert around.result("run") == {
        "exitCode": 0,
        "signal": None,
        "output": "ran make test",
        "truncated": False,
        "exitStatus": {"exitCode": 0, "signal": None},
    }
    assert around.effects.programs[0].released


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ({}, "a\nb\n\nc"),
        ({"line": 2}, "b\n\nc"),
        ({"limit": 2}, "a\nb\n"),
        ({"line": 3, "limit": 1}, "\n"),
        ({"line": 4, "limit": 9}, "c"),
        ({"line": 0, "limit": 1}, "a\n"),
        ({"line": 9}, ""),
        ({"limit": 0}, ""),
    ],
)
async def test_a_part_of_a_file_is_read(around: Around, part: Any, expected: str) -> None:
    around.effects.files[str(around.root / "a")] = "a\nb\n\nc"
    agent = await around.actor({"prompts": [[{"read": "a", "as": "text", **part}]]})
    await agent.prompt(GO)
    assert around.result("text") == {"content": expected}


async def test_a_file_that_is_not_there_is_said_as_acp_says_it(around: Around) -> None:
    agent = await around.actor({"prompts": [[{"read": "a", "as": "text"}]]})
    await agent.prompt(GO)
    assert around.result("text")["error"] == {
        "code": -32002,
        "message": "There is no such file.",
        "data": {"uri": str(around.root / "a")},
    }


async def test_what_is_denied_is_an_error_with_the_sentence(around: Around) -> None:
    around.effects.deny = True
    steps = [
        {"read": "a", "as": "read"},
        {"write": "a", "text": "x", "as": "write"},
        {"run": ["ls"], "as": "run"},
    ]
    agent = await around.actor({"prompts": [steps]})
    await agent.prompt(GO)
    error = {"error": {"code": -32001, "message": "The person said no.", "data": None}}
    assert [around.result(name) for name in ("read", "write", "run")] == [error] * 3


async def test_a_write_that_was_not_taken_whole_is_an_error_with_the_words(around: Around) -> None:
    def partly(file: FileText) -> Written:
        return Written(file.path, "partly", "1 of 2 changes was taken: no tabs.")

    around.effects.written = partly
    agent = await around.actor({"prompts": [[{"write": "a", "text": "x", "as": "write"}]]})
    await agent.prompt(GO)
    assert around.result("write")["error"] == {
        "code": -32001,
        "message": "1 of 2 changes was taken: no tabs.",
        "data": {"state": "partly"},
    }


@pytest.mark.parametrize(
    ("allows", "kinds", "outcome"),
    [
        (True, ["allow_always", "allow_once", "reject_once"], 1),
        (False, ["allow_always", "allow_once", "reject_once"], 2),
        (True, ["allow_always", "reject_once"], 1),
        (False, ["allow_always", "allow_once", "reject_always"], None),
        (True, ["allow_always"], None),
    ],
)
async def test_an_always_of_the_agent_is_never_chosen(
    around: Around, allows: bool, kinds: list[str], outcome: int | None
) -> None:
    around.effects.allows = allows
    options = [
        {"optionId": f"o{number}", "name": kind, "kind": kind} for number, kind in enumerate(kinds)
    ]
    permit = {"permit": {"toolCallId": "c"}, "options": options, "as": "outcome"}
    agent = await around.actor({"prompts": [[permit]]})
    await agent.prompt(GO)
    chosen = {"outcome": "selected", "optionId": f"o{outcome}"}
    assert around.result("outcome") == {
        "outcome": {"outcome": "cancelled"} if outcome is None else chosen
    }


async def test_what_is_declared_has_what_was_said_of_the_call_before(around: Around) -> None:
    call = {
        "toolCallId": "c",
        "title": "Edit",
        "kind": "edit",
        "rawInput": {"file": "a"},
        "locations": [{"path": "{cwd}/a", "line": 3}],
    }
    diff = {"type": "diff", "path": "{cwd}/a", "oldText": "1\n", "newText": "2\n"}
    steps = [
        {"update": {"sessionUpdate": "tool_call", **call, "status": "pending"}},
        {"permit": {"toolCallId": "c", "content": [diff]}},
    ]
    agent = await around.actor({"prompts": [steps]})
    await agent.prompt(GO)
    path = str(around.root / "a")
    assert around.effects.done == [
        (
            "declared",
            Declared(
                "Edit",
                "edit",
                ((path, "1\n", "2\n"),),
                paths=(path,),
                raw={
                    "title": "Edit",
                    "kind": "edit",
                    "content": [{**diff, "path": path}],
                    "locations": [{"path": path, "line": 3}],
                    "rawInput": {"file": "a"},
                },
            ),
        )
    ]


async def test_of_several_ways_to_go_on_the_person_says_which(around: Around) -> None:
    options = [
        {"optionId": "a", "name": "Tabs\x1b", "kind": "allow_once"},
        {"optionId": "b", "name": "Spaces", "kind": "allow_once"},
        {"optionId": "n", "name": "No", "kind": "reject_once"},
    ]
    permit = {"permit": {"toolCallId": "c", "title": "Which?"}, "options": options, "as": "is"}
    around.reply = Reply("accept", {"option": "b"})
    agent = await around.actor({"prompts": [[permit]]})
    await agent.prompt(GO)
    assert around.result("is") == {"outcome": {"outcome": "selected", "optionId": "b"}}
    (question,) = around.questions
    assert question.message == "Which?"
    assert question.schema["properties"]["option"]["oneOf"] == [
        {"const": "a", "title": "Tabs\\u{1b}"},
        {"const": "b", "title": "Spaces"},
    ]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (Reply("accept", {"name": "x"}), {"action": "accept", "content": {"name": "x"}}),
        (Reply("decline"), {"action": "decline"}),
        (Reply("cancel"), {"action": "cancel"}),
    ],
)
async def test_a_form_is_put_to_the_person(around: Around, reply: Reply, expected: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string", "title": "Your\u202ename"}},
        "required": ["name"],
    }
    around.reply = reply
    agent = await around.actor({"prompts": [[{"ask": "Who?", "schema": schema, "as": "is"}]]})
    await agent.prompt(GO)
    assert around.result("is") == expected
    (question,) = around.questions
    assert (question.message, question.mode) == ("Who?", "form")
    assert question.schema["properties"]["name"]["title"] == "Your\\u{202e}name"


async def test_an_address_is_put_to_the_person(around: Around) -> None:
    around.reply = Reply("decline")
    step = {"ask": "Log in", "url": "https://example.com", "as": "is"}
    agent = await around.actor({"prompts": [[step]]})
    await agent.prompt(GO)
    assert around.result("is") == {"action": "decline"}
    assert around.questions[0].url == "https://example.com/"


async def test_cancelled_it_is_told_and_what_waits_is_withdrawn(around: Around) -> None:
    around.effects.hold = asyncio.Event()
    permit = {"permit": {"toolCallId": "c"}, "as": "outcome"}
    agent = await around.actor({"prompts": [[permit, {"say": "late"}], [{"say": "again"}]]})
    turn = asyncio.create_task(agent.prompt(GO))
    await asyncio.wait_for(around.effects.begun.wait(), WAIT_S)
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert around.effects.turns_ended == 1
    around.effects.hold = None
    assert await agent.prompt(GO) == Stop("end_turn")
    assert around.effects.withdrawn == 1
    assert around.text == "again"


async def test_cancelled_its_programs_of_this_turn_end_and_those_of_before_do_not(
    around: Around,
) -> None:
    around.effects.programs_end = False
    steps: list[list[Any]] = [[{"run": ["server"]}], [{"run": ["test"]}], [{"say": "again"}]]
    agent = await around.actor({"prompts": steps})
    before = asyncio.create_task(agent.prompt(GO))
    await asyncio.wait_for(around.effects.begun.wait(), WAIT_S)
    before.cancel()
    await asyncio.wait([before])
    around.effects.begun.clear()
    turn = asyncio.create_task(agent.prompt(GO))
    await asyncio.wait_for(around.effects.begun.wait(), WAIT_S)
    turn.cancel()
    await asyncio.wait([turn])
    await agent.prompt(GO)
    assert [str(one.ended and one.ended.signal) for one in around.effects.programs] == [
        "SIGTERM"
    ] * 2


async def test_one_that_does_not_stop_is_ended(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "STOP_S", 0.1)
    line = (
        '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"s1","update":'
        '{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"busy"}}}}'
    )
    agent = await around.hostile({"session/prompt": [line, {"sleep": True}]})
    turn = asyncio.create_task(agent.prompt(GO))
    await around.until("busy")
    turn.cancel()
    await asyncio.wait([turn])
    await asyncio.wait_for(around.gone.wait(), WAIT_S)
    assert around.closed == ["Tester is gone. It did not stop within 0.1 s when it was told to."]
    with pytest.raises(AgentError, match="Tester is gone"):
        await agent.prompt(GO)
