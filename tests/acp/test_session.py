"""A session whose agent is not there at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from zeke_bridge.acp import session as module
from zeke_bridge.acp.link import Wanted
from zeke_bridge.acp.said import Said
from zeke_bridge.acp.session import Session
from zeke_bridge.bridge.peer import Hear
from zeke_bridge.model.errors import ZekeError

pytestmark = pytest.mark.anyio

CONFIG = [{"id": "effort"}]


class Told:
    def __init__(self) -> None:
        self.updates: list[Any] = []

    async def update(self, session: str, update: Any) -> None:
        self.updates.append((session, update))


class Broker:
    """Opens the agent when it is let to."""

    def __init__(self) -> None:
        self.may = asyncio.Event()
        self.hear: Hear | None = None
        self.closed = False
        self.places: list[Any] = []
        self.fails = ""
        self.reads = ""

    async def reach(self, hello: Mapping[str, Any], hear: Hear, lost: Any) -> Any:
        self.hear = hear
        return self

    async def call(self, method: str, params: Any, limit: float) -> Any:
        if method == "agent.open":
            await self.may.wait()
            return {"data": {"session": "a1", "id": "inner", "config": CONFIG, "root": "/p"}}
        assert self.hear is not None
        self.places.append(params["places"])
        if self.reads:
            update = {"sessionUpdate": "_zeke/kept", "path": self.reads}
            await self.hear("agent.update", {"update": update})
        if self.fails:
            failure = {"id": params["id"], "code": self.fails, "message": "No."}
            await self.hear("task.failed", failure)
            return {}
        await self.hear("task.delta", {"id": params["id"], "text": "hi"})
        await self.hear("task.done", {"id": params["id"], "stop_reason": "end_turn"})
        return {}

    def tell(self, method: str, params: Any) -> None:
        assert method == "task.cancel"

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def broker() -> Broker:
    return Broker()


def _session(broker: Broker, told: Told) -> Session:
    client: Any = told
    return Session(client, broker.reach, Wanted("slow"), "/p")


async def test_a_slow_agent_is_opened_behind_the_clients_back(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OPEN_S", 0)
    told = Told()
    session = _session(broker, told)
    offers = await session.begin(lambda _: False)
    assert offers == {"sessionId": session.id}
    assert session.id.startswith("zeke-")
    await session.known()
    turn = asyncio.ensure_future(session.prompt(Said("go")))
    broker.may.set()
    assert await turn == {"stopReason": "end_turn"}
    kinds = [(name, one["sessionUpdate"]) for name, one in told.updates]
    assert kinds == [
        (session.id, "config_option_update"),
        (session.id, "agent_message_chunk"),
    ]
    session.close()
    assert broker.closed


async def test_a_quick_one_is_there_at_once(broker: Broker) -> None:
    broker.may.set()
    session = _session(broker, Told())
    offers = await session.begin(lambda _: False)
    assert offers == {"sessionId": "inner", "configOptions": CONFIG}


async def test_what_is_said_before_the_client_knows_the_session_waits(broker: Broker) -> None:
    broker.may.set()
    told = Told()
    session = _session(broker, told)
    await session.begin(lambda _: False)
    assert broker.hear is not None
    plan = {"sessionUpdate": "plan", "entries": []}
    await broker.hear("agent.update", {"update": plan})
    assert told.updates == []
    await session.known()
    assert told.updates == [("inner", plan)]


async def test_where_text_comes_from_is_said_with_each_later_turn(broker: Broker) -> None:
    broker.may.set()
    told = Told()
    session = _session(broker, told)
    await session.begin(lambda _: False)
    await session.known()

    async def turn(*places: str, fails: str = "", reads: str = "") -> Any:
        broker.fails, broker.reads = fails, reads
        if not fails:
            await session.prompt(Said("go", places=frozenset(places)))
        else:
            with pytest.raises(ZekeError):
                await session.prompt(Said("go", places=frozenset(places)))
        return broker.places[-1]

    assert await turn() == []
    assert await turn("/p/a", reads="/kept") == ["/p/a"]
    assert await turn("/p/b", fails="timed_out") == ["/kept", "/p/a", "/p/b"]
    # What was denied nobody was told of.
    assert await turn("/p/a", "/p/c", fails="denied") == ["/kept", "/p/a", "/p/b", "/p/c"]
    # Another broker hears of it as well.
    session._lost()
    broker.reads = ""
    assert await turn() == ["/kept", "/p/a", "/p/b"]
    assert "_zeke/kept" not in str(told.updates)


async def test_the_agents_own_id_is_ours_only_when_it_is_fit(broker: Broker) -> None:
    broker.may.set()
    session = _session(broker, Told())
    await session.begin(lambda name: name == "inner")
    assert session.id.startswith("zeke-")
