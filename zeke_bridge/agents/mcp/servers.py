"""The person's MCP servers as tools: started when they are first wanted, and then kept.

A server that cannot be used is said once, and its tools are absent; the others stay.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zeke_bridge.agents.child import Launch, Start
from zeke_bridge.agents.effects import Effects, ToolUse
from zeke_bridge.agents.loop.kit import ForeignTool
from zeke_bridge.model.errors import AgentError, ZekeError
from zeke_bridge.warden.escape import escape, shorten

if TYPE_CHECKING:
    from zeke_bridge.agents.mcp.definition import Definition
    from zeke_bridge.agents.mcp.questions import Ask
    from zeke_bridge.agents.mcp.server import Server

MOST = 100
"""Tools of all servers together; providers take 128, and the assistant has some of its own."""
_CHANGES = 3
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A server as the person configured it, and how it is started in their name."""

    name: str
    launch: Launch
    start: Start

    @property
    def fingerprint(self) -> str:
        """What a remembered answer holds for: the SHA-256 of how it is started."""
        return fingerprint(self.launch.argv)


def fingerprint(argv: Sequence[str]) -> str:
    """The SHA-256 of a command, as GhostWarden knows who was started by it."""
    return hashlib.sha256(json.dumps([*argv]).encode()).hexdigest()


class Servers:
    """``tell`` takes sentences for the person, ``ask`` puts a server's questions to them."""

    def __init__(
        self, wanted: Sequence[Wanted], tell: Callable[[str], None], ask: Ask | None = None
    ) -> None:
        self._wanted = {one.name: one for one in wanted}
        self._tell = tell
        self._ask = ask
        self._open: dict[str, Server] = {}
        self._said: set[str] = set()
        self._offered: dict[tuple[str, str], str] = {}
        self._looking = asyncio.Lock()

    async def tools(self, effects: Effects) -> list[ForeignTool]:
        """Those of every server as they are now, each asked of ``effects`` when it is called.

        Servers that were never tried are started. Nothing is raised but a cancellation.
        """
        if not self._wanted:
            return []
        async with self._looking:
            found = await asyncio.gather(*map(self._listed, tuple(self._wanted.values())))
        tools: dict[str, ForeignTool] = {}
        from zeke_bridge.agents.mcp.definition import called

        for one, definitions in found:
            for known in definitions:
                name = called(one.name, known.name, tools)
                if len(tools) == MOST:
                    self._say_once(f"Of the tools of MCP servers, {MOST} are offered to a model.")
                    break
                description = f"{known.description}\n(of the MCP server {escape(one.name)})"
                tools[name] = ForeignTool(
                    name, description.strip(), known.schema, self._call(one, known, effects)
                )
        return list(tools.values())

    async def aclose(self) -> None:
        """End all of them; whoever waits for one of them has to be cancelled already."""
        async with self._looking:
            self._wanted.clear()
            servers, self._open = list(self._open.values()), {}
        await asyncio.gather(*(one.aclose() for one in servers))

    async def _listed(self, one: Wanted) -> tuple[Wanted, Sequence[Definition]]:
        try:
            server = self._open.get(one.name) or await self._started(one)
            found = await server.tools()
        except ZekeError as error:
            self._say_once(
                f"The MCP server {escape(one.name)} is not there: {error.message} Zeke works on "
                "without its tools."
            )
            del self._wanted[one.name]
            await self._close(one.name)
            return one, ()
        if server.left_out:
            why = "; ".join(escape(reason) for reason in server.left_out[:_SHOWN])
            self._say_once(f"Some tools of {escape(one.name)} are left out: {why}.")
        for known in found:
            self._compare(one, known)
        return one, found

    def _compare(self, one: Wanted, known: Definition) -> None:
        """Tell of a tool that is not what it was when the model was told of it."""
        before = self._offered.get((one.name, known.name), known.sha256)
        self._offered[one.name, known.name] = known.sha256
        if before != known.sha256:
            self._tell(
                f"The MCP server {escape(one.name)} has changed its tool "
                f"{shorten(known.name, 60)} since the model was told of it."
            )

    async def _started(self, one: Wanted) -> Server:
        server = (await asyncio.to_thread(_load))(one.name, one.launch, one.start, self._ask)
        await server.open()
        self._open[one.name] = server
        return server

    async def _close(self, name: str) -> None:
        server = self._open.pop(name, None)
        if server is not None:
            await server.aclose()

    def _call(
        self, one: Wanted, known: Definition, effects: Effects
    ) -> Callable[[Mapping[str, Any]], Awaitable[str]]:
        async def call(given: Mapping[str, Any]) -> str:
            server = self._open.get(one.name)
            if server is None:
                raise AgentError(f"The MCP server {one.name} is not there any more.")
            permitted = ""
            for _ in range(_CHANGES):
                now = await self._now(server, known.name)
                if now.sha256 == permitted:
                    return await server.call(known.name, given)
                self._compare(one, now)
                await effects.use_tool(
                    ToolUse(one.name, one.fingerprint, known.name, now.sha256, given)
                )
                permitted = now.sha256
            raise AgentError(f"{known.name} changes all the time, so it was not called.")

        return call

    async def _now(self, server: Server, tool: str) -> Definition:
        """The tool as the server defines it now. Raises ``AgentError``."""
        for one in await server.tools():
            if one.name == tool:
                return one
        raise AgentError(f"The MCP server {server.name} has no tool {tool} any more.")

    def _say_once(self, sentence: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self._tell(sentence)


def _load() -> type[Server]:
    """In a thread: the SDK takes a second, and editors are served meanwhile."""
    from zeke_bridge.agents.mcp.server import Server

    return Server
