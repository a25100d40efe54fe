"""The agents of an editor: opened, prompted one turn at a time, closed with everything they have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests.fakes.street import Sink, Street
from zeke_bridge.agents.agent import (
    Image,
    Known,
    Opened,
    Prompt,
    Question,
    Reply,
    Stop,
    Surroundings,
)
from zeke_bridge.broker.agents.hands import Hands
from zeke_bridge.broker.agents.opening import Opening
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.session import AgentSession
from zeke_bridge.broker.agents.sessions import MOST_OPEN, AgentSessions
from zeke_bridge.broker.attachments import Reading
from zeke_bridge.broker.session import Session
from zeke_bridge.model.errors import AgentError, DeniedError, InputError
from zeke_bridge.model.exchange import Message
from zeke_bridge.model.task import Attachment, TaskKind, TaskRequest, Turn

pytestmark = pytest.mark.anyio


class Fake:
    """An agent that does what the test says."""

    def __init__(self, one: AgentSession, closed: Callable[[str], None]) -> None:
        self.one, self.closed = one, closed
        self.opened = Opened("s-1", "A talk", modes={"currentModeId": "ask"})
        self.prompts: list[Prompt] = []
        self.may_end = asyncio.Event()
        self.fails: AgentError | None = None
        self.ended = False

    async def prompt(self, prompt: Prompt) -> Stop:
        self.prompts.append(prompt)
        content = {"type": "text", "text": "hi"}
        self.one.feed.say({"sessionUpdate": "agent_message_chunk", "content": content})
        await self.may_end.wait()
        if self.fails:
            raise self.fails
        return Stop("end_turn")

    async def set_mode(self, mode: str) -> None:
        if mode != "code":
            raise InputError("There is no such mode.")

    async def set_config(self, option: str, value: str | bool) -> list[dict[str, Any]]:
        return [{"id": option, "currentValue": value}]

    async def known(self) -> list[Known]:
        return [Known("s-0", "Before", "", "/")]

    async def aclose(self) -> None:
        self.ended = True


class Stage:
    def __init__(self, street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
        self.street = street
        self.session: Session
        self.sink: Sink
        self.session, self.sink = street.editor()
        self.sessions: AgentSessions = street.broker.agents(self.session)
        self.made: list[Fake] = []
        self.around: list[Surroundings] = []

        async def agent(
            opening: Opening, one: AgentSession, entry: Any, resume: str, closed: Any
        ) -> Fake:
            opening.check(one.root, one.subject)
            say = one.feed.say
            one.hands = Hands(Owner(self.session, one.root, one.subject, one.name, one.id, say))
            self.made.append(Fake(one, closed))
            return self.made[-1]

        monkeypatch.setattr(Opening, "agent", agent)

    async def open(self, name: str = "claude") -> dict[str, Any]:
        return await self.sessions.open(name, str(self.street.project))

    def ask(self, session: str, task: str, *attachments: Attachment) -> None:
        turn = Turn("user", "go on", attachments)
        where = str(self.street.project)
        request = TaskRequest(task, TaskKind.AGENT, where, messages=(turn,), session=session)
        self.street.broker.submit(self.session, request)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(Street(tmp_path), monkeypatch)


async def test_what_is_open_is_listed_beside_what_there_is(stage: Stage) -> None:
    offers = await stage.open()
    assert (offers["session"], offers["id"], offers["title"]) == ("a1", "s-1", "A talk")
    assert offers["modes"] == {"currentModeId": "ask"}
    found = await stage.sessions.agents(str(stage.street.project))
    assert [(one["agent"], one["state"]) for one in found["sessions"]] == [("claude", "idle")]
    assert found["agents"][0]["name"] == "zeke"
    assert {"claude", "gemini", "codex"} <= {one["name"] for one in found["agents"]}


async def test_a_turn_is_a_task_and_one_at_a_time(stage: Stage) -> None:
    await stage.open()
    stage.ask("a1", "t1", Attachment("file", "@file:a.py", str(stage.street.project / "a.py")))
    assert (await stage.sink.until("task.delta"))["text"] == "hi"
    assert "old" in stage.made[0].prompts[0].text
    stage.ask("a1", "t2")
    assert "at work already" in (await stage.sink.until("task.failed"))["message"]
    stage.made[0].may_end.set()
    done = await stage.sink.until("task.done")
    assert (done["id"], done["text"], done["stop_reason"]) == ("t1", "hi", "end_turn")
    stage.ask("a1", "t3")
    assert (await stage.sink.until("task.done", 2))["id"] == "t3"


async def test_earlier_turns_go_along_without_what_they_mentioned(stage: Stage) -> None:
    await stage.open()
    stage.made[0].may_end.set()
    given = Attachment("file", "@file:a.py", str(stage.street.project / "a.py"))
    turns = (Turn("user", "first", (given,)), Turn("assistant", ""), Turn("user", "second"))
    request = TaskRequest(
        "t1", TaskKind.AGENT, str(stage.street.project), messages=turns, session="a1"
    )
    stage.street.broker.submit(stage.session, request)
    await stage.sink.until("task.done")
    assert stage.made[0].prompts == [Prompt("second", (), (Message("user", "first"),))]
    assert stage.street.audit.recent(str(stage.street.project), 1) == []


async def test_what_an_agent_is_shown_is_judged_in_its_own_name(stage: Stage) -> None:
    await stage.open()
    stage.made[0].may_end.set()
    stage.ask("a1", "t1", Attachment("file", "@file:a.py", str(stage.street.project / "a.py")))
    await stage.sink.until("task.done")
    line = stage.street.audit.recent(str(stage.street.project), 1)[0]
    assert line["subject"].startswith("agent:claude:")


async def test_a_question_that_was_stopped_is_an_earlier_turn(stage: Stage) -> None:
    await stage.open()
    stage.made[0].may_end.set()
    turns = (Turn("user", "first"), Turn("user", "second"))
    where = str(stage.street.project)
    request = TaskRequest("t1", TaskKind.AGENT, where, messages=turns, session="a1")
    stage.street.broker.submit(stage.session, request)
    await stage.sink.until("task.done")
    assert stage.made[0].prompts == [Prompt("second", (), (Message("user", "first"),))]


async def test_the_editor_is_told_when_the_agent_has_the_question(stage: Stage) -> None:
    await stage.open()
    stage.ask("a1", "t1")
    told = await stage.sink.until("agent.update")
    assert (told["task"], told["update"]) == ("t1", {"sessionUpdate": "_zeke/prompted"})
    stage.ask("a1", "t2")
    await stage.sink.until("task.failed")
    assert len(stage.sink.named("agent.update")) == 1


async def test_a_picture_goes_as_one_to_an_agent_that_sees(stage: Stage) -> None:
    await stage.open()
    stage.made[0].may_end.set()
    path = stage.street.project / "shot.PNG"
    path.write_bytes(b"\x89PNG")
    mention = Attachment("file", "@file:shot.PNG", str(path))
    stage.ask("a1", "t1", mention)
    blind = (await stage.sink.until("task.context"))["parts"][0]
    await stage.sink.until("task.done")
    assert (blind["state"], stage.made[0].prompts[0].images) == ("failed", ())
    stage.made[0].opened = Opened("s-1", image=True)
    stage.ask("a1", "t2", mention)
    await stage.sink.until("task.done", 2)
    assert stage.made[0].prompts[1] == Prompt("go on", (Image("image/png", "iVBORw=="),))
    assert stage.sink.named("task.context")[1]["parts"][0]["state"] == "sent"


async def test_a_closed_session_takes_its_turn_with_it(stage: Stage) -> None:
    await stage.open()
    stage.ask("a1", "t1")
    await stage.sink.until("task.delta")
    await stage.sessions.close("a1")
    assert (await stage.sink.until("task.failed"))["code"] == "cancelled"
    assert stage.made[0].ended
    with pytest.raises(InputError, match="over"):
        await stage.sessions.close("a1")
    stage.ask("a1", "t2")
    assert "open it again" in (await stage.sink.until("task.failed", 2))["message"]


async def test_what_is_closed_while_it_opens_is_not_left_running(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, opens = Opening.agent, asyncio.Event()

    async def slow(*given: Any) -> Any:
        made = await agent(*given)
        await opens.wait()
        return made

    monkeypatch.setattr(Opening, "agent", slow)
    opening = asyncio.create_task(stage.open())
    await stage.street.turn()
    await stage.sessions.close("a1")
    opens.set()
    with pytest.raises(AgentError, match="closed before"):
        await opening
    assert stage.made[0].ended


async def test_an_agent_that_dies_is_told_once_and_let_go_of(stage: Stage) -> None:
    await stage.open()
    stage.made[0].closed("It is gone.")
    stage.made[0].closed("It is gone.")
    await stage.sink.until("agent.closed")
    await stage.sessions.aclose()
    assert [dict(one) for one in stage.sink.named("agent.closed")] == [
        {"session": "a1", "agent": "claude", "task": "", "reason": "It is gone."}
    ]
    assert stage.made[0].ended


@pytest.mark.parametrize("heard", [True, False])
async def test_a_turn_fails_before_its_agent_is_said_to_be_gone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, heard: bool
) -> None:
    """Also one that does not hear of it, because it waits for something else."""
    monkeypatch.setattr("zeke_bridge.broker.agents.sessions._LAST_WORDS_S", 0.05)
    await stage.open()
    agent = stage.made[0]
    agent.fails = AgentError("It is gone.") if heard else None
    stage.ask("a1", "t1")
    await stage.sink.until("task.delta")
    agent.closed("It is gone.")
    if heard:
        agent.may_end.set()
    closed = await stage.sink.until("agent.closed")
    assert closed["task"] == "t1"
    names = [name for name, _ in stage.sink.events]
    assert names.index("task.delta") < names.index("task.failed") < names.index("agent.closed")
    failed = stage.sink.named("task.failed")[0]
    assert (failed["code"], failed["message"]) == ("agent_failed", "It is gone.")


async def test_sessions_with_one_agent_are_numbered(stage: Stage) -> None:
    for _ in range(2):
        await stage.open()
    await stage.open("codex")
    await stage.sessions.close("a1")
    await stage.open()
    await stage.sessions.open("claude", str(stage.street.project), wanted=7)
    labels = [one.one.subject.label() for one in stage.made]
    assert labels == ["claude", "claude 2", "codex", "claude", "claude 7"]
    asking = asyncio.create_task(stage.made[1].one.questions.ask(Question("Who?", "form")))
    asked = await stage.sink.until("agent.asked")
    assert (asked["agent"], asked["session"]) == ("claude 2", "a2")
    await stage.sessions.close("a2")
    await asking


async def test_an_editor_that_leaves_takes_its_agents_along(stage: Stage) -> None:
    await stage.open()
    stage.ask("a1", "t1")
    await stage.sink.until("task.delta")
    stage.street.broker.close(stage.session)
    await stage.sessions.aclose()
    assert stage.made[0].ended


async def test_there_are_only_so_many(stage: Stage) -> None:
    for _ in range(MOST_OPEN):
        await stage.open()
    with pytest.raises(InputError, match="open already"):
        await stage.open()
    await stage.sessions.aclose()
    assert all(one.ended for one in stage.made)


async def test_a_name_nobody_knows(stage: Stage) -> None:
    with pytest.raises(InputError, match="Did you mean claude"):
        await stage.open("cluade")
    assert (await stage.sessions.agents(""))["sessions"] == []


async def test_modes_and_options(stage: Stage) -> None:
    await stage.open()
    assert await stage.sessions.set("a1", "mode", "", "code") == {"mode": "code"}
    with pytest.raises(InputError, match="no such mode"):
        await stage.sessions.set("a1", "mode", "", "nosuch")
    told = await stage.sessions.set("a1", "config", "model", "small")
    assert told == {"config": [{"id": "model", "currentValue": "small"}]}
    with pytest.raises(InputError, match="nothing called"):
        await stage.sessions.set("a1", "colour", "", "red")


async def test_sessions_that_could_be_resumed(stage: Stage) -> None:
    where = str(stage.street.project)
    found = await stage.sessions.known("claude", where)
    assert found["sessions"][0]["id"] == "s-0"
    assert stage.made[0].ended, "it was started only for that"
    await stage.open()
    await stage.sessions.known("claude", where)
    assert len(stage.made) == 2, "one that is open is asked"
    await stage.sessions.known("claude", str(stage.street.other))
    assert len(stage.made) == 3, "about its own directory only"
    assert stage.made[2].one.cwd == str(stage.street.other)


async def test_sessions_of_a_command_of_the_persons_own(stage: Stage) -> None:
    where, command = str(stage.street.project), ("/bin/sh", "agent")
    await stage.sessions.known("sh", where, command)
    await stage.sessions.open("sh", where, command=command)
    await stage.sessions.known("sh", where, command)
    assert len(stage.made) == 2, "one that is open is asked"
    await stage.sessions.known("sh", where, ("/bin/sh", "another"))
    assert len(stage.made) == 3, "another command is another agent"


async def test_what_is_mentioned_is_read_from_where_it_was_opened(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Mock(wraps=Reading)
    monkeypatch.setattr("zeke_bridge.broker.agents.sessions.Reading", reading)
    await stage.open()
    turn, gone = Turn("user", "go on"), str(stage.street.other)
    request = TaskRequest("t1", TaskKind.AGENT, gone, messages=(turn,), session="a1")
    stage.street.broker.submit(stage.session, request)
    await stage.sink.until("task.delta")
    assert reading.call_args.args[1] == str(stage.street.project)


async def test_a_question_of_an_agent_is_answered_or_cancelled(stage: Stage) -> None:
    await stage.open()
    ask = stage.made[0].one.questions.ask
    fields = {"b": {"type": "integer", "maximum": 5, "title": None}, "a": {"type": "string"}}
    schema = {"type": "object", "properties": fields, "required": ["a"]}
    first = asyncio.create_task(ask(Question("Which\x1b[2J one?", "form", schema)))
    asked = await stage.sink.until("agent.asked")
    assert "\x1b" not in asked["message"]
    assert asked["fields"] == ["b", "a"]
    assert asked["schema"]["properties"]["b"] == {"type": "integer", "maximum": 5}
    for wrong in ({}, {"a": "x", "b": 6}, {"a": "x", "b": float("nan")}, {"a": "x", "c": 1}):
        with pytest.raises(InputError, match="Nothing was sent"):
            stage.sessions.answer("a1", asked["ask"], Reply("accept", wrong))
        assert not first.done(), "it goes on waiting"
    assert stage.sessions.answer("a1", asked["ask"], Reply("accept", {"a": "x"}))
    assert await first == Reply("accept", {"a": "x"})
    assert not stage.sessions.answer("a1", asked["ask"], Reply("accept"))
    second = asyncio.create_task(ask(Question("And?", "form")))
    await stage.sink.until("agent.asked", 2)
    await stage.sessions.close("a1")
    assert await second == Reply("cancel")
    assert len(stage.sink.named("agent.unasked")) == 2


async def test_a_project_whose_text_stays_here_is_not_for_agents_of_others(stage: Stage) -> None:
    await stage.open()
    consents = '{"version": 1, "grants": [], "denies": [], "local_only": true}'
    path = stage.street.project / ".zeke-consents.json"
    path.write_text(consents)
    path.chmod(0o600)
    with pytest.raises(DeniedError, match="keeps its text on this machine"):
        await stage.open()
    stage.ask("a1", "t1")
    assert "keeps its text" in (await stage.sink.until("task.failed"))["message"]
    assert (await stage.open("zeke"))["agent"] == "zeke"


async def test_one_that_ends_while_it_is_opened(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Opening.agent

    async def ending(opening: Opening, one: AgentSession, *rest: Any) -> Any:
        agent = await usual(opening, one, *rest)
        rest[-1]("It said nothing.")
        return agent

    monkeypatch.setattr(Opening, "agent", ending)
    with pytest.raises(AgentError, match="said nothing"):
        await stage.open()
    assert stage.made[0].ended
