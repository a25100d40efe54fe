"""The person's MCP servers, for the built-in assistant of one editor.

A session of the assistant has servers of its own, which may ask its person; all chats of an editor
share those of their project. They end with who has them. The SDK is loaded when there is a server
to be started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from zeke_bridge.agents.agent import Prompt, Question, Reply, Stop
from zeke_bridge.agents.child import Launch
from zeke_bridge.agents.effects import Effects
from zeke_bridge.agents.loop.assistant import Assistant
from zeke_bridge.agents.loop.kit import ForeignTool
from zeke_bridge.agents.mcp.servers import Servers, Wanted, fingerprint
from zeke_bridge.broker.agents.starting import Starting
from zeke_bridge.config.agents import OwnProgram
from zeke_bridge.model.action import Subject

if TYPE_CHECKING:
    from zeke_bridge.broker.session import Session

Ask = Callable[[Question], Awaitable[Reply]]
_KEPT_HERE = (
    "This project's consent file keeps its text on this machine, and what an MCP server sends "
    "where cannot be seen: its tools are not offered here."
)


class Foreign:
    """The servers of one editor in the project ``root``, by its settings when it was made."""

    def __init__(self, editor: Session, root: str, ask: Ask | None = None) -> None:
        self.settings: Mapping[str, OwnProgram] = editor.settings.agents.servers
        self._editor = editor
        self._root = root
        self._refused = False
        wanted = [self._wanted(name, own) for name, own in self.settings.items()]
        self._servers = Servers(wanted, self._tell, ask)

    async def tools(self, effects: Effects) -> list[ForeignTool]:
        """Their tools as they are now, for whom ``effects`` belong to; see ``Servers.tools``."""
        if not self.settings:
            return []
        if self._editor.keeps_here(self._root):
            if not self._refused:
                self._tell(_KEPT_HERE)
            self._refused = True
            return []
        return await self._servers.tools(effects)

    async def aclose(self) -> None:
        """End them."""
        await self._servers.aclose()

    def _wanted(self, name: str, own: OwnProgram) -> Wanted:
        note = "It is an MCP server of your settings: the assistant may use its tools."
        if own.title:
            note = f"{own.title}. {note}"
        launch = Launch(own.argv, self._root, own.pass_on, own.env, note, own.writes)
        subject = Subject("mcp", name, fingerprint(own.argv))
        return Wanted(name, launch, Starting(self._editor, self._root, subject))

    def _tell(self, sentence: str) -> None:
        self._editor.notify("warn", sentence)


class SharedForeign:
    """Those that the chats of one editor share, by project."""

    def __init__(self, editor: Session) -> None:
        self._editor = editor
        self._kept: dict[str, Foreign] = {}

    async def tools(self, root: str, effects: Effects) -> list[ForeignTool]:
        """The tools for a chat in ``root``; other settings are other servers."""
        kept = self._kept.get(root)
        if kept is not None and kept.settings != self._editor.settings.agents.servers:
            await self._kept.pop(root).aclose()
            kept = None
        if kept is None:
            kept = self._kept[root] = Foreign(self._editor, root)
        return await kept.tools(effects)

    async def aclose(self) -> None:
        """End all of them."""
        kept, self._kept = list(self._kept.values()), {}
        await asyncio.gather(*(one.aclose() for one in kept))


class EquippedAssistant(Assistant):
    """The built-in assistant with ``foreign`` tools, looked at anew before each turn."""

    def __init__(self, *given: Any, foreign: Foreign, effects: Effects, **named: Any) -> None:
        self._tools: list[ForeignTool] = []
        super().__init__(*given, more=self._tools, **named)
        self._foreign = foreign
        self._effects = effects

    async def prompt(self, prompt: Prompt) -> Stop:
        """See ``Agent``."""
        self._tools[:] = await self._foreign.tools(self._effects)
        return await super().prompt(prompt)

    async def aclose(self) -> None:
        """See ``Agent``."""
        await self._foreign.aclose()
        await super().aclose()
