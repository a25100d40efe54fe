"""What a client of ``zeke mcp`` is told of a Neovim, and what it may have shown and changed there.

Everything is asked in that client's name, in the Neovim that has the project open, before anything
is told. The name is what the client calls itself: it says whom a person trusts, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from zeke_bridge.agents.effects import FileText, Written
from zeke_bridge.agents.loop.matching import edited
from zeke_bridge.broker.agents.approved import Approved
from zeke_bridge.broker.agents.knowing import Knowing, listed
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.reading import read, shown
from zeke_bridge.broker.agents.writing import Writing
from zeke_bridge.broker.editors import Editors
from zeke_bridge.model.action import Op, Subject
from zeke_bridge.model.errors import DeniedError, InputError
from zeke_bridge.warden.escape import escape, shorten
from zeke_bridge.warden.form import path_problem

MOST_TEXT = 1024 * 1024
"""Characters that may be proposed for one file."""
MOST_BUFFERS = 200
_MOST_NAME = 60
_KEPT_HERE = (
    "This project's consent file keeps its text on this machine, and what an MCP client sends "
    "where cannot be seen."
)


class Serving:
    """One client in one project."""

    def __init__(self, editors: Editors, root: str, client: str) -> None:
        """Raises ``InputError`` when no Neovim has the project open, and ``DeniedError``."""
        editor = editors.neovim(root)
        if editor is None:
            raise InputError(
                f"No Neovim has {escape(root)} open with Zeke: open it there and say `:ZekeStatus` "
                "once, or start `zeke mcp` with `--project DIRECTORY`."
            )
        if editor.keeps_here(root):
            raise DeniedError(_KEPT_HERE)
        # It is shown and kept, and no more than a name: what is unseen in it is not part of it.
        seen = "".join(char if char.isprintable() else "?" for char in client.strip())
        name = seen[:_MOST_NAME] or "unnamed"
        self._editor = editor
        subject = Subject("mcp", name)
        self._owner = Owner(editor, root, subject, name, "", lambda _: None, editor.seen)

    async def buffers(self) -> Mapping[str, Any]:
        """The files that are open, those of the project that may be read without a question."""
        owner = self._owner
        found = listed(await self._editor.asking.ask("buffers", {}), "buffers")
        named = {name: one for one in found if (name := self._inside(one.get("path")))}
        told = await self._editor.open_names(owner.root, list(named), owner.subject)
        if told:
            await self._editor.record_names(owner.root, len(told), 0, owner.subject)
        buffers = [_buffer(name, named[name]) for name in told[:MOST_BUFFERS]]
        return {"project": owner.root, "buffers": buffers, "not_shown": len(found) - len(buffers)}

    async def text(self, path: str) -> Mapping[str, Any]:
        """A file as Neovim has it: what is not saved yet comes before what is on disk."""
        return {"path": self._owner.shown(path), "text": await read(self._owner, path)}

    async def selection(self) -> Mapping[str, Any]:
        """What was selected last, with its place."""
        said = await self._editor.asking.ask("selection", {})
        match said:
            case {"path": str(path), "first": int(first), "last": int(last), "text": str(text)}:
                shown(self._owner, path)
                await self._may_read(path, result="selection shown to the client")
                place = {"first_line": first, "last_line": last}
                return {"path": self._owner.shown(path), **place, "text": text}
            case _:
                raise InputError("Neovim did not say what is selected.")

    async def diagnostics(self, path: str) -> Mapping[str, Any]:
        """Of one file, or of all that may be read without a question; a line each."""
        return {"diagnostics": await Knowing(self._owner).diagnostics(path)}

    async def open(self, path: str, line: int) -> Mapping[str, Any]:
        """Show a place in a file to the person."""
        note = f"It wants to show you line {line} of this file."
        absolute = await self._may_read(path, result="opened in the editor", note=note)
        said = await self._editor.asking.ask("open", {"path": absolute, "line": line})
        there = said.get("line") if isinstance(said, Mapping) else None
        # A file may be shorter than the client thinks.
        shown = there if isinstance(there, int) else line
        return {"opened": self._owner.shown(path), "line": shown}

    async def propose(
        self, path: str, text: str | None, edits: Sequence[tuple[str, str]]
    ) -> Mapping[str, Any]:
        """Have a file hold ``text``, or its own with ``edits``; what the review made of that."""
        owner = self._owner
        if (text is None) == (not edits):
            raise InputError("Give either the whole text of the file or edits of it.")
        wanted = text if text is not None else edited(await read(owner, path), edits)
        if len(wanted) > MOST_TEXT:
            raise InputError("The text is over 1 MiB; that is too much to look at.")
        (written,) = await Writing(owner, Approved()).write([FileText(path, wanted)])
        return _outcome(written)

    async def _may_read(self, path: str, *, result: str, note: str = "") -> str:
        """The file that is meant, once it may be read. Raises ``ConsentError``."""
        action = self._owner.action(Op.READ, path, note=note)
        permit = await self._editor.authorize(action, result=result)
        target = permit.facts.target
        return target.absolute if target is not None else self._owner.absolute(path)

    def _inside(self, path: Any) -> str:
        """A path from the root; empty where it is of no file of this project."""
        owner = self._owner
        if not isinstance(path, str) or path_problem(path):
            return ""
        inside = self._editor.projects.inside(owner.root, path)
        return inside if inside and self._editor.projects.belongs(owner.root, inside) else ""


def _buffer(name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    lines = entry.get("lines")
    return {
        "path": escape(name),
        "lines": lines if isinstance(lines, int) else 0,
        "filetype": shorten(str(entry.get("filetype", "")), 40),
        "modified": entry.get("modified") is True,
        "current": entry.get("current") is True,
    }


def _outcome(written: Written) -> Mapping[str, Any]:
    return {
        "path": written.path,
        "state": written.state,
        "words": written.words,
        "added": written.added,
        "removed": written.removed,
    }
