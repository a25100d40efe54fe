"""MCP servers in processes of their own, with nobody to ask but what a test says."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.child import RealChild
from tests.fakes.effects import FakeEffects
from zeke_bridge.agents.agent import Question, Reply
from zeke_bridge.agents.child import Child, Launch
from zeke_bridge.agents.loop.kit import ForeignTool
from zeke_bridge.agents.mcp.servers import Servers, Wanted
from zeke_bridge.model.errors import DeniedError

HERE = Path(__file__).parent


class Stall:
    """Servers of a person: what was started, what they were told, who is asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.effects = FakeEffects(root)
        self.launched: list[Launch] = []
        self.children: list[RealChild] = []
        self.started = asyncio.Event()
        self.told: list[str] = []
        self.questions: list[Question] = []
        self.reply = Reply("decline")
        self.denied = False
        self.servers = Servers([], self.told.append)

    async def _start(self, launch: Launch) -> Child:
        if self.denied:
            raise DeniedError("You said no.")
        self.launched.append(launch)
        errors = self.root / f".errors-{len(self.children)}"
        child = await RealChild.start(launch.argv, launch.cwd, os.environ, errors)
        self.children.append(child)
        self.started.set()
        return child

    async def _ask(self, question: Question) -> Reply:
        self.questions.append(question)
        return self.reply

    def wanted(self, name: str, *words: str) -> Wanted:
        argv = (sys.executable, *words)
        return Wanted(name, Launch(argv, str(self.root)), self._start)

    def good(self, name: str = "good", *words: str) -> Wanted:
        return self.wanted(name, str(HERE / "server.py"), *words)

    def hostile(self, how: str, name: str = "evil") -> Wanted:
        return self.wanted(name, str(HERE / "hostile.py"), how)

    async def tools(self, *wanted: Wanted) -> dict[str, ForeignTool]:
        """Make ``wanted`` the person's servers; what they offer."""
        self.servers = Servers(wanted, self.told.append, self._ask)
        return await self.again()

    async def again(self) -> dict[str, ForeignTool]:
        """What they offer at the next turn."""
        return {one.name: one for one in await self.servers.tools(self.effects)}

    def used(self) -> list[object]:
        """The calls that were asked about."""
        return [about for what, about in self.effects.asked if what == "use_tool"]


@pytest.fixture
async def stall(tmp_path: Path) -> AsyncIterator[Stall]:
    made = Stall(tmp_path)
    try:
        yield made
    finally:
        await made.servers.aclose()
