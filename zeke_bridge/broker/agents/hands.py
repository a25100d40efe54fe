"""All that one agent can do to the machine: each of it asks GhostWarden, and then does it.

One ``Hands`` belongs to one agent in one project of one editor. What is done is in the modules
beside this one; here is only who has which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zeke_bridge.agents.effects import (
    Command,
    Declared,
    FileText,
    Found,
    Program,
    Settling,
    ToolUse,
    Written,
    unheard,
)
from zeke_bridge.broker.agents.approved import Approved
from zeke_bridge.broker.agents.declared import Declarations
from zeke_bridge.broker.agents.knowing import Knowing
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.reading import read
from zeke_bridge.broker.agents.running import Programs
from zeke_bridge.broker.agents.tools import calling
from zeke_bridge.broker.agents.unmediated import Reports
from zeke_bridge.broker.agents.writing import Writing
from zeke_bridge.broker.attachments import Part
from zeke_bridge.model.errors import DeniedError
from zeke_bridge.model.task import Attachment

_KEPT_HERE = (
    "You were shown text of a project that keeps it on this machine, and what an MCP server sends "
    "where cannot be seen: its tools are not called any more."
)


class Hands:
    """The ``Effects`` of one agent."""

    def __init__(self, owner: Owner) -> None:
        approved = Approved()
        self._owner = owner
        self._writing = Writing(owner, approved)
        self._knowing = Knowing(owner)
        self._programs = Programs(owner)
        self._declarations = Declarations(owner, approved)
        self._reports = Reports(owner, approved)

    def began(self, places: Iterable[str]) -> None:
        """Note where the text of the talk so far comes from, as its person's editor knows it."""
        if self._owner.editor.keeps_here(*places):
            self._owner.seen.kept_here = True

    def mentioned(self, shown: Iterable[tuple[Attachment, Part]]) -> None:
        """Note what its person mentioned, and what became of it: unsaved files are read so too."""
        for given, part in shown:
            if given.path and part.state == "sent":
                self.began(self._owner.editor.whose(given, self._owner.root))
            whole = given.kind in ("file", "buffer") and not given.first and given.path
            # What it writes there is meant for the file's own text, and for no other.
            if whole and given.is_file and given.text is not None and part.state == "sent":
                self._owner.seen.keep(given.path, given.text)

    async def read(self, path: str) -> str:
        """See ``Effects``."""
        return await read(self._owner, path)

    async def write(
        self, files: Sequence[FileText], settled: Settling = unheard
    ) -> Sequence[Written]:
        """See ``Effects``."""
        return await self._writing.write(files, settled)

    async def names(self, path: str) -> Sequence[str]:
        """See ``Effects``."""
        return await self._knowing.names(path)

    async def search(self, pattern: str, path: str = "", *, most: int = 200) -> Sequence[Found]:
        """See ``Effects``."""
        return await self._knowing.search(pattern, path, most)

    async def start(self, command: Command) -> Program:
        """See ``Effects``."""
        return await self._programs.start(command)

    async def diagnostics(self, path: str = "") -> str:
        """See ``Effects``."""
        return await self._knowing.diagnostics(path)

    async def changes(self) -> str:
        """See ``Effects``."""
        return await self._knowing.changes()

    async def unsaved(self) -> str:
        """See ``Effects``."""
        return await self._knowing.unsaved()

    async def commits(self, most: int = 20) -> Sequence[str]:
        """See ``Effects``."""
        return await self._knowing.commits(most)

    async def declared(self, request: Declared) -> bool:
        """See ``Effects``."""
        return await self._declarations.declared(request)

    async def unmediated(self, path: str, added: int, removed: int) -> bool:
        """See ``Effects``."""
        return await self._reports.hear(path, added, removed)

    async def use_tool(self, use: ToolUse) -> None:
        """See ``Effects``."""
        if self._owner.seen.kept_here:
            raise DeniedError(_KEPT_HERE)
        await self._owner.editor.authorize(calling(self._owner, use), result="called")

    def turn_ended(self) -> None:
        """See ``Effects``."""
        self._declarations.forget()
        self._reports.turn_ended()

    async def aclose(self) -> None:
        """End its programs, and forget what was allowed ahead."""
        self._declarations.forget()
        await self._programs.aclose()
