"""A person at an editor that speaks ACP: the SDK's own client, and ``zeke acp`` behind it."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

from acp import schema, spawn_agent_process
from acp.client import ClientSideConnection
from acp.exceptions import RequestError

from tests.fakes.house import REPOSITORY, House
from tests.fakes.patience import patience

ACTOR = REPOSITORY / "tests" / "agents" / "acp" / "actor.py"
PATIENCE = patience(30.0)
Json = dict[str, Any]
Answer = Callable[[Json], str | BaseException | None]


class Person:
    """What the client is told, and how its person answers.

    ``says`` gives the option for a permission request: an ``optionId``, None for a dialog that is
    cancelled, ``wait`` for one that stays open, or an error.
    """

    def __init__(self, says: Answer | str | None = "once") -> None:
        self._says = says
        self.updates: list[Json] = []
        self.asked: list[Json] = []
        self.elicited: list[Json] = []
        self.reply: Any = schema.DeclineElicitationResponse(action="decline")
        self.wire: list[Json] = []
        self._news = asyncio.Event()

    def on_connect(self, conn: Any) -> None:
        """Called by the SDK."""

    async def session_update(self, session_id: str, update: Any, **_: Any) -> None:
        told = update.model_dump(mode="json", by_alias=True, exclude_unset=True)
        self.updates.append({"session": session_id, **told})
        self._news.set()

    async def request_permission(
        self, session_id: str, tool_call: Any, options: list[Any], **_: Any
    ) -> Json:
        asked = {
            "session": session_id,
            "call": tool_call.model_dump(mode="json", by_alias=True, exclude_unset=True),
            "options": [(one.option_id, one.kind, one.name) for one in options],
        }
        self.asked.append(asked)
        self._news.set()
        said = self._says(asked) if callable(self._says) else self._says
        if isinstance(said, BaseException):
            raise said
        if said == "wait":
            await asyncio.Event().wait()
        if said is None:
            return {"outcome": {"outcome": "cancelled"}}
        return {"outcome": {"outcome": "selected", "optionId": said}}

    async def create_elicitation(self, message: str, **fields: Any) -> Any:
        self.elicited.append({"message": message, **fields})
        return self.reply

    def seen(self, event: Any) -> None:
        """Keep what the client sees on the wire."""
        if event.direction == "incoming":
            self.wire.append(event.message)
            self._news.set()

    def stir(self) -> None:
        """Something has happened elsewhere that is waited for."""
        self._news.set()

    async def until(self, found: Callable[[], Any]) -> Any:
        """Wait until ``found`` finds something."""
        async with asyncio.timeout(PATIENCE):
            while not (result := found()):
                self._news.clear()
                await self._news.wait()
        return result

    @property
    def text(self) -> str:
        """The agent's answers so far."""
        return "".join(one["content"]["text"] for one in self.kind("agent_message_chunk"))

    def kind(self, name: str) -> list[Json]:
        """The updates of a kind."""
        return [one for one in self.updates if one["sessionUpdate"] == name]

    def got(self, name: str) -> Any:
        """What the scripted agent says that it got."""
        for line in self.text.splitlines():
            if line.startswith(f"{name} = "):
                return json.loads(line.removeprefix(f"{name} = "))
        raise AssertionError(f"nothing called {name} in {self.text!r}")

    def titles(self) -> list[str]:
        """What was asked for, the start of the agent left out."""
        return [
            one["call"]["title"] for one in self.asked if "actor.py" not in one["call"]["title"]
        ]


def script(house: House, **parts: Any) -> Path:
    """The script of a scripted agent, as a file of the house; the same script, the same file."""
    text = json.dumps(parts)
    path = house.base / f"script-{abs(hash(text))}.json"
    path.write_text(text)
    return path


def command(house: House, **parts: Any) -> list[str]:
    """The arguments of ``zeke acp`` for a scripted agent."""
    return ["--", sys.executable, str(ACTOR), str(script(house, **parts))]


@asynccontextmanager
async def editor(
    house: House, person: Person, *arguments: str, capabilities: Mapping[str, Any] | None = None
) -> AsyncIterator[ClientSideConnection]:
    """The SDK's client, connected to ``zeke acp`` and greeted; the broker runs already."""
    await asyncio.to_thread(house.start)
    async with house.piped("acp", *arguments) as (reader, writer):
        connection = ClientSideConnection(
            cast(Any, person),
            writer,
            reader,
            use_unstable_protocol=True,
            observers=[person.seen],
        )
        try:
            await _greet(connection, capabilities)
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def program(
    house: House, person: Person, *arguments: str, capabilities: Mapping[str, Any] | None = None
) -> AsyncIterator[tuple[ClientSideConnection, asyncio.subprocess.Process]]:
    """The same with an interpreter of its own, which starts the broker if there is none."""
    async with spawn_agent_process(
        cast(Any, person),
        *(sys.executable, "-m", "zeke_bridge", "acp", *arguments),
        env=house.environment,
        cwd=REPOSITORY,
        use_unstable_protocol=True,
        observers=[person.seen],
    ) as (connection, process):
        await _greet(connection, capabilities)
        yield connection, process


async def _greet(connection: ClientSideConnection, capabilities: Mapping[str, Any] | None) -> None:
    offered = schema.ClientCapabilities.model_validate(capabilities or {})
    await connection.initialize(protocol_version=1, client_capabilities=offered)


def words(text: str) -> list[Any]:
    """A prompt of one text."""
    return [schema.TextContentBlock(type="text", text=text)]


def refusal() -> RequestError:
    """What a client says that cannot show a dialog."""
    return RequestError.method_not_found("session/request_permission")
