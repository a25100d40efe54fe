"""The person's MCP servers for the assistant, over a real gate, as real programs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.street import Sink, Street
from zeke_bridge.agents.loop.kit import ForeignTool
from zeke_bridge.broker.agents.foreign import Foreign, SharedForeign
from zeke_bridge.broker.agents.hands import Hands
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.session import Session
from zeke_bridge.model.action import ASSISTANT
from zeke_bridge.model.errors import DeniedError

pytestmark = pytest.mark.anyio

SERVERS = Path(__file__).parents[2] / "agents" / "mcp"


class Desk:
    """An editor with MCP servers, and its person; where they may write, they are contained."""

    def __init__(self, street: Street, *writes: str, **servers: list[str]) -> None:
        table = {
            name: {"command": [sys.executable, *words], "writes": [*writes]}
            for name, words in servers.items()
        }
        session, sink = street.editor(settings={"mcp": table, "agents": {"contain": bool(writes)}})
        self.session: Session = session
        self.sink: Sink = sink
        self.root = str(street.project)
        owner = Owner(session, self.root, ASSISTANT, "zeke", "a1", lambda _: None)
        self.hands = Hands(owner)
        self.foreign = Foreign(session, self.root)
        self._asked = 0

    async def answer(self, choice: str) -> Any:
        self._asked += 1
        asked: Any = await self.sink.until("consent.asked", self._asked)
        assert self.session.answer(asked["prompt"], choice)
        return asked

    async def tools(self, *choices: str) -> dict[str, ForeignTool]:
        looking = asyncio.create_task(self.foreign.tools(self.hands))
        for choice in choices:
            await self.answer(choice)
        async with asyncio.timeout(30):
            return {one.name: one for one in await looking}

    def notices(self) -> list[Any]:
        return [one["message"] for one in self.sink.named("notice")]


@pytest.fixture
async def open_desk(street: Street) -> AsyncIterator[Any]:
    made: list[Desk] = []

    def make(*writes: str, **servers: list[str]) -> Desk:
        made.append(Desk(street, *writes, **servers))
        return made[-1]

    try:
        yield make
    finally:
        for one in made:
            await one.foreign.aclose()
        await street.processes.aclose()


GOOD = [str(SERVERS / "server.py")]


async def test_its_start_is_asked_about_in_its_own_name(open_desk: Any, street: Street) -> None:
    desk = open_desk(good=GOOD)
    looking = asyncio.create_task(desk.foreign.tools(desk.hands))
    asked = await desk.answer("once")
    assert (asked["subject"], asked["verb"]) == ("good (MCP server)", "run")
    assert "It is an MCP server of your settings" in asked["note"]
    assert "with your own rights" in asked["note"]
    assert len(await looking) == 7
    (line, *_) = [
        one for one in street.audit.recent(desk.root, 50) if one["subject"].startswith("mcp:good:")
    ]
    assert line["op"] == "execute"


async def test_where_a_contained_one_may_write_is_asked_about(open_desk: Any) -> None:
    desk = open_desk("~/.npm", "/srv/it", good=GOOD)
    looking = asyncio.create_task(desk.foreign.tools(desk.hands))
    asked = await desk.answer("deny")
    assert "changes the project's directories, ~/.npm, /srv/it and a temporary one" in asked["note"]
    assert await looking == []


async def test_one_that_is_denied_is_said_once_and_does_not_run(
    open_desk: Any, tmp_path: Path
) -> None:
    mark = tmp_path / "started"
    desk = open_desk(good=[*GOOD, str(mark)])
    assert await desk.tools("deny") == {}
    assert await desk.tools() == {}
    (said,) = desk.notices()
    assert said.startswith("The MCP server good is not there:")
    assert not mark.exists()


async def test_a_remembered_answer_holds_for_the_tool_as_it_was_defined(open_desk: Any) -> None:
    desk = open_desk(evil=[str(SERVERS / "hostile.py"), "changes"])
    tools = await desk.tools("session")
    safe = tools["mcp_evil_safe"].call
    call = asyncio.create_task(safe({"a": 1}))
    asked = await desk.answer("project")
    assert (asked["verb"], asked["target"]) == ("use the tool", "evil/safe")
    assert asked["subject"] == "Zeke's assistant"
    assert '  "a": 1' in asked["diff"]
    assert await call == "call 1"
    # With its first call the server has changed the definition.
    call = asyncio.create_task(safe({}))
    await desk.answer("session")
    assert await call == "call 2"
    # What is allowed for the session needs no question, whatever is passed.
    assert await safe({"b": 2}) == "call 3"
    call = asyncio.create_task(tools["mcp_evil_safe"].call({}))
    assert await call == "call 4"
    assert any("has changed its tool safe" in one for one in desk.notices())


async def test_a_call_that_is_denied_is_not_made(open_desk: Any) -> None:
    desk = open_desk(evil=[str(SERVERS / "hostile.py"), "lies"])
    tools = await desk.tools("once")
    call = asyncio.create_task(tools["mcp_evil_safe"].call({}))
    asked = await desk.answer("deny")
    assert asked["risk"] == "High"
    with pytest.raises(DeniedError):
        await call
    call = asyncio.create_task(tools["mcp_evil_safe"].call({}))
    await desk.answer("once")
    assert await call == "call 1"


async def test_chats_share_servers_until_the_settings_change(
    open_desk: Any, street: Street
) -> None:
    desk = open_desk(good=GOOD)
    shared = SharedForeign(desk.session)
    try:
        looking = asyncio.create_task(shared.tools(desk.root, desk.hands))
        await desk.answer("session")
        assert len(await looking) == 7
        assert len(await shared.tools(desk.root, desk.hands)) == 7
        street.broker.configure(desk.session, {})
        assert await shared.tools(desk.root, desk.hands) == []
        assert len(desk.sink.named("consent.asked")) == 1
    finally:
        await shared.aclose()


async def test_where_text_stays_on_this_machine_none_is_started(
    open_desk: Any, street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(good=GOOD)
    monkeypatch.setattr(street.gate, "local_only", lambda _root: True)
    assert await desk.tools() == {}
    assert await desk.tools() == {}
    (said,) = desk.notices()
    assert "keeps its text on this machine" in said
