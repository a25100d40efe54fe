"""Agents, brokers and clients that end in the middle, and clients that talk nonsense."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from acp import schema
from acp.exceptions import RequestError

from tests.acp.person import PATIENCE, Json, Person, command, editor, program, words
from tests.fakes.editor import Editor
from tests.fakes.house import REPOSITORY, SAMPLE, House

pytestmark = pytest.mark.anyio

WRITE = {"write": "a.py", "text": "x = 1\n", "as": "written"}


async def _until_gone(home: House, words: str) -> None:
    """Wait until no program of the house has ``words`` among its arguments."""

    def living() -> list[int]:
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                said = (path / "cmdline").read_bytes().decode()
            except OSError:
                continue
            if words in said and str(home.base) in said:
                found.append(int(path.name))
        return found

    async with asyncio.timeout(PATIENCE):
        for pid in living():
            try:
                handle = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            over = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(handle, over.set)
            try:
                await over.wait()
            finally:
                loop.remove_reader(handle)
                os.close(handle)
    assert living() == []


async def test_an_agent_that_dies_is_a_sentence_and_can_be_asked_again(home: House) -> None:
    person = Person("project")
    dying = [[{"die": 3, "text": "no key\n"}]]
    async with editor(home, person, *command(home, prompts=dying)) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        for _ in range(2):
            with pytest.raises(RequestError, match=r"exit code 3.*no key"):
                await client.prompt(session_id=session.session_id, prompt=words("go"))
    [notice] = [one for one in person.kind("tool_call") if "started anew" in one["title"]]
    assert notice["status"] == "completed"


async def test_a_broker_that_dies_fails_the_turn_and_the_next_one_starts_another(
    home: House,
) -> None:
    person = Person("project")
    steps = [[{"say": "begun"}, {"hang": True}]]
    async with editor(home, person, *command(home, prompts=steps)) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        name = session.session_id
        running = asyncio.ensure_future(client.prompt(session_id=name, prompt=words("go")))
        await person.until(lambda: person.text)
        home.kill(signal.SIGKILL)
        with pytest.raises(RequestError, match="broker has ended"):
            await running
        again = asyncio.ensure_future(client.prompt(session_id=name, prompt=words("go")))
        again.add_done_callback(lambda _: person.stir())
        await person.until(lambda: again.done() or person.text == "begunbegun")
        assert not again.done(), again.result()
        await client.cancel(session_id=name)
        assert (await again).stop_reason == "cancelled"


async def test_a_client_that_goes_takes_all_of_it_along(home: House) -> None:
    def says(asked: Any) -> str:
        return "once" if "actor.py" in asked["call"]["title"] else "wait"

    person = Person(says)
    home.start()
    async with program(home, person, *command(home, prompts=[[WRITE]])) as (client, process):
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        turn = client.prompt(session_id=session.session_id, prompt=words("go"))
        running = asyncio.ensure_future(turn)
        await person.until(person.titles)
        process.kill()
        with pytest.raises((ConnectionError, asyncio.CancelledError)):
            await running
    await _until_gone(home, "actor.py")
    assert (home.project / "a.py").read_text() == SAMPLE
    async with Editor(home.runtime, home.project) as neovim:
        neovim.notify("state.get", what="status", reply=7)
        status = await neovim.until("state", reply=7)
    assert status["data"]["broker"]["editors"] == 1
    assert status["data"]["broker"]["waiting"] == 0


async def test_hanging_up_is_enough(home: House) -> None:
    person = Person("project")
    steps = [[{"run": ["sleep", "60"]}]]
    home.start()
    async with program(home, person, *command(home, prompts=steps)) as (client, process):
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        turn = client.prompt(session_id=session.session_id, prompt=words("go"))
        running = asyncio.ensure_future(turn)
        await person.until(lambda: len(person.asked) == 2)
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
        with pytest.raises((ConnectionError, asyncio.CancelledError)):
            await running
    await _until_gone(home, "actor.py")


async def test_what_neovim_granted_the_agent_holds_here(home: House) -> None:
    arguments = command(home, prompts=[[WRITE]])
    home.start()
    async with Editor(home.runtime, home.project, ui=True) as neovim:
        neovim.notify("agent.open", agent="", cwd=str(home.project), command=arguments[1:], reply=1)
        asked = await neovim.until("consent.asked")
        neovim.notify("consent.answer", prompt=asked["prompt"], choice="project")
        opened = await neovim.until("state", reply=1)
        assert "error" not in opened, opened
    person = Person("deny")
    async with editor(home, person, *arguments) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        assert session.session_id == "actor-1"
    assert person.asked == []


async def test_neovim_honours_what_was_granted_here(home: House) -> None:
    arguments = command(home, prompts=[[WRITE]])
    async with editor(home, Person("project"), *arguments) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        await client.prompt(session_id=session.session_id, prompt=words("go"))
    (home.project / "a.py").write_text(SAMPLE)
    async with Editor(home.runtime, home.project) as neovim:
        neovim.notify("agent.open", agent="", cwd=str(home.project), command=arguments[1:], reply=1)
        opened = await neovim.until("state", reply=1)
        name = opened["data"]["session"]
        neovim.submit("1", "agent", session=name, messages=[{"role": "user", "content": "go"}])
        # Its person's unsaved text is asked for; there is none.
        asked = await neovim.until("editor.asked", "task.done")
        while "ask" in asked:
            neovim.notify("editor.answer", ask=asked["ask"], data={})
            asked = await neovim.until("editor.asked", "task.done")
        assert neovim.named("consent.asked") == []
    assert (home.project / "a.py").read_text() == "x = 1\n"


async def test_questions_can_go_to_a_neovim_of_the_project(home: House) -> None:
    home.start()
    person = Person("deny")
    arguments = ("--ask", "neovim", *command(home, prompts=[[WRITE]]))
    async with (
        Editor(home.runtime, home.project) as neovim,
        editor(home, person, *arguments) as client,
    ):
        opening = asyncio.ensure_future(client.new_session(cwd=str(home.project), mcp_servers=[]))
        asked = await neovim.until("consent.asked")
        neovim.notify("consent.answer", prompt=asked["prompt"], choice="once")
        session = await opening
        turn = client.prompt(session_id=session.session_id, prompt=words("go"))
        running = asyncio.ensure_future(turn)
        asked = await neovim.until("consent.asked")
        assert (asked["verb"], asked["target"]) == ("write", "a.py")
        neovim.notify("consent.answer", prompt=asked["prompt"], choice="once")
        await running
    assert person.asked == []
    assert (home.project / "a.py").read_text() == "x = 1\n"


async def test_without_a_neovim_there_nobody_is_asked_and_nothing_is_done(home: House) -> None:
    arguments = ("--ask", "neovim", *command(home, prompts=[[WRITE]]))
    async with editor(home, Person("project"), *arguments) as client:
        with pytest.raises(RequestError, match=r"[Nn]obody|no editor|Neovim"):
            await client.new_session(cwd=str(home.project), mcp_servers=[])


async def test_the_agents_own_question_reaches_a_client_that_can(home: House) -> None:
    form = {"type": "object", "properties": {"name": {"type": "string", "title": "Name"}}}
    arguments = command(home, prompts=[[{"ask": "Who?", "schema": form, "as": "reply"}]])
    able: Json = {"elicitation": {"form": {}}}
    unable: Json = {}
    for capabilities, action in ((unable, "decline"), (able, "accept")):
        person = Person("project")
        person.reply = schema.AcceptElicitationResponse(action="accept", content={"name": "Ada"})
        async with editor(home, person, *arguments, capabilities=capabilities) as client:
            session = await client.new_session(cwd=str(home.project), mcp_servers=[])
            await client.prompt(session_id=session.session_id, prompt=words("go"))
        assert person.got("reply")["action"] == action
        assert [one["message"] for one in person.elicited] == (
            ["python: Who?"] if capabilities else []
        )


async def test_what_does_not_fit_the_agents_question_is_no_answer(home: House) -> None:
    form = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 2}}}
    arguments = command(home, prompts=[[{"ask": "Who?", "schema": form, "as": "reply"}]])
    able: Json = {"elicitation": {"form": {}}}
    person = Person("project")
    person.reply = schema.AcceptElicitationResponse(action="accept", content={"name": "Ada"})
    async with editor(home, person, *arguments, capabilities=able) as client:
        session = await client.new_session(cwd=str(home.project), mcp_servers=[])
        await client.prompt(session_id=session.session_id, prompt=words("go"))
    assert person.got("reply") == {"action": "cancel"}


async def test_a_session_of_before_is_loaded(home: House) -> None:
    said = {"sessionUpdate": "agent_message_chunk", "content": {"type": "text", "text": "old"}}
    listed = [[{"sessionId": "s9", "cwd": str(home.project), "title": "before"}]]
    arguments = command(
        home,
        prompts=[[{"say": "new"}]],
        capabilities={"loadSession": True, "sessionCapabilities": {"list": {}}},
        replay=[said],
        sessions=listed,
    )
    person = Person("project")
    async with editor(home, person, *arguments) as client:
        await client.load_session(cwd=str(home.project), session_id="s9", mcp_servers=[])
        assert person.text == "old"
        found = await client.list_sessions(cwd=str(home.project))
        assert [(one.session_id, one.title) for one in found.sessions] == [("s9", "before")]
        await client.prompt(session_id="s9", prompt=words("go"))
        assert person.text == "oldnew"
        with pytest.raises(RequestError, match="open already"):
            await client.load_session(cwd=str(home.project), session_id="s9", mcp_servers=[])
        await client.close_session(session_id="s9")
        with pytest.raises(RequestError, match="no session"):
            await client.prompt(session_id="s9", prompt=words("go"))
    async with editor(home, person, *arguments) as client:
        found = await client.list_sessions(cwd=str(home.project))
        assert [one.session_id for one in found.sessions] == ["s9"]
    forgetful = command(home, prompts=[[]])
    async with editor(home, person, *forgetful) as client:
        with pytest.raises(RequestError, match="cannot go on"):
            await client.resume_session(cwd=str(home.project), session_id="s9", mcp_servers=[])


class Raw:
    """``zeke acp`` with its pipes bare."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process: Any = process

    def send(self, message: Any) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(data + b"\n")

    async def read(self) -> Json:
        async with asyncio.timeout(PATIENCE):
            line = await self.process.stdout.readline()
        found: Json = json.loads(line)
        assert found["jsonrpc"] == "2.0"
        return found

    async def call(self, number: int, method: str, params: Any) -> Json:
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while (found := await self.read()).get("id") != number:
            pass
        return found


