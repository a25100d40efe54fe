"""What an agent may know of a project without opening a file: names, lines, changes, commits.

All of it is shown as far as GhostWarden would let those files be read without a question, since it
has no question about names; and it is in the audit log before it is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from zeke_bridge.agents.effects import Found
from zeke_bridge.broker.agents.owner import Owner
from zeke_bridge.broker.agents.reading import shown
from zeke_bridge.broker.attachments.diff import Diff
from zeke_bridge.broker.attachments.questions import Questions
from zeke_bridge.model.action import Op
from zeke_bridge.model.errors import DeniedError, InputError, TimedOutError
from zeke_bridge.warden.escape import shorten
from zeke_bridge.warden.form import path_problem

MOST_FOUND = 1000
MOST_PATTERN = 1000
_MOST_DIAGNOSTICS = 500
_MOST_MESSAGE = 400
_MOST_UNSAVED = 20
_UNSAVED = (
    "Not part of this, because they are changed in the editor and not saved yet: {}. read_file "
    "has them as they are now."
)
_UNKNOWN = "Whether files are changed in the editor and not saved yet is not known. {}"
_HISTORY = "Reading .git is denied or has to be asked about, so there are no commits to tell of."


class Knowing:
    """What one agent may know of its project."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner

    async def names(self, path: str) -> Sequence[str]:
        """Names of files below ``path``. Raises ``InputError`` or ``AuditError``."""
        owner = self._owner
        names = await self._open(path)
        if names:
            await owner.editor.record_names(owner.root, len(names), 0, owner.subject)
        return names

    async def search(self, pattern: str, path: str, most: int) -> Sequence[Found]:
        """Lines that match. Raises ``InputError`` or ``AuditError``."""
        from zeke_bridge.workspace.search import search

        owner = self._owner
        if not pattern or len(pattern) > MOST_PATTERN:
            raise InputError(f"A search needs a pattern of at most {MOST_PATTERN} characters.")
        names = await self._open(path)
        most = max(1, min(most, MOST_FOUND))
        hits = await asyncio.to_thread(search, owner.root, pattern, names, most)
        if hits:
            files = len({hit.path for hit in hits})
            said = f"{len(hits)} lines of {files} files"
            gate = owner.editor.services.gate
            await gate.record_shown(owner.root, said, owner.editor.consents, owner.subject)
        return [Found(hit.path, hit.line, hit.text) for hit in hits]

    async def changes(self) -> str:
        """A unified diff against the last commit. Raises ``ConsentError`` or ``InputError``."""
        owner = self._owner
        diff = Diff(owner.editor, owner.root, Questions(owner.editor), owner.subject)
        await diff.take()
        left = diff.left()
        return "\n".join((*diff.lines, f"Left out: {left}") if left else diff.lines)

    async def unsaved(self) -> str:
        """Which files have changes in the editor that are not on disk. Raises ``AuditError``."""
        owner = self._owner
        if not owner.editor.asking.answers:
            return ""
        try:
            entries = await self._unsaved()
        except (InputError, TimedOutError) as error:
            return _UNKNOWN.format(error.message)
        names = sorted({name for one in entries if (name := self._inside(one))})
        told = await owner.editor.open_names(owner.root, names, owner.subject)
        if not told:
            return ""
        await owner.editor.record_names(owner.root, len(told), 0, owner.subject)
        shown = ", ".join(map(owner.shown, told[:_MOST_UNSAVED]))
        more = len(told) - _MOST_UNSAVED
        return _UNSAVED.format(f"{shown} and {more} more" if more > 0 else shown)

    async def _unsaved(self) -> Sequence[Mapping[str, Any]]:
        """Entries with a path; what the editor has told before counts where it is silent."""
        asking = self._owner.editor.asking
        told = None if asking.unsaved is None else [{"path": path} for path in asking.unsaved]
        if asking.silent and told is not None:
            return told
        try:
            said = await asking.ask("buffers", {})
        except TimedOutError:
            if told is None:
                raise
            return told
        return [one for one in listed(said, "buffers") if one.get("modified") is True]

    async def commits(self, most: int) -> Sequence[str]:
        """Subjects of the last commits. Raises ``ConsentError``."""
        owner, editor = self._owner, self._owner.editor
        if not await editor.may_tell_history(owner.root, owner.subject):
            raise DeniedError(_HISTORY)
        found = await asyncio.to_thread(editor.projects.history, owner.root)
        told = found[: max(0, most)]
        if told:
            await editor.record_names(owner.root, 0, len(told), owner.subject)
        return told

    async def diagnostics(self, path: str) -> str:
        """What the editor's diagnostics say, a line each.

        Of one file it is asked as for reading it; of all, those that need no question are told.
        Raises ``ConsentError``, ``InputError`` or ``TimedOutError``.
        """
        owner, editor = self._owner, self._owner.editor
        params = {"path": owner.absolute(path)} if path else {}
        if path:
            used = "diagnostics shown to the agent"
            shown(owner, path)
            await editor.authorize(owner.action(Op.READ, path), result=used)
        said = await editor.asking.ask("diagnostics", params)
        entries = listed(said, "diagnostics")[:_MOST_DIAGNOSTICS]
        if path:
            return "\n".join(_line(owner.shown(path), one) for one in entries)
        named = [(name, one) for one in entries if (name := self._inside(one))]
        names = sorted({name for name, _ in named})
        known = set(await editor.open_names(owner.root, names, owner.subject))
        told = [(name, one) for name, one in named if name in known]
        if told:
            count = f"{len(told)} diagnostics of {len({name for name, _ in told})} files"
            gate = editor.services.gate
            await gate.record_shown(owner.root, count, editor.consents, owner.subject)
        return "\n".join(_line(owner.shown(name), one) for name, one in told)

    async def _open(self, path: str) -> tuple[str, ...]:
        """Those names below ``path`` that may be shown. Raises ``InputError``."""
        owner, editor = self._owner, self._owner.editor
        if path and (problem := path_problem(path)):
            raise InputError(problem)
        inside = editor.projects.inside(owner.root, owner.absolute(path))
        absolute = owner.absolute(path).rstrip("/") or "/"
        if path and not inside and absolute != owner.root:
            raise InputError(f"{owner.shown(path)} is not in the project {owner.root}.")
        listing = await asyncio.to_thread(editor.projects.listing, owner.root)
        below = f"{inside}/" if inside else ""
        names = [name for name in listing.paths if name == inside or name.startswith(below)]
        return await editor.open_names(owner.root, names, owner.subject)

    def _inside(self, entry: Mapping[str, Any]) -> str:
        """The path of an entry from the root; empty where it is of another project."""
        owner, path = self._owner, entry.get("path")
        if not isinstance(path, str) or path_problem(path):
            return ""
        projects = owner.editor.projects
        inside = projects.inside(owner.root, path)
        return inside if inside and projects.belongs(owner.root, inside) else ""


def listed(said: Any, name: str) -> list[Mapping[str, Any]]:
    """A list in an editor's answer, which is not believed to have the right form."""
    found = said.get(name) if isinstance(said, Mapping) else None
    entries: Iterable[Any] = found if isinstance(found, (list, tuple)) else ()
    return [one for one in entries if isinstance(one, Mapping)]


def _line(name: str, entry: Mapping[str, Any]) -> str:
    place = f"{name}:{entry.get('line', '?')}:{entry.get('column', '?')}"
    message = shorten(str(entry.get("message", "")), _MOST_MESSAGE)
    source = shorten(str(entry.get("source") or ""), 40)
    end = f" ({source})" if source else ""
    return f"{place}: {shorten(str(entry.get('severity', '')), 20)}: {message}{end}"
