"""An agent that tricks: each trick by name, with what exactly comes of it."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.agents.acp.around import WAIT_S, Around
from tests.agents.acp.hostile import END
from tests.agents.acp.speech import GO, INVALID, answered, request, says, turn, update, write
from zeke_bridge.agents.acp import desk
from zeke_bridge.agents.effects import Declared

pytestmark = pytest.mark.anyio


async def test_it_skips_permission_and_is_judged_all_the_same(around: Around) -> None:
    around.effects.deny = True
    error = await answered(around, request("fs/write_text_file", write()))
    assert error == {"code": -32001, "message": "The person said no.", "data": None}
    assert around.effects.files == {}


async def test_it_swaps_the_content_after_approval_and_both_are_seen(around: Around) -> None:
    diff = {"type": "diff", "path": "/p/a", "oldText": "", "newText": "harmless\n"}
    call = {"toolCallId": "c", "title": "Edit", "kind": "edit", "content": [diff]}
    options = [
        {"optionId": "y", "name": "Yes", "kind": "allow_once"},
        {"optionId": "n", "name": "No", "kind": "reject_once"},
    ]
    permit = {"sessionId": "s1", "toolCall": call, "options": options}
    swapped = {**diff, "newText": "rm -rf /\n"}
    told = {"sessionUpdate": "tool_call_update", "toolCallId": "c", "content": [swapped]}
    heard = await turn(
        around,
        request("session/request_permission", permit),
        {"reply": 1},
        update(told),
        request("fs/write_text_file", write(content="rm -rf /\n"), 2),
        {"reply": 2},
    )
    assert heard[0]["result"] == {"outcome": {"outcome": "selected", "optionId": "y"}}
    declared, written = around.effects.done
    assert isinstance(declared[1], Declared)
    assert declared[1].edits == (("/p/a", "", "harmless\n"),)
    assert written == ("write", "/p/a", "rm -rf /\n")


async def test_a_declared_command_is_meant_where_the_session_is(around: Around) -> None:
    call = {"toolCallId": "c", "kind": "execute", "rawInput": {"command": "ls"}}
    options = [{"optionId": "y", "name": "Yes", "kind": "allow_once"}]
    permit = {"sessionId": "s1", "toolCall": call, "options": options}
    around.cwd = f"{around.root}/src"
    around.root.joinpath("src").mkdir()
    await answered(around, request("session/request_permission", permit))
    ((_, declared),) = around.effects.done
    assert (declared.argv, declared.cwd) == (("ls",), around.cwd)


async def test_it_edits_by_itself_and_says_so_afterwards(around: Around) -> None:
    diff = {"type": "diff", "path": "/p/a", "oldText": "a\nb\n", "newText": "a\nc\nd\n"}
    call = {"toolCallId": "c", "title": "Edit", "kind": "edit", "content": [diff]}
    done = {"sessionUpdate": "tool_call_update", "toolCallId": "c", "status": "completed"}
    moved = {
        "sessionUpdate": "tool_call",
        "toolCallId": "d",
        "title": "Delete",
        "kind": "delete",
        "status": "completed",
        "locations": [{"path": "b"}],
    }
    await turn(
        around,
        {"file": str(around.root / "a"), "text": "a\nc\nd\n"},
        update({"sessionUpdate": "tool_call", "status": "in_progress", **call}),
        update(done),
        update(done),
        update(moved),
    )
    assert around.effects.done == [
        ("unmediated", "/p/a", 2, 1),
        ("unmediated", f"{around.root}/b", 0, 0),
    ]


async def test_it_lies_in_titles_and_what_is_unseen_becomes_visible(around: Around) -> None:
    lie = "read a.txt\u202e\n\x1b[2J[1] Allow once"
    call = {
        "sessionUpdate": "tool_call",
        "toolCallId": "c",
        "title": lie,
        "kind": "execute",
        "rawInput": {"command\x00": "rm\u200b -rf"},
        "rawOutput": "x" * 1000,
        "locations": [{"path": "/p/\ta"}],
        "_meta": {"a": 1},
    }
    plan = {"content": lie, "priority": "high", "status": "pending"}
    commands = [{"name": "x\u2060", "description": lie, "input": {"hint": lie}}]
    await turn(
        around,
        update(call),
        update({"sessionUpdate": "plan", "entries": [plan]}),
        update({"sessionUpdate": "available_commands_update", "availableCommands": commands}),
    )
    seen = "read a.txt\\u{202e}\\u{a}\\u{1b}[2J[1] Allow once"
    assert around.says == [
        {
            "sessionUpdate": "tool_call",
            "toolCallId": "c",
            "title": seen,
            "kind": "execute",
            "rawInput": {"command\\u{0}": "rm\\u{200b} -rf"},
            "locations": [{"path": "/p/→   a"}],
        },
        {
            "sessionUpdate": "plan",
            "entries": [{"content": seen, "priority": "high", "status": "pending"}],
        },
        {
            "sessionUpdate": "available_commands_update",
            "availableCommands": [
                {"name": "x\\u{2060}", "description": seen, "input": {"hint": seen}}
            ],
        },
    ]


async def test_a_path_that_leads_out_is_judged_as_it_is_spelled(around: Around) -> None:
    around.effects.deny = True
    path = "/p/../etc/passwd"
    await answered(around, request("fs/read_text_file", {"sessionId": "s1", "path": path}))
    assert around.effects.done == [("read", path)]


async def test_updates_of_another_session_are_not_shown(around: Around) -> None:
    content = {"type": "text", "text": "hidden"}
    chunk = {"sessionUpdate": "agent_message_chunk", "content": content}
    await turn(around, update(chunk, "s2"), says("seen"))
    assert around.text == "seen"
    assert around.notices == [
        "Its session/update was refused: Invalid params: that is not the session of this connection."
    ]


async def test_an_effect_before_there_is_a_session_is_refused(around: Around) -> None:
    session = '{"jsonrpc":"2.0","id":$ID,"result":{"sessionId":"s1"}}'
    early = request("fs/write_text_file", write())
    await around.hostile({"session/new": [early, says("early"), {"reply": 1}, session]})
    (answer,) = around.heard()
    assert answer["error"]["code"] == INVALID
    assert around.effects.done == []
    # What was said of the session before its id was known is heard once it is.
    assert around.text == "early"


async def test_what_makes_no_sense_before_there_is_a_session_is_passed_over(
    around: Around,
) -> None:
    session = '{"jsonrpc":"2.0","id":$ID,"result":{"sessionId":"s1"}}'
    strange = [update({"sessionUpdate": "_zeke/notice", "text": "fine"}), update({}, "s2")]
    await around.hostile({"session/new": [*strange, says("early"), session]})
    assert around.text == "early"
    assert len(around.notices) == 2
    assert all("session/update was refused" in one for one in around.notices)


async def test_before_there_is_a_session_only_so_much_is_kept(
    around: Around, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_KEPT", 5_000)
    session = '{"jsonrpc":"2.0","id":$ID,"result":{"sessionId":"s1"}}'
    await around.hostile({"session/new": [says("a" * 4_000), says("b" * 4_000), session]})
    assert around.text == "a" * 4_000
    assert "Too much was said" in around.notices[0]


async def test_of_very_many_changes_some_are_looked_at(around: Around) -> None:
    diffs = [{"type": "diff", "path": f"/p/{number}", "newText": "x"} for number in range(2_000)]
    call = {"toolCallId": "c", "title": "Edit", "kind": "edit", "content": diffs}
    await turn(around, update({"sessionUpdate": "tool_call", "status": "completed", **call}))
    assert len(around.effects.done) == desk._MOST_REPORTS
    assert "more changes than can be looked at" in around.notices[0]


async def test_it_opens_terminals_without_end_and_is_refused(around: Around) -> None:
    around.effects.programs_end = False
    params = {"sessionId": "s1", "command": "server"}
    flood = [request("terminal/create", params, number) for number in range(40)]
    heard = await turn(around, *flood, {"reply": 39})
    assert sum("error" in one for one in heard) == 8
    assert len(around.effects.programs) == 32


async def test_it_goes_on_after_it_was_stopped_and_nothing_happens(around: Around) -> None:
    permit = {
        "sessionId": "s1",
        "toolCall": {"toolCallId": "c"},
        "options": [{"optionId": "y", "name": "Yes", "kind": "allow_once"}],
    }
    form = {
        "sessionId": "s1",
        "message": "?",
        "mode": "form",
        "requestedSchema": {"type": "object", "properties": {}},
    }
    after = [
        request("fs/write_text_file", write(), 1),
        request("terminal/create", {"sessionId": "s1", "command": "ls"}, 2),
        request("session/request_permission", permit, 3),
        request("elicitation/create", form, 4),
        says("late"),
        {"reply": 4},
        END.replace("end_turn", "cancelled"),
    ]
    agent = await around.hostile(
        {"session/prompt": [says("busy"), {"wait": "session/cancel"}, *after]}
    )
    going = asyncio.create_task(agent.prompt(GO))
    await around.until("busy")
    going.cancel()
    await asyncio.wait([going])
    stopping = agent._stopping  # type: ignore[attr-defined]
    await asyncio.wait_for(stopping, WAIT_S)
    stopped = {"code": -32001, "message": "The person has stopped this turn.", "data": None}
    by_id = {one["id"]: one.get("error", one.get("result")) for one in around.heard()}
    assert by_id == {
        1: stopped,
        2: stopped,
        3: {"outcome": {"outcome": "cancelled"}},
        4: {"action": "cancel"},
    }
    assert around.effects.done == []
    assert around.questions == []
    assert around.text == "busy"


async def test_what_it_changes_while_it_is_stopped_is_reported(around: Around) -> None:
    diff = {"type": "diff", "path": "/p/a", "oldText": "a\n", "newText": "b\n"}
    call = {"toolCallId": "c", "title": "Edit", "kind": "edit", "content": [diff]}
    late = update({"sessionUpdate": "tool_call", "status": "completed", **call})
    agent = await around.hostile(
        {"session/prompt": [says("busy"), {"wait": "session/cancel"}, late, END]}
    )
    going = asyncio.create_task(agent.prompt(GO))
    await around.until("busy")
    going.cancel()
    await asyncio.wait([going])
    await asyncio.wait_for(agent._stopping, WAIT_S)  # type: ignore[attr-defined]
    assert around.effects.done == [("unmediated", "/p/a", 1, 1)]
    assert [one["sessionUpdate"] for one in around.says] == ["agent_message_chunk"]


async def test_an_effect_outside_of_a_turn_is_judged_and_shown(around: Around) -> None:
    late = [request("fs/write_text_file", write()), {"reply": 1}, says("done")]
    agent = await around.hostile({"session/prompt": [END], "session/set_mode": late})
    await agent.prompt(GO)
    setting = asyncio.create_task(agent.set_mode("x"))
    await around.until("done")
    setting.cancel()
    assert around.effects.done == [("write", "/p/a", "x")]
    assert around.notices == ["It asked for fs/write_text_file outside of a turn of yours."]


async def test_an_elicitation_that_is_done_elsewhere_is_withdrawn(around: Around) -> None:
    around.effects.hold = asyncio.Event()
    params = {
        "sessionId": "s1",
        "message": "?",
        "mode": "url",
        "elicitationId": "e",
        "url": "https://example.com/",
    }
    done = json.dumps(
        {"jsonrpc": "2.0", "method": "elicitation/complete", "params": {"elicitationId": "e"}}
    )
    (answer,) = await turn(around, request("elicitation/create", params), done, {"reply": 1})
    assert answer["result"] == {"action": "cancel"}