@asynccontextmanager
async def _raw(home: House, *arguments: str, **variables: str) -> AsyncIterator[Raw]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "zeke_bridge", "acp", *arguments),
        env=home.environment | variables,
        cwd=REPOSITORY,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
    )
    try:
        yield Raw(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


HELLO = {"protocolVersion": 1}


async def test_nonsense_is_answered_as_such_and_the_rest_goes_on(home: House) -> None:
    home.start()
    async with _raw(home) as raw:
        early = await raw.call(1, "session/new", {"cwd": str(home.project), "mcpServers": []})
        assert "initialize first" in early["error"]["message"]
        raw.send(b"{nonsense")
        assert (await raw.read())["error"]["code"] == -32700
        raw.send(b'[{"jsonrpc": "2.0"}]')
        assert (await raw.read())["error"]["code"] == -32600
        raw.send(b"hello")
        raw.send(b'{"jsonrpc": "2.0", "id": 2, "id": 3, "method": "initialize"}')
        assert (await raw.read())["error"]["code"] == -32700
        assert (await raw.call(4, "initialize", {}))["error"]["code"] == -32602
        greeting = (await raw.call(5, "initialize", HELLO))["result"]
        assert greeting["protocolVersion"] == 1
        assert greeting["agentCapabilities"]["loadSession"] is False
        for method, params in (
            ("session/new", {"cwd": "relative", "mcpServers": []}),
            ("session/new", {"cwd": 7, "mcpServers": []}),
            ("session/new", {"cwd": str(home.project), "mcpServers": [{"what": 1}]}),
            ("session/prompt", {"sessionId": "s", "prompt": [{"type": "text", "text": "x"}]}),
            ("session/prompt", {"sessionId": "s", "prompt": [{"type": "song"}]}),
            ("session/set_mode", {"sessionId": "s", "modeId": None}),
        ):
            assert (await raw.call(6, method, params))["error"]["code"] == -32602, method
        assert (await raw.call(7, "fs/read_text_file", {}))["error"]["code"] == -32601
        raw.send({"jsonrpc": "2.0", "method": "session/cancel", "params": {"sessionId": []}})
        raw.send({"jsonrpc": "2.0", "id": 99, "result": {}})
        made = await raw.call(8, "session/new", {"cwd": str(home.project), "mcpServers": []})
        assert made["result"]["sessionId"]


async def test_only_the_protocol_is_on_standard_output(home: House) -> None:
    arguments = command(home, prompts=[[{"say": "one"}, {"run": ["echo", "two"]}]])
    home.start()
    async with _raw(home, *arguments, PYTHONVERBOSE="", PYTHONDEVMODE="1") as raw:
        await raw.call(1, "initialize", HELLO)
        made = await raw.call(2, "session/new", {"cwd": str(home.project), "mcpServers": []})
        name = made["result"]["sessionId"]
        prompt = [{"type": "text", "text": "go"}]
        raw.send(
            {
                "jsonrpc": "2.0",
                "id": 3,
                "method": "session/prompt",
                "params": {"sessionId": name, "prompt": prompt},
            }
        )
        while (found := await raw.read()).get("id") != 3 or "method" in found:
            if found.get("method") == "session/request_permission":
                outcome = {"outcome": "selected", "optionId": "once"}
                raw.send({"jsonrpc": "2.0", "id": found["id"], "result": {"outcome": outcome}})
        assert found["result"]["stopReason"] == "end_turn"


async def test_a_broker_that_cannot_start_is_one_sentence(home: House) -> None:
    (home.base / "file").write_text("")
    async with _raw(home, ZEKE_STATE_DIR=str(home.base / "file")) as raw:
        await raw.call(1, "initialize", HELLO)
        made = await raw.call(2, "session/new", {"cwd": str(home.project), "mcpServers": []})
        assert len(made["error"]["message"]) > 10
        assert "Traceback" not in made["error"]["message"]
        raw.process.stdin.close()
        _, problem = await raw.process.communicate()
    assert problem.decode().startswith("zeke: ")
    assert made["error"]["message"] in problem.decode()


async def test_without_a_client_it_says_who_it_is_for(home: House) -> None:
    done = home.zeke("acp", "--agent", "claude", "--", "program")
    assert done.returncode == 1
    assert done.stderr == "zeke: Name the agent or its command, not both.\n"
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "zeke_bridge", "acp"),
        env=home.environment,
        cwd=REPOSITORY,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
    )
    said, problem = await process.communicate()
    assert (said, process.returncode) == (b"", 1)
    assert b"an editor starts it" in problem
