"""Turns through ``zeke acp``, by the SDK's own client: what is asked, allowed, denied, cancelled."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.acp.person import Person, command, editor, refusal, words
from tests.fakes.house import SAMPLE, House

pytestmark = pytest.mark.anyio

WRITE = {"write": "a.py", "text": "x = 1\n", "as": "written"}


def _grants(home: House) -> list[tuple[str, str]]:
    path = home.project / ".zeke-consents.json"
    kept = json.loads(path.read_text())["grants"] if path.exists() else []
    return sorted((one["op"], one["target"]) for one in kept if one["op"] != "execute")


def _but_start(answer: Any) -> Any:
    """The agent may start; to all else the answer is ``answer``."""

    def says(asked: Any) -> Any:
        return "once" if "actor.py" in asked["call"]["title"] else answer

    return says


async def _turn(home: House, person: Person, *arguments: str, turns: int = 1) -> Any:
    async with editor(home, person, *arguments) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        for _ in range(turns):
            done = await client.prompt(session_id=session.session_id, prompt=words("go"))
    return done


async def test_an_answer_streams(home: House) -> None:
    person = Person()
    usage = {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10}
    script = command(
        home,
        prompts=[[{"think": "hm"}, {"plan": [["look", "completed"]]}, {"say": "hello "}]],
        usage=usage,
    )
    done = await _turn(home, person, *script)
    assert done.stop_reason == "end_turn"
    assert done.usage.total_tokens == 10
    assert person.text == "hello "
    kinds = [one["sessionUpdate"] for one in person.updates]
    assert kinds[-3:] == ["agent_thought_chunk", "plan", "agent_message_chunk"]


@pytest.mark.parametrize("answer", ["once", "session", "project"])
async def test_a_write_is_asked_in_the_clients_own_dialog(home: House, answer: str) -> None:
    person = Person(_but_start(answer))
    await _turn(home, person, *command(home, prompts=[[WRITE]]))
    assert (home.project / "a.py").read_text() == "x = 1\n"
    assert person.got("written") == {}
    [start, asked] = person.asked
    assert "run" in start["call"]["title"]
    assert asked["call"]["title"] == "GhostWarden: write `a.py` (+1 −2) · Risk: Medium"
    assert asked["call"]["kind"] == "edit"
    [diff, told] = asked["call"]["content"]
    assert "No rule or grant covers it." in told["content"]["text"]
    assert diff["oldText"] == SAMPLE
    assert diff["newText"] == "x = 1\n"
    assert [kind for _, kind, _ in asked["options"]] == [
        "allow_once",
        "allow_always",
        "allow_always",
        "reject_once",
    ]
    [update] = [
        one
        for one in person.kind("tool_call_update")
        if one["toolCallId"] == asked["call"]["toolCallId"]
    ]
    assert update["status"] == "completed"
    assert _grants(home) == ([("write", "a.py")] if answer == "project" else [])


async def test_a_file_of_a_project_inside_is_shown_where_it_is(home: House) -> None:
    inner = home.project / "vendor" / "lib"
    (inner / ".git").mkdir(parents=True)
    (inner / "a.py").write_text("inner = 1\n")
    person = Person(_but_start("once"))
    await _turn(home, person, *command(home, prompts=[[WRITE | {"write": "vendor/lib/a.py"}]]))
    assert (inner / "a.py").read_text() == "x = 1\n"
    call = person.asked[1]["call"]
    assert "write `vendor/lib/a.py` (+1 −1) in the project `vendor/lib`" in call["title"]
    assert call["content"][0]["path"] == call["locations"][0]["path"] == str(inner / "a.py")


async def test_a_no_is_told_to_the_agent(home: House) -> None:
    person = Person(_but_start("deny"))
    await _turn(home, person, *command(home, prompts=[[WRITE]]))
    assert (home.project / "a.py").read_text() == SAMPLE
    assert "not written" in person.got("written")["error"]["message"]
    asked = person.asked[-1]["call"]["toolCallId"]
    [update] = [one for one in person.kind("tool_call_update") if one["toolCallId"] == asked]
    assert update["status"] == "failed"


@pytest.mark.parametrize("answer", [None, "always", "", refusal()])
async def test_what_is_no_clear_yes_is_a_no(home: House, answer: Any) -> None:
    person = Person(_but_start(answer))
    await _turn(home, person, *command(home, prompts=[[WRITE]]))
    assert (home.project / "a.py").read_text() == SAMPLE


async def test_session_holds_for_the_session_and_not_beyond(home: House) -> None:
    person = Person("session")
    edits = [[WRITE], [{**WRITE, "text": "x = 2\n"}]]
    script = command(home, prompts=edits)
    await _turn(home, person, *script, turns=2)
    assert (home.project / "a.py").read_text() == "x = 2\n"
    assert len(person.titles()) == 1
    again = Person("session")
    await _turn(home, again, *script)
    assert len(again.titles()) == 1


async def test_what_is_granted_to_the_project_is_asked_no_more(home: House) -> None:
    script = command(home, prompts=[[WRITE], [{**WRITE, "text": "x = 2\n"}]])
    first = Person("project")
    await _turn(home, first, *script)
    assert len(first.asked) == 2
    second = Person("deny")
    await _turn(home, second, *script, turns=2)
    assert second.asked == []
    assert (home.project / "a.py").read_text() == "x = 2\n"


async def test_an_agent_that_may_start_is_open_with_its_session(home: House) -> None:
    modes = {
        "currentModeId": "ask",
        "availableModes": [{"id": "ask", "name": "Ask"}, {"id": "code", "name": "Code"}],
    }
    config = [
        {
            "id": "effort",
            "name": "Effort",
            "type": "select",
            "currentValue": "low",
            "options": [{"value": "low", "name": "Low"}, {"value": "high", "name": "High"}],
        }
    ]
    parts = {"modes": modes, "config": config, "prompts": [[{"commands": [["test", "runs it"]]}]]}
    script = command(home, **parts)
    await _turn(home, Person("project"), *script)
    person = Person()
    async with editor(home, person, *script) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        assert session.session_id == "actor-1"
        assert session.modes is not None
        assert [one.id for one in session.modes.available_modes] == ["ask", "code"]
        await client.set_session_mode(session_id="actor-1", mode_id="code")
        await person.until(lambda: person.kind("current_mode_update"))
        answer = await client.set_config_option("effort", "actor-1", "high")
        assert answer.config_options[0].current_value == "high"
        await client.prompt(session_id="actor-1", prompt=words("go"))
        [listed] = person.kind("available_commands_update")
        assert listed["availableCommands"][0]["name"] == "test"
        # The agent calls all its sessions alike, and the client has to tell them apart.
        other = await client.new_session(cwd=str(home.project), mcp_servers=[])
        assert other.session_id != "actor-1"
    assert person.asked == []


async def test_a_command_runs_and_its_output_is_seen(home: House) -> None:
    person = Person()
    steps = [{"run": ["sh", "-c", "echo hi; exit 3"], "as": "ended"}]
    await _turn(home, person, *command(home, prompts=[steps]))
    assert person.got("ended")["exitCode"] == 3
    assert person.titles() == ["GhostWarden: run `sh -c 'echo hi; exit 3'` · Risk: High"]
    shown = [one for one in person.updates if one.get("toolCallId") == "run-terminal-1"]
    told = json.dumps(shown)
    assert "exit code 3" in told
    assert '"terminal"' not in told
    assert not [one for one in person.updates if one.get("toolCallId") == "ghostwarden-terminal-1"]


async def test_what_an_agent_declares_is_asked_as_ours(home: House) -> None:
    person = Person()
    permit = {
        "toolCallId": "t1",
        "title": "[harmless](x)",
        "kind": "execute",
        "rawInput": {"command": ["rm", "-rf", "b"]},
    }
    await _turn(home, person, *command(home, prompts=[[{"permit": permit, "as": "permit"}]]))
    assert person.got("permit") == {"outcome": {"outcome": "selected", "optionId": "once"}}
    assert person.titles() == ["GhostWarden: run `rm -rf b` · Risk: High"]
    text = person.asked[-1]["call"]["content"][-1]["content"]["text"]
    assert "Note: `declared by the agent: [harmless](x)`" in text


@pytest.mark.parametrize("ready", [True, False])
async def test_cancelling_ends_the_turn(home: House, ready: bool) -> None:
    script = command(home, prompts=[[{"say": "begun"}, {"hang": True}], [{"say": "again"}]])
    person = Person("once" if ready else "wait")
    async with editor(home, person, *script) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        name = session.session_id
        turn = client.prompt(session_id=name, prompt=words("go"))
        running = asyncio.ensure_future(turn)
        await person.until(lambda: person.text if ready else person.asked)
        await client.cancel(session_id=name)
        assert (await running).stop_reason == "cancelled"
        if ready:
            assert (await client.prompt(session_id=name, prompt=words("go"))).stop_reason
            assert person.text.endswith("again")


async def test_a_question_that_nobody_needs_is_withdrawn(home: House) -> None:
    person = Person(_but_start("wait"))
    async with editor(home, person, *command(home, prompts=[[WRITE]])) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        running = asyncio.ensure_future(
            client.prompt(session_id=session.session_id, prompt=words("go"))
        )
        await person.until(person.titles)
        await client.cancel(session_id=session.session_id)
        assert (await running).stop_reason == "cancelled"
        await person.until(
            lambda: [one for one in person.wire if one.get("method") == "$/cancel_request"]
        )
    requests = [one for one in person.wire if one.get("method") == "session/request_permission"]
    withdrawn = [one for one in person.wire if one.get("method") == "$/cancel_request"]
    assert [one["params"]["requestId"] for one in withdrawn] == [requests[1]["id"]]
    assert (home.project / "a.py").read_text() == SAMPLE
